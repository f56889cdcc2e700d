// Package metricstest drives a server so that every metric of it has a value, for
// the tests of what implements metrics.Recorder.
package metricstest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/engineio"
	"github.com/siogen/siogen/runtime/metrics"
)

// Limit bounds each wait.
const Limit = 20 * time.Second

// Want is what the metrics are after Drive, by metric and labels. Metrics that
// depend on timing or on the size of messages are not in it.
func Want() map[metrics.Metric]map[metrics.Labels]int64 {
	return map[metrics.Metric]map[metrics.Labels]int64{
		metrics.Connections:         {{"websocket"}: 0, {"polling"}: 0},
		metrics.ConnectionsOpened:   {{"websocket"}: 2, {"polling"}: 1},
		metrics.Upgrades:            {{}: 1},
		metrics.RequestsRefused:     {{"0"}: 1, {"1"}: 1, {"4"}: 1},
		metrics.PacketsInvalid:      {{}: 1},
		metrics.Sockets:             {{"/"}: 0},
		metrics.SocketsConnected:    {{"/"}: 3},
		metrics.SocketsDisconnected: {{"/", "client namespace disconnect"}: 2, {"/", "parse error"}: 1},
		metrics.SocketsRefused:      {{"/"}: 1, {metrics.Other}: 1},
		metrics.EventsReceived: {
			{"/", "ask"}: 3, {"/", "fail"}: 1, {"/", "panic"}: 1, {"/", metrics.Other}: 2,
		},
		metrics.EventsSent:         {{"/", "question"}: 2},
		metrics.BroadcastsSent:     {{"/", "news"}: 1},
		metrics.BroadcastReceivers: {{"/"}: 2},
		metrics.HandlerErrors: {
			{"/", "ask", "invalid"}: 1, {"/", "fail", "error"}: 1, {"/", "panic", "panic"}: 1,
		},
		metrics.AcksMissing: {{"/", "question"}: 1},
	}
}

// socket is a server's socket.
type socket struct{ *runtime.Socket }

// broadcast is a server's broadcast.
type broadcast struct {
	runtime.Target
	runtime.Broadcast[broadcast]
}

// run is a server that is driven.
type run struct {
	t       *testing.T
	ctx     context.Context
	url     string
	all     broadcast
	sockets chan *runtime.Socket
	// upgraded gets a value when a connection has upgraded.
	upgraded chan struct{}
}

// watcher passes on what is measured, and tells of upgrades: a client does not wait
// for its own.
type watcher struct {
	metrics.Recorder
	upgraded chan<- struct{}
}

// Add implements metrics.Recorder.
func (w watcher) Add(m metrics.Metric, n int64, l metrics.Labels) {
	w.Recorder.Add(m, n, l)
	if m == metrics.Upgrades {
		w.upgraded <- struct{}{}
	}
}

// Drive runs a server with these metrics, makes its clients do what Want counts, and
// stops it.
func Drive(t *testing.T, m metrics.Recorder) {
	t.Helper()
	start(t, m, func(r *run) {
		r.refusedRequests()
		r.refusedSockets()
		r.events()
	})
}

// start runs a server while drive runs.
func start(t *testing.T, m metrics.Recorder, drive func(*run)) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), Limit)
	defer stop()
	upgraded := make(chan struct{}, 10)
	server := runtime.NewServer(runtime.ServerOptions{
		Metrics: watcher{m, upgraded},
		Logger:  slog.New(slog.DiscardHandler),
		AllowRequest: func(r *http.Request) error {
			if r.URL.Query().Has("forbidden") {
				return errors.New("forbidden")
			}
			return nil
		},
	})
	r := &run{t: t, ctx: ctx, sockets: make(chan *runtime.Socket, 3), upgraded: upgraded}
	ns := runtime.NewNamespace(server, runtime.NamespaceType[socket]{
		Name: "/", New: func(base *runtime.Socket) *socket { return &socket{base} },
	})
	runtime.NewDynamicNamespace(server, runtime.NamespaceType[socket]{
		Name: "/dynamic", New: func(base *runtime.Socket) *socket { return &socket{base} },
	}, runtime.NamespacePattern(regexp.MustCompile("^/"+Hostile+"-")))
	r.all = runtime.NewBroadcast(ns, func(target runtime.Target, base runtime.Broadcast[broadcast]) broadcast {
		return broadcast{target, base}
	})
	ns.Use(func(_ context.Context, s *socket) error {
		if strings.Contains(string(s.Handshake().Auth), "refuse") {
			return errors.New("refused")
		}
		return nil
	})
	ns.OnConnection(func(_ context.Context, s *socket) error {
		s.On("ask", echo)
		s.On("fail", func(context.Context, *runtime.Call) error { return errors.New("failed") })
		s.On("panic", func(context.Context, *runtime.Call) error { panic("handler") })
		r.sockets <- s.Socket
		return nil
	})
	web := httptest.NewServer(server)
	r.url = web.URL
	defer func() {
		limit, stop := context.WithTimeout(context.Background(), Limit)
		defer stop()
		if err := server.Close(limit); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		web.Close()
	}()
	drive(r)
}

// echo answers with its argument, a string.
func echo(_ context.Context, call *runtime.Call) error {
	dec := call.Args()
	var v string
	if dec.Arg("v") {
		v = dec.String()
	}
	if err := dec.End(); err != nil || !call.WantsAck() {
		return err
	}
	enc := codec.NewArgs()
	enc.Elem().String(v)
	return call.Reply(enc)
}

