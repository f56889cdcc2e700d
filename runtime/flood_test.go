package runtime_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/internal/loglimit"
	"github.com/siogen/siogen/runtime/metrics"
)

// A peer whose payloads are all wrong can't flood the log; how often it happened is
// told at the end, and by the metrics.
func TestPeersDoNotFloodTheLog(t *testing.T) {
	const events = 500
	var out bytes.Buffer
	r := newRecorder()
	s := newServer(t, runtime.ServerOptions{Metrics: r, Logger: slog.New(slog.NewTextHandler(&syncWriter{w: &out}, nil))})
	s.OnConnection(func(_ context.Context, s *socket) error {
		s.On("ask", onAsk(func(_ context.Context, v string) (string, error) { return v, nil }))
		s.On("x", onString(func(context.Context, string) error { return nil }))
		return nil
	})
	c := newClient(t, s).connect(t)
	for range events {
		if err := c.Send(event("x")); err != nil { // the argument is missing
			t.Fatal(err)
		}
	}
	if _, err := ask(testContext(t), c, "ask", ""); err != nil {
		t.Fatal(err)
	}
	if err := s.base.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "invalid payload"); n > loglimit.Lines+1 {
		t.Errorf("%d lines for %d events", n, events)
	}
	if !strings.Contains(out.String(), "suppressed=480") {
		t.Errorf("what was left out is not told:\n%s", out.String())
	}
	if n := r.value(metrics.HandlerErrors, metrics.Labels{"/", "x", "invalid"}); n != events {
		t.Errorf("%d invalid events were counted, want %d", n, events)
	}
}
