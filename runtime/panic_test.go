package runtime_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"strings"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
)

// brittle is an error whose text can't be had, as that of a nil pointer to an
// error type that reads its fields.
type brittle struct{ text string }

func (b *brittle) Error() string { return b.text }

func TestAnErrorThatCannotBeShownEndsNothing(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	s.OnConnection(func(_ context.Context, s *socket) error {
		s.On("broken", func(context.Context, *runtime.Call) error { return (*brittle)(nil) })
		s.On("fine", onAsk(func(context.Context, string) (string, error) { return "fine", nil }))
		return nil
	})
	c := newClient(t, s).connect(t)
	if err := c.emit("broken"); err != nil {
		t.Fatal(err)
	}
	if answer, err := ask(testContext(t), c, "fine", ""); answer != "fine" || err != nil {
		t.Errorf("the next event: %q, %v", answer, err)
	}
}

func TestAMiddlewareErrorThatCannotBeShownRefuses(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	s.Use(func(context.Context, *socket) error { return (*brittle)(nil) })
	var refused *runtime.RefusedError
	if err := newClient(t, s).Connect(testContext(t)); !errors.As(err, &refused) {
		t.Errorf("Connect: %v, want a refusal", err)
	}
}

func TestAPanicInDecodingAuthRefuses(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	runtime.NewNamespace(s.base, runtime.NamespaceType[socket]{
		Name: "/panics",
		New:  func(base *runtime.Socket) *socket { return &socket{Socket: base} },
		Auth: func(*socket, *codec.Decoder) { panic("boom") },
	})
	c := runtime.NewManagedClient(runtime.NewManager(s.url, runtime.ClientOptions{}), "/panics")
	defer c.Close()
	var refused *runtime.RefusedError
	if err := c.Connect(testContext(t)); !errors.As(err, &refused) || strings.Contains(refused.Message, "boom") {
		t.Errorf("Connect: %v, want a refusal that tells nothing", err)
	}
}

func TestAPanicInTheAuthFunctionFailsConnect(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	c := newClient(t, s)
	runtime.ClientAuth(c.Client, func(context.Context) (string, error) { panic("boom") }, func(*codec.Encoder, string) {})
	var p *runtime.PanicError
	if err := c.Connect(testContext(t)); !errors.As(err, &p) {
		t.Errorf("Connect: %v, want a *PanicError", err)
	}
}

func TestAPanicInDecodingAnAckIsTheCallersError(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	sockets := make(chan *socket, 1)
	s.OnConnection(func(_ context.Context, s *socket) error {
		s.On("ask", onAsk(func(context.Context, string) (string, error) { return "", nil }))
		sockets <- s
		return nil
	})
	c := newClient(t, s)
	c.On("ask", onAsk(func(context.Context, string) (string, error) { return "", nil }))
	c.connect(t)
	boom := func(*codec.Decoder) (string, error) { panic("boom") }
	for what, to := range map[string]runtime.Caller{"client": c, "server": wait(t, sockets, "socket")} {
		var p *runtime.PanicError
		if _, err := runtime.Emit(testContext(t), to, event("ask", ""), boom); !errors.As(err, &p) || len(p.Stack) == 0 {
			t.Errorf("%s: %v, want a *PanicError with its stack", what, err)
		}
	}
	_, err := runtime.Collect(testContext(t), s.broadcast.Broadcast, event("ask", ""), boom)
	var failed *runtime.BroadcastAckError
	if !errors.As(err, &failed) || len(failed.Failed) != 1 {
		t.Errorf("broadcast: %v, want one failed answer", err)
	}
}

func TestAPanicInACatchAllForSentEventsIsReported(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	c := newClient(t, s)
	reported := make(chan error, 1)
	c.OnError(func(_ context.Context, event string, err error) { reported <- err })
	c.OnAnyOutgoing(func(string, runtime.Any) { panic("boom") })
	c.connect(t)
	if err := c.emit("x"); err != nil {
		t.Errorf("Emit: %v", err)
	}
	var p *runtime.PanicError
	if err := wait(t, reported, "report"); !errors.As(err, &p) {
		t.Errorf("reported: %v, want a *PanicError", err)
	}
}

func TestAPanicInEncodingADeclaredErrorIsReported(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	reported := make(chan error, 1)
	s.OnError(func(_ context.Context, _ *socket, _ string, err error) { reported <- err })
	s.OnConnection(func(_ context.Context, s *socket) error {
		s.On("declared", func(_ context.Context, call *runtime.Call) error {
			call.Declare(func(*codec.Encoder, error) bool { panic("boom") })
			return failure("no")
		})
		return nil
	})
	c := newClient(t, s).connect(t)
	ctx, stop := context.WithCancel(testContext(t))
	defer stop()
	go func() { _, _ = ask(ctx, c, "declared") }()
	var p *runtime.PanicError
	if err := wait(t, reported, "report"); !errors.As(err, &p) || !errors.Is(err, failure("no")) {
		t.Errorf("reported: %v, want the error and a *PanicError", err)
	}
}

func TestAHandlerThatEndsItsGoroutineEndsNothingElse(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	reported := make(chan error, 1)
	s.OnError(func(_ context.Context, _ *socket, _ string, err error) { reported <- err })
	gone := make(chan runtime.DisconnectReason, 1)
	s.OnConnection(func(_ context.Context, s *socket) error {
		s.On("exit", func(context.Context, *runtime.Call) error { goruntime.Goexit(); return nil })
		s.On("fine", onAsk(func(context.Context, string) (string, error) { return "fine", nil }))
		s.OnDisconnect(func(_ context.Context, r runtime.DisconnectReason) { gone <- r })
		return nil
	})
	c := newClient(t, s).connect(t)
	if err := c.emit("exit"); err != nil {
		t.Fatal(err)
	}
	if answer, err := ask(testContext(t), c, "fine", ""); answer != "fine" || err != nil {
		t.Errorf("the next event: %q, %v", answer, err)
	}
	if err := c.Disconnect(); err != nil {
		t.Fatal(err)
	}
	wait(t, gone, "OnDisconnect")
}
