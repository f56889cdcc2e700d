package engineio

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxzan/gws"
)

func TestPollingHandshake(t *testing.T) {
	h := newHarness(t, ServerOptions{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond, MaxPayload: 1000})
	a := do(t, newRequest(t, "GET", h.url("EIO=4&transport=polling"), ""))
	sid := h.conn(t).conn.ID()
	want(t, a, `200 0{"sid":"`+sid+`","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000}`)
	want(t, a.header.Get("Content-Type"), "text/plain; charset=UTF-8")
	want(t, a.header.Get("Cache-Control"), "no-store")
}

func TestUpgradesAreOfferedOnlyWherePossible(t *testing.T) {
	for name, o := range map[string]ServerOptions{
		"disabled":      {DisableUpgrades: true},
		"only polling":  {Transports: []string{Polling}},
		"not available": {Transports: []string{Polling}, DisableUpgrades: true},
	} {
		h := newHarness(t, o)
		a := do(t, newRequest(t, "GET", h.url("EIO=4&transport=polling"), ""))
		if !strings.Contains(a.body, `"upgrades":[]`) {
			t.Errorf("%s: %s", name, a.body)
		}
		_, err := tryDialRaw(h.wsURL("EIO=4&transport=websocket&sid="+openData(t, a.body).SID), nil)
		if err == nil {
			t.Errorf("%s: the upgrade was accepted", name)
		}
	}
}

func TestSessionIDsAreUnguessable(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	seen := map[string]bool{}
	for range 50 {
		sid := h.openPolling(t).sid
		if len(sid) < 26 || seen[sid] { // 26 characters of base32 are 130 bits
			t.Fatalf("session id %q", sid)
		}
		seen[sid] = true
	}
}

func TestRefusedRequests(t *testing.T) {
	const (
		unknown = `400 {"code":0,"message":"Transport unknown"}`
		session = `400 {"code":1,"message":"Session ID unknown"}`
		method  = `400 {"code":2,"message":"Bad handshake method"}`
		bad     = `400 {"code":3,"message":"Bad request"}`
		version = `400 {"code":5,"message":"Unsupported protocol version"}`
	)
	h := newHarness(t, ServerOptions{})
	sid := h.openPolling(t).sid
	for _, test := range []struct{ method, query, want string }{
		{"GET", "EIO=4", unknown},
		{"GET", "EIO=4&transport=abc", unknown},
		{"GET", "transport=polling", version},
		{"GET", "EIO=abc&transport=polling", version},
		{"GET", "EIO=3&transport=polling", version},
		{"POST", "EIO=4&transport=polling", method},
		{"PUT", "EIO=4&transport=polling", method},
		{"POST", "EIO=4&transport=websocket", method},
		{"GET", "EIO=4&transport=websocket", bad},
		{"GET", "EIO=4&transport=polling&sid=guess", session},
		{"POST", "EIO=4&transport=polling&sid=guess", session},
		{"GET", "EIO=4&transport=websocket&sid=guess", session},
		{"GET", "EIO=4&transport=websocket&sid=" + sid, bad},
		{"GET", "EIO=3&transport=polling&sid=" + sid, bad},
		{"GET", "transport=polling&sid=" + sid, bad},
		{"PUT", "EIO=4&transport=polling&sid=" + sid, bad},
	} {
		t.Run(test.method+" "+test.query, func(t *testing.T) {
			a := do(t, newRequest(t, test.method, h.url(test.query), ""))
			want(t, a, test.want)
			want(t, a.header.Get("Content-Type"), "application/json")
		})
	}
	want(t, h.Len(), 1)
}

func TestRefusedWebSockets(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	for _, query := range []string{
		"transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc",
		"EIO=4&transport=polling", "EIO=4&transport=websocket&sid=guess",
	} {
		if _, err := tryDialRaw(h.wsURL(query), nil); err == nil {
			t.Errorf("%s: accepted", query)
		}
	}
	want(t, h.Len(), 0)
}

func TestTransportThatIsNotOfferedIsUnknown(t *testing.T) {
	h := newHarness(t, ServerOptions{Transports: []string{WebSocket}})
	want(t, do(t, newRequest(t, "GET", h.url("EIO=4&transport=polling"), "")), `400 {"code":0,"message":"Transport unknown"}`)
	h.openRaw(t)
}

