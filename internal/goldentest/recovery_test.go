package goldentest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/recovery"
)

// recoveryServer is a generated server that recovers, and its sockets as they come
// and go.
type recoveryServer struct {
	*recovery.Server
	url        string
	sockets    chan *recovery.ServerSocket
	gone       chan runtime.DisconnectReason
	middleware atomic.Int32
}

func newRecoveryServer(t *testing.T, o *runtime.RecoveryOptions) *recoveryServer {
	t.Helper()
	base := runtime.NewServer(runtime.ServerOptions{Logger: slog.New(slog.DiscardHandler), Recovery: o})
	s := &recoveryServer{
		Server:  recovery.NewServer(base),
		sockets: make(chan *recovery.ServerSocket, 100),
		gone:    make(chan runtime.DisconnectReason, 100),
	}
	s.Use(func(context.Context, *recovery.ServerSocket) error { s.middleware.Add(1); return nil })
	s.OnConnection(func(_ context.Context, socket *recovery.ServerSocket) error {
		socket.Data().Visits++
		socket.OnEnter(func(_ context.Context, room string) ([]string, error) {
			socket.Join(room)
			return slices.DeleteFunc(socket.Rooms(), func(r string) bool { return r == socket.ID() }), nil
		})
		socket.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) { s.gone <- reason })
		s.sockets <- socket
		return nil
	})
	web := httptest.NewServer(base)
	s.url = web.URL
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), waitLimit)
		defer stop()
		if err := base.Close(ctx); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		web.Close()
	})
	return s
}

// sendAll sends an event of every shape to a room, and what is not to be seen there.
func (s *recoveryServer) sendAll(t *testing.T, room string) {
	t.Helper()
	to := s.To(room)
	seven := recovery.PointAt{X: 7, Y: 8}
	caption := "caption"
	for i, err := range []error{
		s.To("elsewhere").Volatile().EmitSaid("elsewhere", "not meant"),
		s.To("elsewhere").EmitSaid("elsewhere", "not meant"),
		to.EmitPlain(),
		to.EmitSaid("room", "hello"),
		to.EmitPicture([]byte("bytes"), nil),
		to.EmitPicture([]byte("bytes"), &caption),
		to.EmitPoint(nil),
		to.EmitPoint(&seven),
		to.EmitWords(),
		to.EmitWords("a", "b"),
	} {
		if err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
	}
}

// seen is what a client's handlers are to see of sendAll.
var seen = []string{
	"plain", "said room hello", "picture bytes", "picture bytes caption",
	"point", "point 7 8", "words []", "words [a b]",
}

// watch has every handler of a client tell what it sees.
func watch(c *recovery.Client) chan string {
	log := make(chan string, 1000)
	tell := func(format string, args ...any) error { log <- fmt.Sprintf(format, args...); return nil }
	c.OnConnect(func(context.Context) { _ = tell("connected %t", c.Recovered()) })
	c.OnDisconnect(func(context.Context, runtime.DisconnectReason) { _ = tell("lost") })
	c.OnPlain(func(context.Context) error { return tell("plain") })
	c.OnSaid(func(_ context.Context, from, text string) error { return tell("said %s %s", from, text) })
	c.OnPicture(func(_ context.Context, image []byte, caption *string) error {
		if caption == nil {
			return tell("picture %s", image)
		}
		return tell("picture %s %s", image, *caption)
	})
	c.OnPoint(func(_ context.Context, at *recovery.PointAt) error {
		if at == nil {
			return tell("point")
		}
		return tell("point %d %d", at.X, at.Y)
	})
	c.OnWords(func(_ context.Context, rest ...string) error { return tell("words %v", rest) })
	c.OnAsked(func(_ context.Context, q string) (string, error) { return "to " + q, tell("asked %s", q) })
	c.OnInvalid(func(_ context.Context, err *runtime.DecodeError) error { return tell("invalid: %v", err) })
	return log
}

func wantSeen(t *testing.T, log <-chan string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if got := receive(t, log); got != line {
			t.Fatalf("got %q, want %q", got, line)
		}
	}
}

// recoveryClient returns a client that connects when it is told to.
func recoveryClient(t *testing.T, url, transport string) (*recovery.Client, chan string) {
	t.Helper()
	o := clientOptions()
	o.NoReconnection = true
	o.Dial.Transports = []string{transport}
	c := recovery.NewClient(url, o)
	c.SetAuth(recovery.HandshakeAuth{Token: "secret"})
	log := watch(c)
	connect(t, c)
	wantSeen(t, log, "connected false")
	return c, log
}

func reconnect(t *testing.T, c *recovery.Client) {
	t.Helper()
	if err := c.Connect(testContext(t)); err != nil {
		t.Fatalf("connecting again: %v", err)
	}
}

