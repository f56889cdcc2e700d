package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
)

// newManaged returns a manager of s, closed by the test, and its client of "/".
func newManaged(s *server) (*runtime.Manager, *client) {
	m := runtime.NewManager(s.url, runtime.ClientOptions{Logger: slog.New(slog.DiscardHandler)})
	base := runtime.NewManagedClient(m, "/")
	c := &client{emitter{base.AsTarget()}, base}
	c.authenticate("secret")
	return m, c
}

func TestAHandlerMayCloseItsClient(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	s.OnConnection(func(_ context.Context, sock *socket) error { return sock.emit("go") })
	for _, from := range []string{"a hook", "a handler", "a hook, twice", "the end"} {
		t.Run(from, func(t *testing.T) {
			m, c := newManaged(s)
			closed := make(chan error, 2)
			end := func() { closed <- c.Close() }
			switch from {
			case "a hook":
				c.OnConnect(func(context.Context) { end() })
			case "a handler":
				c.AsListener().On("go", func(context.Context, *runtime.Call) error { end(); return nil })
			case "a hook, twice":
				c.OnConnect(func(context.Context) {
					end()
					end()
				})
			case "the end":
				c.OnDisconnect(func(context.Context, runtime.DisconnectReason) { end() })
				c.OnConnect(func(context.Context) {
					if err := c.Disconnect(); err != nil {
						t.Error(err)
					}
				})
			}
			if err := c.Connect(testContext(t)); err != nil && !errors.Is(err, runtime.ErrClosed) {
				t.Fatal(err)
			}
			if err := wait(t, closed, "end of Close"); err != nil {
				t.Errorf("Close in %s: %v", from, err)
			}
			if err := m.Close(testContext(t)); err != nil {
				t.Errorf("Close after it: %v", err)
			}
		})
	}
}