func event(name string, args ...string) *codec.Encoder {
	enc := codec.NewEvent(`["` + name + `"`)
	for _, a := range args {
		enc.Elem().String(a)
	}
	return enc
}

func text(dec *codec.Decoder) (v string, err error) {
	if dec.Arg("v") {
		v = dec.String()
	}
	return v, nil
}

// refusedRequests are one each of three codes.
func (r *run) refusedRequests() {
	for _, query := range []string{"transport=carrier-pigeon", "transport=polling&sid=made-up", "transport=polling&forbidden=1"} {
		r.get(query)
	}
}

func (r *run) get(query string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.ctx, http.MethodGet, r.url+"/socket.io/?EIO=4&"+query, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
}

// refusedSockets are refused by a middleware, and for want of a namespace, over one
// connection, which then ends by breaking the protocol.
func (r *run) refusedSockets() {
	raw := r.dialRaw()
	raw.send(`0{"token":"refuse"}`)
	raw.expect(`4{"message":"refused"}`)
	raw.send(`0/made-up,`)
	raw.expect(`4/made-up,{"message":"Invalid namespace"}`)
	raw.send(`0`)
	raw.expect(`0{"sid":`)
	<-r.sockets
	raw.send(`2["made up",1]`)
	raw.send(`9`)
	raw.wait(raw.ended)
}

func (r *run) client(transports ...string) (*runtime.Client, *runtime.Socket) {
	r.t.Helper()
	manager := runtime.NewManager(r.url, runtime.ClientOptions{
		Logger: slog.New(slog.DiscardHandler), Dial: engineio.DialOptions{Transports: transports},
	})
	c := runtime.NewManagedClient(manager, "/")
	if err := c.Connect(r.ctx); err != nil {
		r.t.Fatal(err)
	}
	return c, <-r.sockets
}

// events are those of two clients, one of which upgrades.
func (r *run) events() {
	t := r.t
	a, _ := r.client("polling", "websocket")
	select {
	case <-r.upgraded:
	case <-r.ctx.Done():
		t.Fatal("no upgrade")
	}
	b, onB := r.client("websocket")
	news := make(chan struct{}, 2)
	for _, c := range []*runtime.Client{a, b} {
		c.On("news", func(context.Context, *runtime.Call) error { news <- struct{}{}; return nil })
		c.On("question", echo)
	}
	for _, name := range []string{"fail", "panic", "made up"} {
		if err := b.AsTarget().Send(event(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.AsTarget().Send(event("ask")); err != nil { // the argument is missing
		t.Fatal(err)
	}
	for _, c := range []*runtime.Client{a, b} {
		if v, err := runtime.Emit(r.ctx, c, event("ask", "x"), text); v != "x" || err != nil {
			t.Fatal(v, err)
		}
	}
	if err := r.all.Send(event("news")); err != nil {
		t.Fatal(err)
	}
	<-news
	<-news
	if v, err := runtime.Emit(r.ctx, onB, event("question", "x"), text); v != "x" || err != nil {
		t.Fatal(v, err)
	}
	b.On("question", func(ctx context.Context, _ *runtime.Call) error {
		<-ctx.Done() // which is when the client closes: there is no answer
		return ctx.Err()
	})
	short, stop := context.WithTimeout(r.ctx, 50*time.Millisecond)
	defer stop()
	var timeout *runtime.AckTimeoutError
	if _, err := runtime.Emit(short, onB, event("question", "x"), text); !errors.As(err, &timeout) {
		t.Fatal(err)
	}
	for onB.Connected() {
		if err := errors.Join(a.Disconnect(), b.Disconnect()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Error(err)
	}
}

// rawConn is a connection whose packets are written by hand.
type rawConn struct {
	run   *run
	conn  *engineio.Conn
	in    chan string
	ended chan struct{}
}

func (r *run) dialRaw() *rawConn {
	r.t.Helper()
	raw := &rawConn{run: r, in: make(chan string, 16), ended: make(chan struct{})}
	o := engineio.DialOptions{Path: "/socket.io/", Transports: []string{engineio.WebSocket}}
	conn, err := engineio.Dial(r.ctx, r.url, o, func(*engineio.Conn) engineio.Handler { return raw })
	if err != nil {
		r.t.Fatal(err)
	}
	raw.conn = conn
	return raw
}

// Message implements engineio.Handler.
func (c *rawConn) Message(data []byte, _ bool) { c.in <- string(data) }

// Closed implements engineio.Handler.
func (c *rawConn) Closed(string, error) { close(c.ended) }

func (c *rawConn) send(packet string) {
	c.run.t.Helper()
	if err := c.conn.Send([]byte(packet), nil, engineio.Flags{}); err != nil {
		c.run.t.Fatal(err)
	}
}

func (c *rawConn) expect(prefix string) {
	c.run.t.Helper()
	select {
	case got := <-c.in:
		if !strings.HasPrefix(got, prefix) {
			c.run.t.Fatalf("received %q, want %q", got, prefix)
		}
	case <-c.run.ctx.Done():
		c.run.t.Fatalf("no %q", prefix)
	}
}

func (c *rawConn) wait(done <-chan struct{}) {
	c.run.t.Helper()
	select {
	case <-done:
	case <-c.run.ctx.Done():
		c.run.t.Fatal("the connection did not end")
	}
}
