package engineio

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lxzan/gws"
)

func newClientRecorder() *recorder {
	return &recorder{messages: make(chan string, 4096), closed: make(chan ended, 1)}
}

func (r *recorder) handler(c *Conn) Handler {
	r.conn = c
	return r
}

// connect opens a connection with the client half.
func (h *harness) connect(t *testing.T, o DialOptions) (client, server *recorder) {
	t.Helper()
	client = newClientRecorder()
	if _, err := Dial(t.Context(), h.http.URL, o, client.handler); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.conn.Abort("end of test")
		receive(t, client.conn.Done(), "end of client")
	})
	return client, h.conn(t)
}

// eachTransport runs a test for each way of a client to connect.
func eachTransport(t *testing.T, test func(t *testing.T, transports []string)) {
	for _, transports := range [][]string{{WebSocket}, {Polling}, {Polling, WebSocket}} {
		t.Run(strings.Join(transports, ","), func(t *testing.T) { test(t, transports) })
	}
}

func TestClientAndServer(t *testing.T) { eachTransport(t, testClientAndServer) }

func testClientAndServer(t *testing.T, transports []string) {
	h := newHarness(t, ServerOptions{}, echoing)
	header := http.Header{"X-Token": {"secret"}}
	client, server := h.connect(t, DialOptions{Transports: transports, Header: header, Query: url.Values{"room": {"a b"}}})
	want(t, client.conn.ID(), server.conn.ID())
	want(t, server.conn.Request().Header.Get("X-Token"), "secret")
	want(t, server.conn.Request().Query().Get("room"), "a b")

	big := strings.Repeat("big", 100_000)
	for _, text := range []string{"", "short", strings.Repeat("x", 126), strings.Repeat("y", 70_000), big} {
		if err := client.conn.Send([]byte(text), nil, Flags{}); err != nil {
			t.Fatal(err)
		}
		want(t, client.next(t) == text, true)
	}
	m := Frame([]byte("framed"), [][]byte{[]byte(big)})
	if err := client.conn.SendFramed(m, Flags{}, nil); err != nil {
		t.Fatal(err)
	}
	want(t, client.next(t), "framed")
	want(t, client.next(t), "attached")
	want(t, client.next(t) == "b:"+big, true)
	last := transports[len(transports)-1]
	eventually(t, "both are on "+last, func() bool {
		return client.conn.Transport() == last && server.conn.Transport() == last
	})
	want(t, client.conn.Send([]byte("at last"), nil, Flags{}), nil)
	want(t, client.next(t), "at last")
}

func TestClientIsToldOfTheEnd(t *testing.T) { eachTransport(t, testClientIsToldOfTheEnd) }

func testClientIsToldOfTheEnd(t *testing.T, transports []string) {
	h := newHarness(t, ServerOptions{})
	o := DialOptions{Transports: transports}
	client, server := h.connect(t, o)
	server.conn.Close("forced server close")
	client.wantClosed(t, ReasonTransportClose)
	server.wantClosed(t, "forced server close")
	want(t, client.conn.Send([]byte("x"), nil, Flags{}), ErrClosed)

	client, server = h.connect(t, o)
	client.conn.Close("io client disconnect")
	client.wantClosed(t, "io client disconnect")
	server.wantClosed(t, ReasonTransportClose)

	client, server = h.connect(t, o)
	client.conn.Abort("no more")
	client.wantClosed(t, "no more")
	receive(t, server.closed, "end on the server")
}

func TestClientEndsWithoutPings(t *testing.T) { eachTransport(t, testClientEndsWithoutPings) }

func testClientEndsWithoutPings(t *testing.T, transports []string) {
	h := newHarness(t, ServerOptions{PingInterval: 30 * time.Millisecond, PingTimeout: 30 * time.Millisecond})
	client, server := h.connect(t, DialOptions{Transports: transports})
	server.conn.mu.Lock()
	server.conn.beat.stop()
	server.conn.mu.Unlock()
	client.wantClosed(t, ReasonPingTimeout)
}

func TestDialErrors(t *testing.T) {
	h := newHarness(t, ServerOptions{Transports: []string{Polling}})
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nc, _, _ := http.NewResponseController(w).Hijack()
		defer nc.Close()
		_, _ = io.WriteString(nc, "HTTP/1.1 101 Switching Protocols\r\nX: ")
		for err := error(nil); err == nil; {
			_, err = nc.Write(make([]byte, 1000))
		}
	}))
	defer endless.Close()
	wordless := wsServer(t, "4not a handshake")
	empty := wsServer(t, "0{}")

	var refused *HandshakeError
	for _, test := range []struct {
		name, url string
		ok        func(error) bool
	}{
		{"scheme", "ftp://127.0.0.1/", func(err error) bool { return errors.Is(err, errScheme) }},
		{"URL", "http://[", func(err error) bool { var e *url.Error; return errors.As(err, &e) }},
		{"nobody listens", "http://127.0.0.1:1", func(err error) bool { var e *net.OpError; return errors.As(err, &e) }},
		{"refused", h.http.URL, func(err error) bool { return errors.As(err, &refused) && refused.Status == 400 }},
		{"silence", "http://" + silent.Addr().String(), func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }},
		{"endless header", endless.URL, func(err error) bool { return errors.Is(err, errHeaderTooLong) }},
		{"no open packet", wordless, func(err error) bool { return errors.As(err, &refused) }},
		{"no session id", empty, func(err error) bool { return errors.As(err, &refused) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := DialOptions{HandshakeTimeout: patience}
			if test.name == "silence" {
				o.HandshakeTimeout = 50 * time.Millisecond
			}
			_, err := Dial(t.Context(), test.url, o, func(*Conn) Handler { t.Error("handler was asked for"); return nil })
			if !test.ok(err) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err = Dial(ctx, "ws://"+silent.Addr().String(), DialOptions{}, nil)
	want(t, errors.Is(err, context.Canceled), true)
}

// wsServer returns the URL of a server that says one thing to each WebSocket.
func wsServer(t *testing.T, text string) string {
	upgrader := gws.NewUpgrader(gws.BuiltinEventHandler{}, nil)
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r)
		if err != nil {
			return
		}
		_ = conn.WriteString(text)
		conn.ReadLoop()
	}))
	t.Cleanup(ts.Close)
	return ts.URL
}
