package runtime_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/faultproxy"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
	"github.com/siogen/siogen/runtime/internal/loglimit"
	"github.com/siogen/siogen/runtime/metrics"
)

// newTalker serves a client for the tests of this file: the server refuses those
// without a token, and answers, asks, and sends what nobody handles.
func newTalker(t *testing.T) *server {
	t.Helper()
	s := newServer(t, runtime.ServerOptions{})
	s.Use(func(_ context.Context, s *socket) error {
		if s.token == "" {
			return errors.New("no token")
		}
		return nil
	})
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.AsListener().On("ask", onAsk(func(ctx context.Context, text string) (string, error) {
			if _, err := ask(ctx, sock, "question", text); err != nil {
				return "", err
			}
			return text, sock.emit("nobody handles this")
		}))
		return nil
	})
	return s
}

// What a client does is counted, once each.
func TestClientMetrics(t *testing.T) {
	s := newTalker(t)
	proxy := faultproxy.New(t, s.url)
	r := newRecorder()
	c := newClientAt(t, proxy.URL(), runtime.ClientOptions{
		Metrics:           r,
		Dial:              engineio.DialOptions{Transports: byBoth},
		AckTimeout:        50 * time.Millisecond,
		ReconnectionDelay: time.Millisecond, ReconnectionDelayMax: 10 * time.Millisecond,
	})
	c.AsListener().On("question", onAsk(func(_ context.Context, text string) (string, error) { return text, nil }))
	c.authenticate("")
	if err := c.Connect(testContext(t)); !errors.As(err, new(*runtime.RefusedError)) {
		t.Fatalf("without a token: %v", err)
	}
	open := func(transport string) int64 { return r.value(metrics.Connections, metrics.Labels{transport}) }
	await(t, "the end of the connection", func() bool { return open("polling")+open("websocket") == 0 })
	proxy.Set(faultproxy.Fault{Refuse: true})
	if err := c.Connect(testContext(t)); err == nil {
		t.Fatal("connected to nothing")
	}
	proxy.Set(faultproxy.Fault{})
	c.authenticate("secret")
	c.connect(t)
	await(t, "the upgrade", func() bool { return open("websocket") == 1 })
	bytes := func(m metrics.Metric) int64 { return r.value(m, metrics.Labels{"websocket"}) }
	in, out := bytes(metrics.ReceivedBytes), bytes(metrics.SentBytes)
	if answer, err := ask(testContext(t), c, "ask", "x"); err != nil || answer != "x" {
		t.Fatalf("ask: %q, %v", answer, err)
	}
	await(t, "the event", func() bool { return r.value(metrics.EventsReceived, metrics.Labels{"/", metrics.Other}) == 1 })
	if got, want := bytes(metrics.ReceivedBytes)-in, int64(len(`20["question","x"]`+`2["nobody handles this"]`+`30["x"]`)); got != want {
		t.Errorf("%d bytes received, want %d", got, want)
	}
	want := int64(len(`20["ask","x"]` + `30["x"]`))
	await(t, "what was sent to be counted", func() bool { return bytes(metrics.SentBytes)-out >= want }) // which is after it is
	if got := bytes(metrics.SentBytes) - out; got != want {
		t.Errorf("%d bytes sent, want %d", got, want)
	}
	if _, err := ask(t.Context(), c, "nobody answers"); !errors.As(err, new(*runtime.AckTimeoutError)) {
		t.Errorf("nobody answers: %v", err)
	}
	proxy.Set(faultproxy.Fault{Refuse: true})
	proxy.Cut()
	await(t, "an attempt that failed", func() bool { return r.value(metrics.ConnectErrors, metrics.Labels{"/"}) > 1 })
	proxy.Set(faultproxy.Fault{})
	await(t, "the connection", func() bool { return r.value(metrics.Sockets, metrics.Labels{"/"}) == 1 })
	if err := errors.Join(c.Disconnect(), c.Close()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		m    metrics.Metric
		l    metrics.Labels
		want int64
	}{
		{metrics.Connections, metrics.Labels{"polling"}, 0},
		{metrics.Connections, metrics.Labels{"websocket"}, 0},
		{metrics.ConnectionsOpened, metrics.Labels{"polling"}, 3},
		{metrics.Sockets, metrics.Labels{"/"}, 0},
		{metrics.SocketsConnected, metrics.Labels{"/"}, 2},
		{metrics.SocketsDisconnected, metrics.Labels{"/", "io client disconnect"}, 1},
		{metrics.SocketsRefused, metrics.Labels{"/"}, 1},
		{metrics.EventsReceived, metrics.Labels{"/", "question"}, 1},
		{metrics.EventsSent, metrics.Labels{"/", "ask"}, 1},
		{metrics.AcksMissing, metrics.Labels{"/", "nobody answers"}, 1},
	} {
		if got := r.value(test.m, test.l); got != test.want {
			t.Errorf("%s%q is %d, want %d", test.m.Info().Name, test.l, got, test.want)
		}
	}
	for _, m := range []metrics.Metric{metrics.Upgrades, metrics.ReconnectAttempts} {
		l := metrics.Labels{"/"}
		if m == metrics.Upgrades {
			l = metrics.Labels{}
		}
		if got := r.value(m, l); got < 1 {
			t.Errorf("%s is %d", m.Info().Name, got)
		}
	}
}