func TestRecoveryBetweenGeneratedEnds(t *testing.T) {
	for _, transport := range []string{"websocket", "polling"} {
		t.Run(transport, func(t *testing.T) {
			s := newRecoveryServer(t, &runtime.RecoveryOptions{})
			net := newCutter(t, s.url)
			c, log := recoveryClient(t, net.url, transport)
			first := receive(t, s.sockets)
			first.Data().Name, first.Data().Picture = "ann", []byte{1, 2}
			if _, err := c.EmitEnter(testContext(t), "room"); err != nil {
				t.Fatal(err)
			}
			s.sendAll(t, "room")
			wantSeen(t, log, seen...)
			for visits := 2; visits <= 3; visits++ {
				net.cut()
				wantSeen(t, log, "lost")
				s.sendAll(t, "room") // whether the server knows of it or not
				net.mend()
				reconnect(t, c)
				wantSeen(t, log, "connected true")
				wantSeen(t, log, seen...)
				socket := receive(t, s.sockets)
				if !socket.Recovered() || socket.ID() != first.ID() || !c.Recovered() || c.ID() != first.ID() {
					t.Errorf("server: %t %s, client: %t %s; want true %s",
						socket.Recovered(), socket.ID(), c.Recovered(), c.ID(), first.ID())
				}
				if d := socket.Data(); d.Name != "ann" || d.Visits != visits || len(d.Picture) != 2 {
					t.Errorf("data: %+v, visits: want %d", d, visits)
				}
				if socket.Auth().Token != "secret" || string(socket.Handshake().Auth) != `{"token":"secret"}` {
					t.Errorf("auth: %+v, %s", socket.Auth(), socket.Handshake().Auth)
				}
				if answer, err := socket.EmitAsked(testContext(t), "q"); err != nil || answer != "to q" {
					t.Errorf("acknowledgement: %q, %v", answer, err)
				}
				wantSeen(t, log, "asked q")
			}
			if n := s.middleware.Load(); n != 1 {
				t.Errorf("the middleware ran %d times, want once", n)
			}
			if err := c.Disconnect(); err != nil {
				t.Fatal(err)
			}
			reconnect(t, c)
			wantSeen(t, log, "lost", "connected false")
			if socket := receive(t, s.sockets); socket.Recovered() || socket.ID() == first.ID() || socket.Data().Name != "" {
				t.Errorf("after a deliberate end: %t %s %+v", socket.Recovered(), socket.ID(), socket.Data())
			}
		})
	}
}

func TestMiddlewareRunsForWhoComesBackIfWanted(t *testing.T) {
	s := newRecoveryServer(t, &runtime.RecoveryOptions{RunMiddleware: true})
	net := newCutter(t, s.url)
	c, log := recoveryClient(t, net.url, "websocket")
	receive(t, s.sockets)
	s.Use(func(_ context.Context, socket *recovery.ServerSocket) error {
		if !socket.Recovered() || socket.Data().Visits != 1 {
			t.Errorf("in the middleware: %t, %+v", socket.Recovered(), socket.Data())
		}
		return nil
	})
	net.cut()
	receive(t, s.gone)
	wantSeen(t, log, "lost")
	net.mend()
	reconnect(t, c)
	wantSeen(t, log, "connected true")
	if n := s.middleware.Load(); n != 2 {
		t.Errorf("the middleware ran %d times, want twice", n)
	}
}

// TestEndOfTheSocketBeforeIsHandledFirst holds the order that an application counts
// on that keeps something by socket id.
func TestEndOfTheSocketBeforeIsHandledFirst(t *testing.T) {
	s := newRecoveryServer(t, &runtime.RecoveryOptions{})
	net := newCutter(t, s.url)
	c, log := recoveryClient(t, net.url, "websocket")
	first := receive(t, s.sockets)
	release, ended := make(chan struct{}), make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	t.Cleanup(free)
	first.OnDisconnect(func(context.Context, runtime.DisconnectReason) { <-release; close(ended) })
	net.cut()
	receive(t, s.gone)
	wantSeen(t, log, "lost")
	net.mend()
	connected := make(chan error, 1)
	go func() { connected <- c.Connect(testContext(t)) }()
	select {
	case <-connected:
		t.Fatal("connected before the handler of the end returned")
	case <-time.After(50 * time.Millisecond):
	}
	free()
	if err := receive(t, connected); err != nil {
		t.Fatal(err)
	}
	wantSeen(t, log, "connected true")
	receive(t, ended)
}

