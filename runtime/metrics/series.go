package metrics

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Series keeps what an implementation of Recorder makes for each metric with its
// labels, so that it is made once. Getting what is there takes no lock and
// allocates nothing.
type Series[T any] struct {
	// New makes what is kept. It is called once for each metric and labels.
	New func(m Metric, l Labels) T

	mu   sync.Mutex // held while something is added
	made atomic.Pointer[map[seriesKey]T]
}

type seriesKey struct {
	m Metric
	l Labels
}

// Get returns what was made for a metric and labels.
func (s *Series[T]) Get(m Metric, l Labels) T {
	key := seriesKey{m, l}
	if made := s.made.Load(); made != nil {
		if v, ok := (*made)[key]; ok {
			return v
		}
	}
	return s.add(key)
}

func (s *Series[T]) add(key seriesKey) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	var next map[seriesKey]T
	if made := s.made.Load(); made == nil {
		next = make(map[seriesKey]T)
	} else if v, ok := (*made)[key]; ok {
		return v
	} else {
		next = maps.Clone(*made)
	}
	v := s.New(key.m, key.l)
	next[key] = v
	s.made.Store(&next)
	return v
}
