package faults

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/siogen/siogen/internal/rawpeer"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/metrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// app is a server and its application, whose events are those of member.
type app struct {
	server *runtime.Server
	all    runtime.Broadcast[everybody]
	at     rawpeer.Server
	url    string
	// members are the sockets in the order in which they connected.
	members chan *member
	// log is what the application is told in passing, and invalid how many packets
	// it is told were invalid.
	log     logbook
	invalid counter
}

// logbook is what was logged.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// counter counts invalid packets.
type counter struct{ atomic.Int64 }

// Add implements metrics.Recorder.
func (c *counter) Add(m metrics.Metric, n int64, _ metrics.Labels) {
	if m == metrics.PacketsInvalid {
		c.Int64.Add(n)
	}
}

// Observe implements metrics.Recorder.
func (*counter) Observe(metrics.Metric, float64, metrics.Labels) {}

// member is a socket as the application sees it.
type member struct {
	*runtime.Socket
	// blocked gets a value when the handler of "block" begins, and release lets it
	// return; left gets one when it does, or when its context has ended before.
	blocked, release, left chan struct{}
	// gone gets the reason of the disconnect.
	gone chan runtime.DisconnectReason
}

// everybody is what a generated broadcast looks like.
type everybody struct{ runtime.Broadcast[everybody] }

func serve(t *testing.T, o runtime.ServerOptions) *app {
	t.Helper()
	a := &app{members: make(chan *member, 10_000)}
	o.Logger, o.Metrics = slog.New(slog.NewTextHandler(&a.log, nil)), &a.invalid
	a.server = runtime.NewServer(o)
	ns := runtime.NewNamespace(a.server, runtime.NamespaceType[member]{Name: "/", New: newMember})
	ns.OnConnection(func(_ context.Context, m *member) error {
		a.members <- m
		return nil
	})
	a.all = runtime.NewBroadcast(ns, func(_ runtime.Target, b runtime.Broadcast[everybody]) everybody { return everybody{b} }).Broadcast
	web := httptest.NewServer(a.server)
	a.url, a.at = web.URL, rawpeer.At(web.URL, "/socket.io/")
	t.Cleanup(func() {
		// Connections that a test left are cut off, which is no mistake.
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := a.server.Close(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Close: %v", err)
		}
		web.CloseClientConnections() // of requests that never end
		web.Close()
	})
	return a
}

// close closes the server, whose handlers all return in time.
func (a *app) close(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), rawpeer.Patience)
	defer stop()
	if err := a.server.Close(ctx); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func newMember(s *runtime.Socket) *member {
	m := &member{
		Socket: s, blocked: make(chan struct{}, 1), release: make(chan struct{}), left: make(chan struct{}, 1),
		gone: make(chan runtime.DisconnectReason, 10),
	}
	s.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) { m.gone <- reason })
	// "ask" is acknowledged with its argument.
	s.On("ask", func(_ context.Context, call *runtime.Call) error {
		dec := call.Args()
		var text string
		if dec.Arg("text") {
			text = dec.String()
		}
		if err := dec.End(); err != nil {
			return err
		}
		enc := codec.NewArgs()
		enc.Elem().String(text)
		return call.Reply(enc)
	})
	s.On("panic", func(context.Context, *runtime.Call) error { panic("ouch") })
	s.On("block", func(ctx context.Context, _ *runtime.Call) error {
		m.blocked <- struct{}{}
		select {
		case <-m.release:
		case <-ctx.Done():
		}
		m.left <- struct{}{}
		return nil
	})
	return m
}

func event(name, text string) *codec.Encoder {
	enc := codec.NewEvent(`["` + name + `"`)
	enc.Elem().String(text)
	return enc
}

func oneString(dec *codec.Decoder) (v string, err error) {
	if dec.Arg("v") {
		v = dec.String()
	}
	return v, nil
}

// member waits for the next socket that connects.
func (a *app) member(t *testing.T) *member {
	t.Helper()
	return wait(t, a.members, "socket")
}

// join opens a connection on a WebSocket and joins the main namespace.
func (a *app) join(t *testing.T) (*rawpeer.WebSocket, *member) {
	t.Helper()
	ws := a.at.OpenWebSocket(t, rawpeer.TextFrame("40"))
	ws.AnswerPings = true
	if answer := ws.Next(); !strings.HasPrefix(answer, `40{"sid":`) {
		t.Fatalf("answer to CONNECT: %s", answer)
	}
	return ws, a.member(t)
}

// joinPolling is join on polling.
func (a *app) joinPolling(t *testing.T) (*rawpeer.Polling, *member) {
	t.Helper()
	p := a.at.OpenPolling(t)
	p.Send("40")
	if answer := p.Receive(1)[0]; !strings.HasPrefix(answer, `40{"sid":`) {
		t.Fatalf("answer to CONNECT: %s", answer)
	}
	return p, a.member(t)
}

// bystander is another client, with nothing wrong about it.
type bystander struct {
	*runtime.Client
	member *member
	lost   chan runtime.DisconnectReason
}

func (a *app) bystander(t *testing.T) *bystander {
	t.Helper()
	o := runtime.ClientOptions{Logger: slog.New(slog.DiscardHandler), NoReconnection: true}
	b := &bystander{Client: runtime.NewManagedClient(runtime.NewManager(a.url, o), "/"), lost: make(chan runtime.DisconnectReason, 1)}
	b.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) { b.lost <- reason })
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("closing the bystander: %v", err)
		}
	})
	if err := b.Connect(patient(t)); err != nil {
		t.Fatalf("Connect: %v", err)
	}
	b.member = a.member(t)
	return b
}

// wantUnaffected checks that the bystander is still connected and answered.
func (b *bystander) wantUnaffected(t *testing.T) {
	t.Helper()
	got, err := runtime.Emit(patient(t), b.Client, event("ask", "still there?"), oneString)
	if err != nil || got != "still there?" {
		t.Errorf("the other connection: %q, %v", got, err)
	}
	if len(b.lost) > 0 || len(b.member.gone) > 0 {
		t.Error("the other connection was lost")
	}
}

// wantGone checks that the application is told once of the end of a socket, for one
// of these reasons.
func (m *member) wantGone(t *testing.T, reasons ...runtime.DisconnectReason) {
	t.Helper()
	got := wait(t, m.gone, "disconnect")
	for _, r := range reasons {
		if got == r {
			return
		}
	}
	t.Errorf("the application is told %q, want one of %q", got, reasons)
}

// wait receives from c, or ends the test.
func wait[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(rawpeer.Patience):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), rawpeer.Patience)
	t.Cleanup(stop)
	return ctx
}