// TestPacketsBehindTheHandshake sends the handshake and a packet in one segment.
func TestPacketsBehindTheHandshake(t *testing.T) {
	h := newHarness(t, ServerOptions{}, echoing)
	for range 100 {
		nc, err := net.Dial("tcp", h.http.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		frames := appendMaskedFrame(nil, frameText, []byte("4"), []byte("early"))
		frames = appendMaskedFrame(frames, frameText, []byte("4"), []byte(strings.Repeat("x", 3000)))
		fmt.Fprintf(nc, "GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\n"+
			"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n%s", frames)
		r := h.conn(t)
		want(t, r.next(t), "early")
		want(t, len(r.next(t)), 3000)

		_ = nc.SetReadDeadline(time.Now().Add(patience))
		br := bufio.NewReader(nc)
		res, err := http.ReadResponse(br, nil)
		if err != nil {
			t.Fatal(err)
		}
		want(t, res.StatusCode, 101)
		want(t, readServerFrame(t, br)[0], '0')
		want(t, readServerFrame(t, br), "4early")
		want(t, len(readServerFrame(t, br)), 3001)
		_ = nc.Close()
		r.wantClosed(t, ReasonTransportClose)
	}
}

func readServerFrame(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		t.Fatal(err)
	}
	if head[1] > 125 {
		var length [2]byte
		if _, err := io.ReadFull(r, length[:]); err != nil {
			t.Fatal(err)
		}
		head[1] = 0
		b := make([]byte, int(length[0])<<8|int(length[1]))
		_, _ = io.ReadFull(r, b)
		return string(b)
	}
	b := make([]byte, head[1])
	if _, err := io.ReadFull(r, b); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWhatAcceptSendsFollowsTheHandshake(t *testing.T) {
	h := newHarness(t, ServerOptions{}, func(r *recorder) { _ = r.conn.Send([]byte("first"), nil, Flags{}) })
	w := h.openRaw(t)
	want(t, w.next(t), "4first")
	want(t, h.openPolling(t).get(t), "200 4first")
}

func TestRequestInfo(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	req := newRequest(t, "GET", h.url("EIO=4&transport=polling&token=x"), "")
	req.Header.Set("X-Test", "yes")
	do(t, req)
	info := h.conn(t).conn.Request()
	want(t, info.Header.Get("X-Test"), "yes")
	want(t, info.Query().Get("token"), "x")
	want(t, info.Secure, false)
	want(t, info.Host, strings.TrimPrefix(h.http.URL, "http://"))
	want(t, info.RemoteAddr != "" && time.Since(info.Time) < time.Hour, true)
}

func TestOverHTTP2PollingWorksAndWebSocketIsRefused(t *testing.T) {
	server := NewServer(ServerOptions{CloseTimeout: 100 * time.Millisecond}, func(c *Conn) Handler {
		_ = c.Send([]byte("hi"), nil, Flags{})
		return &recorder{conn: c, messages: make(chan string, 1), closed: make(chan ended, 1)}
	})
	ts := httptest.NewUnstartedServer(server)
	ts.EnableHTTP2 = true
	ts.StartTLS()
	defer ts.Close()
	defer func() { _ = server.Close(t.Context()) }()

	get := func(query string, header ...string) (answer, int) {
		req := newRequest(t, "GET", ts.URL+"/engine.io/?EIO=4&"+query, "")
		for _, h := range header {
			req.Header.Set(h, h)
		}
		res, err := ts.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		return answer{status: res.StatusCode, body: string(body)}, res.ProtoMajor
	}
	a, major := get("transport=polling")
	want(t, major, 2)
	sid := openData(t, a.body).SID
	a, _ = get("transport=polling&sid=" + sid)
	want(t, a, "200 4hi")
	a, _ = get("transport=websocket")
	want(t, a.status, 400)
}

func TestOverTLS(t *testing.T) { eachTransport(t, testOverTLS) }

func testOverTLS(t *testing.T, transports []string) {
	info := make(chan *RequestInfo, 1)
	server := NewServer(ServerOptions{}, func(c *Conn) Handler {
		info <- c.Request()
		r := &recorder{conn: c, messages: make(chan string, 8), closed: make(chan ended, 1)}
		echoing(r)
		return r
	})
	ts := httptest.NewUnstartedServer(server)
	ts.Config.ErrorLog = log.New(io.Discard, "", 0)
	ts.EnableHTTP2 = true // as servers have it by default; the client asks for HTTP/1.1
	ts.StartTLS()
	defer ts.Close()
	defer func() { _ = server.Close(t.Context()) }()

	r := newClientRecorder()
	o := DialOptions{Transports: transports, TLSConfig: ts.Client().Transport.(*http.Transport).TLSClientConfig}
	c, err := Dial(t.Context(), ts.URL, o, r.handler)
	if err != nil {
		t.Fatal(err)
	}
	want(t, (<-info).Secure, true)
	for i := range 100 {
		text := fmt.Sprint(i, strings.Repeat("x", i*100))
		if err := c.Send([]byte(text), nil, Flags{}); err != nil {
			t.Fatal(err)
		}
		want(t, r.next(t), text)
	}
	last := transports[len(transports)-1]
	eventually(t, "the client is on "+last, func() bool { return c.Transport() == last })
	c.Close("io client disconnect")
	r.wantClosed(t, "io client disconnect")
	receive(t, c.Done(), "end")

	_, err = Dial(t.Context(), ts.URL, DialOptions{Transports: transports}, r.handler)
	var unknown x509.UnknownAuthorityError
	want(t, errors.As(err, &unknown), true)
}

// TestImpossibleFrameLength sends a length that is negative as an int64.
func TestImpossibleFrameLength(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	w := h.openRaw(t)
	_, err := w.NetConn().Write([]byte{frameText, maskBit | 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.conn(t).wantClosed(t, ReasonTransportError); err == nil {
		t.Error("no error given")
	}
	w.wantClosed(t)
}

func TestInvalidFramesCloseTheConnection(t *testing.T) {
	h := newHarness(t, ServerOptions{MaxPayload: 1000})
	for name, frame := range map[string][]byte{
		"not masked":           {frameText, 2, '4', 'x'},
		"reserved bits":        {frameText | 0x70, maskBit, 0, 0, 0, 0},
		"unknown opcode":       {0x80 | 0x5, maskBit, 0, 0, 0, 0},
		"stray continuation":   {0x80, maskBit, 0, 0, 0, 0},
		"fragmented ping":      {0x9, maskBit, 0, 0, 0, 0},
		"not UTF-8":            {frameText, maskBit | 2, 0, 0, 0, 0, '4', 0xff},
		"longer than allowed":  {frameText, maskBit | 126, 0x10, 0, 0, 0, 0, 0},
		"length of 64 bits":    {frameText, maskBit | 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"fragments too long":   append(append([]byte{0x1, maskBit | 126, 3, 0, 0, 0, 0, 0}, make([]byte, 768)...), append([]byte{0x80, maskBit | 126, 3, 0, 0, 0, 0, 0}, make([]byte, 768)...)...),
		"interleaved messages": {0x1, maskBit | 1, 0, 0, 0, 0, '4', frameText, maskBit | 1, 0, 0, 0, 0, '4'},
	} {
		t.Run(name, func(t *testing.T) {
			w := h.openRaw(t)
			if _, err := w.NetConn().Write(frame); err != nil {
				t.Fatal(err)
			}
			r := h.conn(t)
			if r.wantClosed(t, ReasonTransportError) == nil {
				t.Error("no error given")
			}
			w.wantClosed(t)
			want(t, len(r.messages), 0)
		})
	}
}

func TestWebSocketPingIsAnswered(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	pongs := make(chan string, 1)
	w := &pongWatcher{pongs: pongs}
	conn, _, err := gws.NewClient(w, &gws.ClientOption{Addr: h.wsURL("EIO=4&transport=websocket")})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); conn.ReadLoop() }()
	if err := conn.WritePing([]byte("still there?")); err != nil {
		t.Fatal(err)
	}
	want(t, receive(t, pongs, "pong"), "still there?")
	_ = conn.NetConn().Close()
	<-done
}

type pongWatcher struct {
	gws.BuiltinEventHandler
	pongs chan string
}

func (p *pongWatcher) OnPong(_ *gws.Conn, payload []byte) { p.pongs <- string(payload) }

func TestPanicInAcceptLeavesNothingBehind(t *testing.T) {
	server := NewServer(ServerOptions{}, func(*Conn) Handler { panic("application") })
	ts := httptest.NewUnstartedServer(server)
	ts.Config.ErrorLog = log.New(io.Discard, "", 0)
	ts.Start()
	defer ts.Close()
	if _, err := tryDo(newRequest(t, "GET", ts.URL+"/?EIO=4&transport=polling", "")); err == nil {
		t.Error("polling was answered")
	}
	w, err := tryDialRaw("ws"+strings.TrimPrefix(ts.URL, "http")+"/?EIO=4&transport=websocket", nil)
	if err == nil { // the handshake's answer may have been on its way
		w.wantClosed(t)
		w.done.Wait()
	}
	want(t, server.Len(), 0)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	want(t, server.Close(ctx), nil)
}

// TestShortLivedConnections leaves nothing behind, whichever way they end.
func TestShortLivedConnections(t *testing.T) {
	h := newHarness(t, ServerOptions{}, echoing)
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 100 {
				w, err := tryDialRaw(h.wsURL("EIO=4&transport=websocket"), nil)
				if err != nil {
					t.Error(err)
					return
				}
				switch (worker + i) % 4 {
				case 0:
					_ = w.NetConn().Close()
				case 1:
					_ = w.WriteClose(1000, nil)
				case 2:
					_ = w.WriteString("1")
				case 3:
					_ = w.WriteString("malformed")
				}
				<-w.closed
				w.done.Wait()
			}
		})
	}
	all.Wait()
	eventually(t, "all sessions are gone", func() bool { return h.Len() == 0 })
	for range 400 {
		r := h.conn(t)
		receive(t, r.closed, "end of connection")
		receive(t, r.conn.Done(), "release")
	}
}