func TestOfficialClientRecovers(t *testing.T) {
	for _, transport := range []string{"websocket", "polling"} {
		t.Run(transport, func(t *testing.T) {
			s := newRecoveryServer(t, &runtime.RecoveryOptions{})
			c := startNode(t, "recovery-client.mjs", s.url, transport)
			wantLines := func(lines ...string) {
				t.Helper()
				for _, line := range lines {
					if got := fmt.Sprint(c.withoutOffset(t)); got != line {
						t.Fatalf("got %s, want %s", got, line)
					}
				}
			}
			c.tell(t, "connect")
			socket := receive(t, s.sockets)
			id := socket.ID()
			wantLines("[connected false " + id + "]")
			socket.Data().Name = "ann"
			c.tell(t, "emit", "enter", "room")
			wantLines("[answered [room]]")
			official := []string{
				"[plain]", "[said room hello]", "[picture bytes]", "[picture bytes caption]",
				"[point]", "[point map[x:7 y:8]]", "[words]", "[words a b]",
			}
			s.sendAll(t, "room")
			wantLines(official...)
			for range 2 {
				if answer, err := socket.EmitAsked(testContext(t), "q"); err != nil || answer != "answer" {
					t.Errorf("acknowledgement: %q, %v", answer, err)
				}
				wantLines("[asked q]")
				c.tell(t, "cut")
				wantLines("[disconnected]")
				receive(t, s.gone)
				if err := s.To("room").Volatile().EmitSaid("volatile", "away"); err != nil {
					t.Errorf("volatile: %v", err)
				}
				s.sendAll(t, "room")
				if err := socket.EmitSaid("socket", "away"); err != nil {
					t.Errorf("to a socket that is away: %v", err)
				}
				c.tell(t, "connect")
				wantLines("[connected true " + id + "]")
				wantLines(official...)
				wantLines("[said socket away]")
				socket = receive(t, s.sockets)
				if !socket.Recovered() || socket.Data().Name != "ann" || socket.Auth().Token != "secret" {
					t.Errorf("recovered: %t, %+v, %+v", socket.Recovered(), socket.Data(), socket.Auth())
				}
				if transport == "websocket" { // polling has no client waiting at times
					if err := socket.Volatile().EmitSaid("volatile", "between"); err != nil {
						t.Errorf("volatile: %v", err)
					}
					wantLines("[said volatile between]")
				}
			}
			c.tell(t, "forge")
			c.tell(t, "cut")
			wantLines("[disconnected]")
			s.sendAll(t, "room")
			c.tell(t, "connect")
			if socket := receive(t, s.sockets); socket.Recovered() || socket.ID() == id {
				t.Error("an unknown pid was recovered")
			}
			if got := fmt.Sprint(c.withoutOffset(t)); got == "[connected true "+id+"]" {
				t.Errorf("an unknown pid: %s", got)
			}
		})
	}
}

func TestGeneratedClientRecoversFromTheOfficialServer(t *testing.T) {
	for _, transport := range []string{"websocket", "polling"} {
		t.Run(transport, func(t *testing.T) {
			s := startNode(t, "recovery-server.mjs", "60000")
			o := clientOptions()
			o.Dial.Transports = []string{transport}
			o.ReconnectionDelay, o.ReconnectionDelayMax = time.Millisecond, time.Millisecond
			c := recovery.NewClient(fmt.Sprintf("http://127.0.0.1:%v", s.next(t)[0]), o)
			c.SetAuth(recovery.HandshakeAuth{Token: "secret"})
			log := watch(c)
			connect(t, c)
			wantSeen(t, log, "connected false")
			id := c.ID()
			if got := fmt.Sprint(s.next(t)); got != "[connected false "+id+" secret]" {
				t.Fatalf("the server: %s", got)
			}
			events := []any{
				[]any{"room", "plain"}, []any{"room", "said", "room", "hello"},
				[]any{"room", "picture", "BYTES"}, []any{"room", "picture", "BYTES", "caption"},
				[]any{"room", "point"}, []any{"self", "point", map[string]int{"x": 7, "y": 8}},
				[]any{"room", "words"}, []any{"self", "words", "a", "b"},
			}
			for _, e := range events {
				s.tell(t, append([]any{"send"}, e.([]any)...)...)
			}
			wantSeen(t, log, seen...)
			for range 2 {
				if transport == "websocket" { // polling has no client waiting at times
					s.tell(t, "send", "volatile", "said", "volatile", "hello")
					wantSeen(t, log, "said volatile hello") // ends in a string that is no offset
				}
				s.tell(t, append([]any{"cut", []any{"elsewhere", "plain"}, []any{"volatile", "plain"}}, events...)...)
				wantSeen(t, log, "lost", "connected true")
				wantSeen(t, log, seen...)
				if got := fmt.Sprint(s.next(t)); got != "[connected true "+id+" secret]" {
					t.Fatalf("the server: %s", got)
				}
				if !c.Recovered() || c.ID() != id {
					t.Errorf("the client: %t %s, want true %s", c.Recovered(), c.ID(), id)
				}
			}
		})
	}
}

func TestGeneratedClientBeginsAnewWhereNothingIsLeft(t *testing.T) {
	s := startNode(t, "recovery-server.mjs", "-1000") // everything has expired
	o := clientOptions()
	o.ReconnectionDelay, o.ReconnectionDelayMax = time.Millisecond, time.Millisecond
	c := recovery.NewClient(fmt.Sprintf("http://127.0.0.1:%v", s.next(t)[0]), o)
	log := watch(c)
	connect(t, c)
	wantSeen(t, log, "connected false")
	s.tell(t, "send", "room", "plain")
	wantSeen(t, log, "plain")
	s.tell(t, "cut", []any{"room", "plain"})
	wantSeen(t, log, "lost", "connected false")
	s.tell(t, "send", "room", "words", "a")
	wantSeen(t, log, "words [a]")
}
