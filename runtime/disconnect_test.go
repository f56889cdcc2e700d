package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
)

func TestEventsOfASocketThatIsTurnedAwayReachNoHandler(t *testing.T) {
	tests := []struct {
		name  string
		leave func(s *server, sock *socket) error
	}{
		{"connection handler fails", func(*server, *socket) error { return errors.New("no") }},
		{"connection handler panics", func(*server, *socket) error { panic("no") }},
		{"Disconnect", func(_ *server, sock *socket) error { sock.Disconnect(false); return nil }},
		{"Disconnect of the whole connection", func(_ *server, sock *socket) error { sock.Disconnect(true); return nil }},
		{"DisconnectSockets", func(s *server, _ *socket) error { return s.DisconnectSockets(false) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, runtime.ServerOptions{})
			s.OnError(func(context.Context, *socket, string, error) {})
			queued, handled, gone := make(chan struct{}), make(chan struct{}, 10), make(chan struct{})
			s.OnConnection(func(_ context.Context, sock *socket) error {
				sock.OnDisconnect(func(context.Context, runtime.DisconnectReason) { close(gone) })
				wait(t, queued, "event")
				return test.leave(s, sock)
			})
			s.HandleEvents(map[string]func(context.Context, *socket, *runtime.Call) error{
				"event": func(context.Context, *socket, *runtime.Call) error { handled <- struct{}{}; return nil },
			})
			c := newClientAt(t, s.url, runtime.ClientOptions{NoReconnection: true}).connect(t)
			for range 5 {
				if err := c.emit("event"); err != nil {
					t.Fatal(err)
				}
			}
			close(queued)
			wait(t, gone, "OnDisconnect")
			if len(handled) > 0 {
				t.Errorf("%d events were handled", len(handled))
			}
		})
	}
}

func TestNothingIsSentOnceTheContextHasEnded(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	sockets, got := make(chan *socket, 1), make(chan string, 10)
	s.OnConnection(func(_ context.Context, sock *socket) error { sockets <- sock; return nil })
	c := newClient(t, s)
	c.On("ask", onAsk(func(_ context.Context, arg string) (string, error) { got <- arg; return arg, nil }))
	c.connect(t)
	sock := wait(t, sockets, "socket")

	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := ask(ctx, sock, "ask", "late"); !errors.Is(err, context.Canceled) {
		t.Errorf("Emit: %v", err)
	}
	if _, err := runtime.Collect(ctx, s.broadcast.Broadcast, event("ask", "late"), oneString); !errors.Is(err, context.Canceled) {
		t.Errorf("Collect: %v", err)
	}
	expired, stop := context.WithTimeout(context.Background(), -1)
	defer stop()
	var timeout *runtime.AckTimeoutError
	if _, err := ask(expired, sock, "ask", "late"); !errors.As(err, &timeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Emit: %v", err)
	}
	if _, err := ask(testContext(t), sock, "ask", "in time"); err != nil {
		t.Fatal(err)
	}
	if arg := wait(t, got, "event"); arg != "in time" {
		t.Errorf("the client got %q", arg)
	}
}

func TestABroadcastWithAcksEndsWithTheServer(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	connected := make(chan struct{})
	s.OnConnection(func(context.Context, *socket) error { close(connected); return nil })
	newClientAt(t, s.url, runtime.ClientOptions{NoReconnection: true}).connect(t) // answers nothing
	wait(t, connected, "socket")
	result := make(chan error, 1)
	go func() {
		_, err := runtime.Collect(context.Background(), s.broadcast.Timeout(time.Hour).Broadcast, event("ask"), oneString)
		result <- err
	}()
	if err := s.base.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	var missing *runtime.BroadcastAckError
	if err := wait(t, result, "end of the broadcast"); err != nil && !errors.As(err, &missing) {
		t.Errorf("Collect: %v", err)
	}
}

func TestHooksMayBeSetAtAnyTime(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	s.OnConnection(func(_ context.Context, sock *socket) error {
		for range 100 {
			if err := errors.Join(sock.emit("fails"), sock.emit("invalid")); err != nil {
				return err
			}
		}
		return sock.emit("end")
	})
	c := newClient(t, s)
	end := make(chan struct{})
	c.On("fails", func(context.Context, *runtime.Call) error { return errors.New("no") })
	c.On("invalid", onString(func(context.Context, string) error { return nil }))
	c.On("end", func(context.Context, *runtime.Call) error { close(end); return nil })
	connected := make(chan error, 1)
	go func() { connected <- c.Connect(testContext(t)) }()
	for ended := false; !ended; {
		c.OnError(func(context.Context, string, error) {})
		c.OnInvalid(func(context.Context, *runtime.DecodeError) error { return nil })
		c.OnConnect(func(context.Context) {})
		c.authenticate("secret")
		select {
		case <-end:
			ended = true
		default:
		}
	}
	if err := wait(t, connected, "connection"); err != nil {
		t.Fatal(err)
	}
}

func TestHooksOfReconnection(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	p := newPipe(t, s.url)
	c := newClientAt(t, p.url, runtime.ClientOptions{ReconnectionDelay: time.Millisecond, ReconnectionDelayMax: time.Millisecond})
	calls := make(chan string, 100)
	c.OnConnect(func(context.Context) { calls <- "connect" })
	c.OnReconnectAttempt(func(_ context.Context, n int) { calls <- fmt.Sprintf("attempt %d", n) })
	c.OnReconnect(func(_ context.Context, n int) { calls <- fmt.Sprintf("reconnect %d", n) })
	c.OnConnectError(func(context.Context, error) { calls <- "error" })
	c.OnReconnectFailed(func(context.Context) { calls <- "failed" })
	c.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) {
		calls <- fmt.Sprintf("disconnect %s, active %v", reason, c.Active())
	})
	if c.Active() {
		t.Error("active before Connect")
	}
	c.connect(t)
	p.cut()
	for _, want := range []string{"connect", "disconnect transport close, active true", "attempt 1", "connect", "reconnect 1"} {
		if got := wait(t, calls, want); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	if !c.Active() {
		t.Error("not active while connected")
	}
	if err := s.DisconnectSockets(false); err != nil {
		t.Fatal(err)
	}
	if got, want := wait(t, calls, "end"), "disconnect io server disconnect, active false"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	c.connect(t) // is no reconnection
	if got := wait(t, calls, "connect"); got != "connect" || len(calls) > 0 {
		t.Errorf("got %q and %d more", got, len(calls))
	}
}
