package runtime_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
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

// waitForMore waits until a value is larger than before, and returns it: what is sent
// is counted when it has been sent, and the peer may have it earlier.
func (r *recorder) waitForMore(t *testing.T, m metrics.Metric, l metrics.Labels, before int64) int64 {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if v := r.value(m, l); v > before {
			return v
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s stays %d", m.Info().Name, before)
		}
	}
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
}

// Bytes are those of the messages, by the transport that they came or went by.
func TestMetricsOfBytes(t *testing.T) {
	for _, transport := range []string{"polling", "websocket"} {
		t.Run(transport, func(t *testing.T) {
			r := newRecorder()
			s := newServer(t, runtime.ServerOptions{Metrics: r})
			s.OnConnection(func(_ context.Context, s *socket) error {
				s.On("ask", onAsk(func(_ context.Context, v string) (string, error) { return v + v, nil }))
				return nil
			})
			c := newClientAt(t, s.url, runtime.ClientOptions{Dial: engineio.DialOptions{Transports: []string{transport}}}).connect(t)
			in := r.value(metrics.ReceivedBytes, metrics.Labels{transport})
			out := r.waitForMore(t, metrics.SentBytes, metrics.Labels{transport}, 0)
			if want := int64(len(`0{"token":"secret"}`)); in != want {
				t.Errorf("%d bytes received with CONNECT, want %d", in, want)
			}
			if _, err := ask(testContext(t), c, "ask", "xyz"); err != nil {
				t.Fatal(err)
			}
			in = r.value(metrics.ReceivedBytes, metrics.Labels{transport}) - in
			out = r.waitForMore(t, metrics.SentBytes, metrics.Labels{transport}, out) - out
			if want := int64(len(`20["ask","xyz"]`)); in != want {
				t.Errorf("%d bytes received, want %d", in, want)
			}
			if want := int64(len(`30["xyzxyz"]`)); out != want {
				t.Errorf("%d bytes sent, want %d", out, want)
			}
		})
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
	if n := r.values[metrics.SocketsConnected][metrics.Labels{"/dynamic"}]; n != 20 {
		t.Errorf("%d sockets of dynamic namespaces were counted, want 20", n)
	}
	if n := r.values[metrics.EventsReceived][metrics.Labels{"/", metrics.Other}]; n < metricstest.HostileEvents {
		t.Errorf("%d events that nobody handles were counted, want %d", n, metricstest.HostileEvents)
	}
}
