package engineio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lxzan/gws"
)

func TestAllowRequest(t *testing.T) {
	var calls atomic.Int32
	errNo := errors.New(`not "you"`)
	told := make(chan *ConnectionError, 10)
	h := newHarness(t, ServerOptions{
		AllowRequest: func(r *http.Request) error {
			calls.Add(1)
			if r.Header.Get("X-Token") != "secret" {
				return errNo
			}
			return nil
		},
		OnConnectionError: func(e *ConnectionError) { told <- e },
	})
	want(t, do(t, newRequest(t, "GET", h.url("EIO=4&transport=polling"), "")), `403 {"code":4,"message":"not \"you\""}`)
	e := receive(t, told, "connection error")
	want(t, fmt.Sprint(e.Code, e.Message, e.Context), `4Forbiddenmap[message:not "you"]`)
	want(t, errors.Is(e, errNo), true)

	_, err := tryDialRaw(h.wsURL("EIO=4&transport=websocket"), nil)
	want(t, err != nil, true)
	want(t, receive(t, told, "connection error").Code, 4)
	var refused *HandshakeError
	_, err = Dial(t.Context(), h.http.URL, byPolling, nil)
	want(t, errors.As(err, &refused) && refused.Status == 403, true)
	want(t, err, `engineio: connecting by polling: handshake: 403 Forbidden: not "you"`)

	header := http.Header{"X-Token": {"secret"}}
	for _, transports := range [][]string{{WebSocket}, {Polling, WebSocket}} {
		before := calls.Load()
		client, server := h.connect(t, DialOptions{Transports: transports, Header: header})
		want(t, client.conn.Send([]byte("x"), nil, Flags{}), nil)
		want(t, server.next(t), "x")
		eventually(t, "WebSocket", func() bool { return client.conn.Transport() == WebSocket })
		want(t, calls.Load()-before, 1) // for the first request only
	}
	want(t, h.Len(), 2)
}

func TestGenerateID(t *testing.T) {
	ids := make(chan string, 10)
	errNone := errors.New("none left")
	told := make(chan *ConnectionError, 10)
	h := newHarness(t, ServerOptions{
		GenerateID: func(*http.Request) (string, error) {
			select {
			case id := <-ids:
				return id, nil
			default:
				return "", errNone
			}
		},
		OnConnectionError: func(e *ConnectionError) { told <- e },
	})
	const id = "a b/c+ü"
	ids <- id
	client, server := h.connect(t, byUpgrade) // the id has to be escaped in requests
	want(t, client.conn.ID(), id)
	want(t, server.conn.ID(), id)
	eventually(t, "the upgrade", func() bool { return client.conn.Transport() == WebSocket })

	for _, test := range []struct {
		name string
		id   []string
		err  error
	}{
		{"an id that is in use", []string{id}, errSessionID},
		{"no id", []string{""}, errSessionID},
		{"an error", nil, errNone},
	} {
		for _, id := range test.id {
			ids <- id
		}
		want(t, do(t, newRequest(t, "GET", h.url("EIO=4&transport=polling"), "")), `400 {"code":3,"message":"Bad request"}`)
		e := receive(t, told, "connection error")
		want(t, errors.Is(e, test.err), true)
		want(t, fmt.Sprint(e.Code, e.Context), "3 map[name:ID_GENERATION_ERROR]")
	}
	want(t, len(client.closed), 0)

	client.conn.Abort("end")
	receive(t, server.conn.Done(), "end")
	ids <- id // is free again
	other, _ := h.connect(t, DialOptions{})
	want(t, other.conn.ID(), id)
}

func TestConcurrentHandshakesGetNoIDTwice(t *testing.T) {
	h := newHarness(t, ServerOptions{GenerateID: func(*http.Request) (string, error) { return "same", nil }},
		func(*recorder) { time.Sleep(time.Millisecond) })
	var opened atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		req := newRequest(t, "GET", h.url("EIO=4&transport=polling"), "")
		all.Go(func() {
			if a, err := tryDo(req); err == nil && a.status == 200 {
				opened.Add(1)
			}
		})
	}
	all.Wait()
	want(t, opened.Load(), 1)
}

func TestCookie(t *testing.T) {
	for _, test := range []struct {
		cookie Cookie
		want   string
	}{
		{Cookie{}, "io=the%20id; Path=/; HttpOnly; SameSite=Lax"},
		{Cookie{Name: "node", Path: "/chat", Domain: "example.com", MaxAge: time.Hour, SameSite: http.SameSiteNoneMode, Secure: true, Scriptable: true},
			"node=the%20id; Path=/chat; Domain=example.com; Max-Age=3600; Secure; SameSite=None"},
	} {
		h := newHarness(t, ServerOptions{Cookie: &test.cookie, GenerateID: func(*http.Request) (string, error) { return "the id", nil }})
		a := do(t, newRequest(t, "GET", h.url("EIO=4&transport=polling"), ""))
		want(t, a.header.Values("Set-Cookie"), []string{test.want})
		p := &pollingSession{h, "the%20id"}
		want(t, p.post(t, "4x").header.Values("Set-Cookie"), []string{})
	}
	h := newHarness(t, ServerOptions{})
	want(t, do(t, newRequest(t, "GET", h.url("EIO=4&transport=polling"), "")).header.Values("Set-Cookie"), []string{})
}

