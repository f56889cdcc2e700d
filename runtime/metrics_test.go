package runtime_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/siogen/siogen/runtime/internal/metricstest"
	"github.com/siogen/siogen/runtime/metrics"
)

// recorder is a metrics.Recorder that a test can look into.
type recorder struct {
	mu       sync.Mutex
	values   map[metrics.Metric]map[metrics.Labels]int64
	observed map[metrics.Labels]int
}

func newRecorder() *recorder {
	return &recorder{values: map[metrics.Metric]map[metrics.Labels]int64{}, observed: map[metrics.Labels]int{}}
}

func (r *recorder) Add(m metrics.Metric, n int64, l metrics.Labels) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.values[m] == nil {
		r.values[m] = map[metrics.Labels]int64{}
	}
	r.values[m][l] += n
}

func (r *recorder) Observe(_ metrics.Metric, _ float64, l metrics.Labels) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.observed[l]++
}

func (r *recorder) value(m metrics.Metric, l metrics.Labels) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.values[m][l]
}

// What a server does is counted, once each.
func TestMetrics(t *testing.T) {
	r := newRecorder()
	metricstest.Drive(t, r)
	r.mu.Lock()
	defer r.mu.Unlock()
	for m, want := range metricstest.Want() {
		for l, n := range want {
			if got := r.values[m][l]; got != n {
				t.Errorf("%s%q is %d, want %d", m.Info().Name, l, got, n)
			}
		}
		for l, n := range r.values[m] {
			if _, expected := want[l]; !expected {
				t.Errorf("%s%q is %d, want none", m.Info().Name, l, n)
			}
		}
	}
	if n := r.observed[metrics.Labels{"/", "ask"}]; n != 3 {
		t.Errorf("the duration of the handler was observed %d times, want 3", n)
	}
	for _, m := range []metrics.Metric{metrics.ReceivedBytes, metrics.SentBytes} {
		for _, transport := range []string{"polling", "websocket"} {
			if r.values[m][metrics.Labels{transport}] == 0 {
				t.Errorf("%s counts nothing by %s", m.Info().Name, transport)
			}
		}
	}
}

// A peer can't make label values: whatever it sends, the series are those of the
// schema and of the protocol.
func TestPeersMakeNoLabels(t *testing.T) {
	r := newRecorder()
	metricstest.DriveHostile(t, r)
	r.mu.Lock()
	defer r.mu.Unlock()
	series := 0
	for m, values := range r.values {
		for l := range values {
			series++
			for _, label := range l {
				if strings.Contains(label, metricstest.Hostile) {
					t.Errorf("%s has the label %q", m.Info().Name, label)
				}
			}
		}
	}
	if series == 0 || series > 40 {
		t.Errorf("%d series", series)
	}
	if n := r.values[metrics.EventsReceived][metrics.Labels{"/", metrics.Other}]; n < metricstest.HostileEvents {
		t.Errorf("%d events that nobody handles were counted, want %d", n, metricstest.HostileEvents)
	}
}
