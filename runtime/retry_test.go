package runtime_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
)

func TestRetriedEventsReachHandlersThatFailAtFirst(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	var tries atomic.Int32
	flaky := func() error {
		if tries.Add(1)%3 != 0 {
			return errors.New("not yet")
		}
		return nil
	}
	told := make(chan string, 10)
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.AsListener().On("tell", onString(func(_ context.Context, arg string) error {
			err := flaky()
			if err == nil {
				told <- arg
			}
			return err
		}))
		sock.AsListener().On("ask", onAsk(func(_ context.Context, arg string) (string, error) { return "re: " + arg, flaky() }))
		return nil
	})
	c := newClientAt(t, s.url, runtime.ClientOptions{Retries: 5, AckTimeout: 30 * time.Millisecond})
	failed := make(chan error, 10)
	c.OnError(func(_ context.Context, _ string, err error) { failed <- err })
	c.connect(t)
	if err := c.emit("tell", "a"); err != nil {
		t.Fatal(err)
	}
	answer, err := ask(context.Background(), c, "ask", "b")
	if err != nil || answer != "re: b" {
		t.Errorf("ask: %q, %v", answer, err)
	}
	if got := wait(t, told, "event"); got != "a" {
		t.Errorf("told %q", got)
	}
	if n := tries.Load(); n < 6 {
		t.Errorf("%d tries", n)
	}
	if len(failed) > 0 {
		t.Errorf("reported: %v", <-failed)
	}
}

func TestRetriesThatAreUsedUpAreReported(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	c := newClientAt(t, s.url, runtime.ClientOptions{Retries: 2, AckTimeout: 10 * time.Millisecond})
	type report struct {
		event string
		err   error
	}
	reports := make(chan report, 1)
	c.OnError(func(_ context.Context, event string, err error) { reports <- report{event, err} })
	c.connect(t)
	check := func(what string, err error) {
		t.Helper()
		used, ok := errors.AsType[*runtime.AckTimeoutError](err)
		if !ok || used.Tries != 3 || used.Event != what || !used.Timeout() || used.After < 30*time.Millisecond {
			t.Errorf("%s: got %+v, want an *AckTimeoutError after 3 tries", what, err)
		}
	}
	if err := c.emit("nobody", "listens"); err != nil {
		t.Fatal(err)
	}
	r := wait(t, reports, "report")
	check("nobody", r.err)
	if r.event != "nobody" {
		t.Errorf("reported for %q", r.event)
	}
	_, err := ask(context.Background(), c, "nobody answers")
	check("nobody answers", err)

	ctx, stop := context.WithTimeout(t.Context(), time.Millisecond)
	defer stop()
	if _, err := ask(ctx, c, "hurry"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the context ends first: %v", err)
	}
	if err := c.emit("late", ""); err != nil {
		t.Fatal(err)
	}
	if err := c.Disconnect(); err != nil {
		t.Fatal(err)
	}
	if r := wait(t, reports, "report"); r.event != "late" || !errors.Is(r.err, runtime.ErrClosed) {
		t.Errorf("after Disconnect: %s, %v, want an error wrapping ErrClosed", r.event, r.err)
	}
}