// breaker answers whatever comes with a packet of no type that there is.
type breaker struct{ conn *engineio.Conn }

func (b breaker) Message([]byte, bool) { _ = b.conn.Send([]byte("9"), nil, engineio.Flags{}) }
func (breaker) Closed(string, error)   {}

// A server that breaks the protocol is counted.
func TestClientMetricsOfInvalidPackets(t *testing.T) {
	engine := engineio.NewServer(engineio.ServerOptions{}, func(c *engineio.Conn) engineio.Handler { return breaker{c} })
	web := httptest.NewServer(engine)
	defer web.Close()
	defer func() { _ = engine.Close(testContext(t)) }()
	r := newRecorder()
	c := newClientAt(t, web.URL, runtime.ClientOptions{Metrics: r})
	if err := c.Connect(testContext(t)); err == nil {
		t.Fatal("connected")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if n := r.value(metrics.PacketsInvalid, metrics.Labels{}); n != 1 {
		t.Errorf("%d invalid packets", n)
	}
	if n := r.value(metrics.ConnectionsClosed, metrics.Labels{"websocket", "parse error"}); n != 1 {
		t.Errorf("%d connections closed by it", n)
	}
	if n := r.value(metrics.ConnectErrors, metrics.Labels{"/"}); n != 1 {
		t.Errorf("%d attempts failed", n)
	}
}

// A server whose payloads are all wrong can't flood the log.
func TestServersDoNotFloodTheLog(t *testing.T) {
	const events = 500
	s := newServer(t, runtime.ServerOptions{})
	s.OnConnection(func(_ context.Context, sock *socket) error {
		for range events {
			if err := sock.emit("x"); err != nil { // the argument is missing
				return err
			}
		}
		return sock.emit("last", "")
	})
	var out strings.Builder
	c := newClientAt(t, s.url, runtime.ClientOptions{Logger: slog.New(slog.NewTextHandler(&syncWriter{w: &out}, nil))})
	c.AsListener().On("x", onString(func(context.Context, string) error { return nil }))
	last := make(chan string, 1)
	c.AsListener().On("last", onString(func(_ context.Context, text string) error { last <- text; return nil }))
	c.connect(t)
	wait(t, last, "last event")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "invalid payload"); n > loglimit.Lines+1 {
		t.Errorf("%d lines for %d events", n, events)
	}
	if !strings.Contains(out.String(), "suppressed=480") {
		t.Errorf("what was left out is not told:\n%s", out.String())
	}
}