// Two namespaces whose handlers close the connection at once do not wait for each
// other.
func TestTwoHandlersMayCloseAtOnce(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	runtime.NewNamespace(s.base, runtime.NamespaceType[socket]{
		Name: "/other",
		New: func(base *runtime.Socket) *socket {
			return &socket{Socket: base, emitter: emitter{base.AsTarget()}}
		},
	})
	m, c := newManaged(s)
	other := runtime.NewManagedClient(m, "/other")
	both := new(sync.WaitGroup)
	both.Add(2)
	closed := make(chan error, 2)
	for _, c := range []*runtime.Client{c.Client, other} {
		c.OnConnect(func(context.Context) {
			both.Done()
			both.Wait()
			closed <- c.Close()
		})
	}
	for _, c := range []*runtime.Client{c.Client, other} {
		if err := c.Connect(testContext(t)); err != nil && !errors.Is(err, runtime.ErrClosed) {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := wait(t, closed, "end of Close"); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if err := m.Close(testContext(t)); err != nil {
		t.Errorf("Close after it: %v", err)
	}
}

// Close waits for the handlers that don't call it.
func TestCloseInAHandlerWaitsForTheOthers(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	m, c := newManaged(s)
	runtime.NewNamespace(s.base, runtime.NamespaceType[socket]{
		Name: "/other",
		New: func(base *runtime.Socket) *socket {
			return &socket{Socket: base, emitter: emitter{base.AsTarget()}}
		},
	})
	other := runtime.NewManagedClient(m, "/other")
	entered, ended := make(chan struct{}), make(chan struct{})
	other.OnConnect(func(ctx context.Context) {
		close(entered)
		<-ctx.Done()
		time.Sleep(20 * time.Millisecond)
		close(ended)
	})
	closed := make(chan error, 1)
	c.OnConnect(func(context.Context) {
		<-entered
		err := c.Close()
		select {
		case <-ended:
		default:
			err = errors.New("the other handler still runs")
		}
		closed <- err
	})
	if err := errors.Join(other.Connect(testContext(t)), c.Connect(testContext(t))); err != nil {
		t.Fatal(err)
	}
	if err := wait(t, closed, "end of Close"); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := m.Close(testContext(t)); err != nil {
		t.Errorf("Close after it: %v", err)
	}
}

func TestTheAuthFunctionMayCloseItsClient(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	m, c := newManaged(s)
	closed := make(chan error, 1)
	runtime.ClientAuth(c.Client, func(context.Context) (string, error) {
		closed <- c.Close()
		return "", nil
	}, func(*codec.Encoder, string) {})
	if err := c.Connect(testContext(t)); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("Connect: %v", err)
	}
	if err := wait(t, closed, "end of Close"); err != nil {
		t.Errorf("Close in the auth function: %v", err)
	}
	if err := m.Close(testContext(t)); err != nil {
		t.Errorf("Close after it: %v", err)
	}
}

func TestServerCloseInAHandlerEndsWithItsContext(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	closed := make(chan error, 1)
	s.OnConnection(func(context.Context, *socket) error {
		ctx, stop := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer stop()
		closed <- s.base.Close(ctx)
		return nil
	})
	newClientAt(t, s.url, runtime.ClientOptions{NoReconnection: true}).connect(t)
	if err := wait(t, closed, "end of Close"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close: %v", err)
	}
}

func TestAfterClose(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	sockets := make(chan *socket, 1)
	s.OnConnection(func(_ context.Context, sock *socket) error { sockets <- sock; return nil })
	c := newClient(t, s).connect(t)
	sock := wait(t, sockets, "socket")
	if err := errors.Join(c.Close(), c.Close(), s.base.Close(testContext(t)), s.base.Close(testContext(t))); err != nil {
		t.Fatalf("Close: %v", err)
	}
	calls := map[string]error{
		"client emit":    c.emit("x"),
		"client connect": c.Connect(testContext(t)),
		"server emit":    sock.emit("x"),
	}
	_, calls["client ask"] = ask(testContext(t), c, "x")
	_, calls["server ask"] = ask(testContext(t), sock, "x")
	for what, err := range calls {
		if !errors.Is(err, runtime.ErrClosed) {
			t.Errorf("%s: %v, want an error wrapping ErrClosed", what, err)
		}
	}
	sock.Join("a")
	sock.Leave("a")
	sock.Disconnect(true)
	if rooms := sock.Rooms(); len(rooms) > 0 || sock.Connected() || c.Connected() {
		t.Errorf("rooms %q, connected %v, %v", rooms, sock.Connected(), c.Connected())
	}
	if err := errors.Join(s.emit("x"), s.SocketsJoin("a"), s.DisconnectSockets(true), c.Disconnect()); err != nil {
		t.Errorf("calls that find nobody: %v", err)
	}
}

func TestManyConnectAtOnce(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	sockets := make(chan *socket, 20)
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.AsListener().On("fine", onAsk(func(context.Context, string) (string, error) { return "fine", nil }))
		sockets <- sock
		return nil
	})
	c := newClient(t, s)
	var busy sync.WaitGroup
	for range 20 {
		busy.Go(func() {
			if err := c.Connect(testContext(t)); err != nil {
				t.Errorf("Connect: %v", err)
			}
		})
	}
	busy.Wait()
	if _, err := ask(testContext(t), c, "fine", ""); err != nil {
		t.Error(err)
	}
	if n := len(sockets); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestABroadcastMayBeNarrowedByManyAtOnce(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	base := s.To("a", "b", "c").Except("x").To("d") // with room to append in place
	var busy sync.WaitGroup
	for i := range 8 {
		busy.Go(func() {
			for range 100 {
				room := fmt.Sprint(i)
				mine := base.To(room).Except(room).Volatile()
				if err := mine.emit("x"); err != nil {
					t.Error(err)
				}
				if _, err := runtime.FetchSockets(testContext(t), mine.Broadcast, func(t runtime.Target, r runtime.RemoteSocket) (string, error) {
					return r.ID(), nil
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	busy.Wait()
}

func TestNothingIsSentInAMiddleware(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	sent := make(chan error, 2)
	s.Use(func(ctx context.Context, sock *socket) error {
		sent <- sock.emit("x")
		_, err := ask(ctx, sock, "x")
		sent <- err
		sock.Disconnect(true) // as documented: does nothing
		sock.Join("early")
		sock.AsListener().On("fine", onAsk(func(context.Context, string) (string, error) { return fmt.Sprint(len(sock.Rooms())), nil }))
		return nil
	})
	c := newClient(t, s).connect(t)
	for range 2 {
		if err := wait(t, sent, "error"); !errors.Is(err, runtime.ErrClosed) {
			t.Errorf("sending in a middleware: %v, want an error wrapping ErrClosed", err)
		}
	}
	if answer, err := ask(testContext(t), c, "fine", ""); answer != "2" || err != nil {
		t.Errorf("what the middleware registered: %q, %v", answer, err)
	}
}
