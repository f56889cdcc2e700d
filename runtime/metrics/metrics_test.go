package metrics_test

import (
	"regexp"
	"sync"
	"testing"

	"github.com/siogen/siogen/runtime/metrics"
)

// Every metric is described, and no two have the same name.
func TestEveryMetricIsDescribed(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(\.[a-z]+)*$`)
	seen := map[string]bool{}
	for _, m := range metrics.All() {
		info := m.Info()
		switch {
		case !name.MatchString(info.Name), info.Help == "", info.Unit == "", len(info.Labels) > len(metrics.Labels{}):
			t.Errorf("metric %d is described as %+v", m, info)
		case seen[info.Name]:
			t.Errorf("two metrics are called %s", info.Name)
		}
		seen[info.Name] = true
	}
	if len(seen) < 20 {
		t.Errorf("only %d metrics", len(seen))
	}
}

func TestReason(t *testing.T) {
	if got := metrics.Reason("ping timeout"); got != "ping timeout" {
		t.Errorf("a reason of the protocol is %q", got)
	}
	if got := metrics.Reason("whatever"); got != metrics.Other {
		t.Errorf("any other is %q", got)
	}
}

// Whoever asks for the same series gets the same, and it is made once.
func TestSeriesAreMadeOnce(t *testing.T) {
	var mu sync.Mutex
	made := map[string]int{}
	s := metrics.Series[*int]{New: func(_ metrics.Metric, l metrics.Labels) *int {
		mu.Lock()
		defer mu.Unlock()
		made[l[0]]++
		return new(int)
	}}
	names := []string{"a", "b", "c", "d"}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, name := range names {
				l := metrics.Labels{name}
				first := s.Get(metrics.Sockets, l)
				if again := s.Get(metrics.Sockets, l); again != first {
					t.Error("two for the same labels")
				}
			}
		})
	}
	all.Wait()
	for _, name := range names {
		if made[name] != 1 {
			t.Errorf("%s was made %d times", name, made[name])
		}
	}
	if n := testing.AllocsPerRun(1000, func() { s.Get(metrics.Sockets, metrics.Labels{"a"}) }); n != 0 {
		t.Errorf("getting a series that is there allocates %v times", n)
	}
}