func TestHeaders(t *testing.T) {
	h := newHarness(t, ServerOptions{
		InitialHeaders: func(h http.Header, r *http.Request) {
			h.Set("X-First", r.URL.Query().Get("transport"))
			h.Set("X-Any", "overwritten")
		},
		Headers: func(h http.Header, _ *http.Request) { h.Set("X-Any", "yes") },
	})
	seen := func(header http.Header) string { return header.Get("X-First") + " " + header.Get("X-Any") }
	first := do(t, newRequest(t, "GET", h.url("EIO=4&transport=polling"), ""))
	want(t, seen(first.header), "polling yes")
	p := &pollingSession{h, openData(t, first.body).SID}
	want(t, seen(p.post(t, "4x").header), " yes")
	_ = h.conn(t).conn.Send([]byte("x"), nil, Flags{})
	want(t, seen(p.get(t).header), " yes")
	want(t, seen(do(t, newRequest(t, "GET", h.url("EIO=4&transport=polling&sid=unknown"), "")).header), " ")

	for _, test := range []struct{ query, want string }{
		{"", "websocket yes"},
		{"&sid=" + p.sid, " yes"},
	} {
		w := &rawWS{frames: make(chan string, 10), closed: make(chan error, 1)}
		conn, res, err := gws.NewClient(w, &gws.ClientOption{Addr: h.wsURL("EIO=4&transport=websocket" + test.query)})
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.NetConn().Close()
		want(t, seen(res.Header), test.want)
	}
}

func TestHeadersCannotBreakTheWebSocketHandshake(t *testing.T) {
	h := newHarness(t, ServerOptions{Headers: func(h http.Header, _ *http.Request) {
		h.Set("Upgrade", "h2c")
		h.Set("Connection", "close")
		h.Set("Content-Length", "5")
		h.Set("Transfer-Encoding", "chunked")
		h.Set("Sec-WebSocket-Accept", "x")
		h.Set("Sec-WebSocket-Extensions", "permessage-deflate")
		h["X-Split"] = []string{"a\r\n\r\nb"}
	}}, echoing)
	client, _ := h.connect(t, DialOptions{})
	want(t, client.conn.Send([]byte("x"), nil, Flags{}), nil)
	want(t, client.next(t), "x")
}

func TestOnConnectionError(t *testing.T) {
	told := make(chan *ConnectionError, 10)
	h := newHarness(t, ServerOptions{OnConnectionError: func(e *ConnectionError) { told <- e }})
	p := h.openPolling(t)
	ws := h.openRaw(t)
	h.conn(t)
	onWebSocket := h.conn(t).conn.ID()
	for _, test := range []struct {
		method, query, want string
		header              http.Header
	}{
		{"GET", "EIO=4&transport=smoke", "0 Transport unknown map[transport:smoke]", nil},
		{"GET", "EIO=4&transport=polling&sid=x", "1 Session ID unknown map[sid:x]", nil},
		{"POST", "EIO=4&transport=polling", "2 Bad handshake method map[method:POST]", nil},
		{"POST", "EIO=4&transport=websocket", "2 Bad handshake method map[method:POST]", nil},
		{"GET", "EIO=4&transport=websocket", "3 Bad request map[name:TRANSPORT_HANDSHAKE_ERROR]", nil},
		{"GET", "EIO=4&transport=polling&sid=" + onWebSocket,
			"3 Bad request map[name:TRANSPORT_MISMATCH previousTransport:websocket transport:polling]", nil},
		{"GET", "EIO=4&transport=websocket&sid=" + p.sid,
			"3 Bad request map[name:TRANSPORT_MISMATCH previousTransport:polling transport:websocket]", nil},
		{"GET", "EIO=3&transport=polling&sid=" + p.sid,
			"3 Bad request map[name:PROTOCOL_MISMATCH previousProtocol:4 protocol:3]", nil},
		{"GET", "EIO=3&transport=polling", "5 Unsupported protocol version map[protocol:3]", nil},
		{"GET", "EIO=4&transport=polling", "4 Forbidden map[origin:https://evil.example]", http.Header{"Origin": {"https://evil.example"}}},
	} {
		req := newRequest(t, test.method, h.url(test.query), "")
		for key, values := range test.header {
			req.Header[key] = values
		}
		do(t, req)
		e := receive(t, told, "connection error")
		want(t, fmt.Sprint(e.Code, " ", e.Message, " ", e.Context), test.want)
		want(t, e.Request.URL.RawQuery, test.query)
	}
	want(t, len(told), 0)
	ws.send(t, "4x") // the sessions are as they were
	want(t, p.post(t, "4x"), "200 ok")
}

func TestHookThatPanicsKeepsNothing(t *testing.T) {
	bad := make(chan string, 1)
	panicking := func(name string) {
		select {
		case now := <-bad:
			if now == name {
				panic(http.ErrAbortHandler)
			}
			bad <- now
		default:
		}
	}
	h := newHarness(t, ServerOptions{
		AllowRequest: func(*http.Request) error { panicking("AllowRequest"); return nil },
		GenerateID:   func(r *http.Request) (string, error) { panicking("GenerateID"); return r.URL.Query().Get("id"), nil },
		Headers:      func(http.Header, *http.Request) { panicking("Headers") },
	})
	for _, name := range []string{"AllowRequest", "GenerateID", "Headers"} {
		bad <- name
		if w, err := tryDialRaw(h.wsURL("EIO=4&transport=websocket&id="+name), nil); err == nil {
			_ = w.NetConn().Close()
			w.done.Wait()
			t.Errorf("%s: connected", name)
		}
	}
	want(t, do(t, newRequest(t, "GET", h.url("EIO=4&transport=polling&id=p"), "")).status, 200)
	bad <- "Headers"
	_, err := tryDialRaw(h.wsURL("EIO=4&transport=websocket&sid=p"), nil)
	want(t, err != nil, true)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	want(t, h.Close(ctx), nil) // nothing is left to wait for
}
