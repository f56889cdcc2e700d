package engineio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var byPolling = DialOptions{Transports: []string{Polling}}

// fakeServer is a server that answers each request as a test says.
func fakeServer(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) string {
	t.Helper()
	ts := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(ts.Close)
	return ts.URL
}

const fakeOpen = `0{"sid":"fake","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`

func TestDialPollingErrors(t *testing.T) {
	h := newHarness(t, ServerOptions{Transports: []string{WebSocket}})
	refused := func(status int, text string) func(error) bool {
		return func(err error) bool {
			var e *HandshakeError
			return errors.As(err, &e) && e.Status == status && strings.Contains(err.Error(), text)
		}
	}
	say := func(text string) string {
		return fakeServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
	}
	var redirects atomic.Int32
	for _, test := range []struct {
		name, url string
		ok        func(error) bool
	}{
		{"refused", h.http.URL, refused(400, "Transport unknown")},
		{"nobody listens", "http://127.0.0.1:1", func(err error) bool { var e *net.OpError; return errors.As(err, &e) }},
		{"silence", fakeServer(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
			func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }},
		{"redirect", fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
			redirects.Add(1)
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}), refused(302, "302")},
		{"endless header", fakeServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 2*maxResponseHeader))
		}), func(err error) bool { return err != nil }},
		{"endless body", fakeServer(t, func(w http.ResponseWriter, _ *http.Request) {
			for err := error(nil); err == nil; {
				_, err = w.Write(make([]byte, 1<<16))
			}
		}), func(err error) bool { return errors.Is(err, errBodyTooLong) }},
		{"no open packet", say("4hello"), refused(200, "handshake")},
		{"no session id", say("0{}"), refused(200, "handshake")},
		{"garbage", say("<html>"), refused(200, "handshake")},
		{"nothing", say(""), refused(200, "handshake")},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := byPolling
			o.HandshakeTimeout = patience
			if test.name == "silence" {
				o.HandshakeTimeout = 50 * time.Millisecond
			}
			_, err := Dial(t.Context(), test.url, o, func(*Conn) Handler { t.Error("handler was asked for"); return nil })
			if !test.ok(err) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
	want(t, redirects.Load(), 1)
	_, err := Dial(t.Context(), h.http.URL, DialOptions{Transports: []string{"smoke signals"}}, nil)
	want(t, errors.Is(err, errTransport), true)
	_, err = Dial(t.Context(), h.http.URL, DialOptions{Transports: []string{}}, nil)
	want(t, errors.Is(err, errTransport), true)
}

func TestTryAllTransports(t *testing.T) {
	pollingOnly := newHarness(t, ServerOptions{Transports: []string{Polling}})
	client, _ := pollingOnly.connect(t, DialOptions{TryAllTransports: true})
	want(t, client.conn.Transport(), Polling)

	webSocketOnly := newHarness(t, ServerOptions{Transports: []string{WebSocket}})
	client, _ = webSocketOnly.connect(t, DialOptions{Transports: []string{Polling, WebSocket}, TryAllTransports: true})
	want(t, client.conn.Transport(), WebSocket)

	var refused *HandshakeError
	_, err := Dial(t.Context(), pollingOnly.http.URL, DialOptions{}, nil)
	want(t, errors.As(err, &refused), true)

	gone := httptest.NewServer(nil)
	gone.Close()
	_, err = Dial(t.Context(), gone.URL, DialOptions{TryAllTransports: true}, nil)
	if err == nil || !strings.Contains(err.Error(), "by websocket") || !strings.Contains(err.Error(), "by polling") {
		t.Errorf("%v: must tell of both attempts", err)
	}
}

func TestPollingClientPostsWhatTheServerTakesAtOnce(t *testing.T) {
	const limit = 1000
	h := newHarness(t, ServerOptions{MaxPayload: limit})
	o := byPolling
	o.MaxPayload = 1 << 20
	client, server := h.connect(t, o)
	for i := range 100 {
		text := fmt.Appendf(nil, "%02d%s", i, strings.Repeat("t", i*5))
		blob := bytes.Repeat([]byte{byte(i)}, 500)
		var err error
		if i%2 == 0 {
			err = client.conn.Send(text, [][]byte{blob, blob}, Flags{})
		} else {
			err = client.conn.SendFramed(Frame(text, [][]byte{blob, blob}), Flags{}, nil)
		}
		want(t, err, nil)
	}
	for i := range 100 {
		want(t, server.next(t)[:2], fmt.Sprintf("%02d", i))
		for range 2 {
			want(t, server.next(t), "b:"+string(bytes.Repeat([]byte{byte(i)}, 500)))
		}
	}

	want(t, client.conn.Send(make([]byte, limit), nil, Flags{}), nil) // more than it ever takes
	client.wantClosed(t, ReasonTransportError)
}

func TestPollingClientClosesAfterWhatIsQueued(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	for range 20 {
		client, server := h.connect(t, byPolling)
		for i := range 50 {
			want(t, client.conn.Send(fmt.Append(nil, i), nil, Flags{}), nil)
		}
		client.conn.Close("io client disconnect")
		want(t, client.conn.Send([]byte("late"), nil, Flags{}), ErrClosed)
		for i := range 50 {
			want(t, server.next(t), fmt.Sprint(i))
		}
		server.wantClosed(t, ReasonTransportClose)
		client.wantClosed(t, "io client disconnect")
	}
}

func TestPollingClientGivesUpAnOrderlyClose(t *testing.T) {
	url := fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("sid") == "" {
			_, _ = io.WriteString(w, fakeOpen)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done() // never answers
	})
	o := byPolling
	o.CloseTimeout = 20 * time.Millisecond
	client := dialTo(t, url, o)
	_ = client.conn.Send([]byte("x"), nil, Flags{})
	client.conn.Close("io client disconnect")
	client.wantClosed(t, "io client disconnect")
}

// dialTo opens a connection to a server that is not a harness's.
func dialTo(t *testing.T, url string, o DialOptions) *recorder {
	t.Helper()
	client := newClientRecorder()
	c, err := Dial(t.Context(), url, o, client.handler)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Abort("end of test")
		receive(t, c.Done(), "end of client")
	})
	return client
}

func TestVolatileIsDroppedWhileAPostIsUnderWay(t *testing.T) {
	release := make(chan struct{})
	h := newHarness(t, ServerOptions{}, func(r *recorder) {
		r.onMessage = func(_ *Conn, data []byte, _ bool) {
			if string(data) == "hold" {
				<-release
			}
		}
	})
	client, server := h.connect(t, byPolling)
	want(t, client.conn.Send([]byte("hold"), nil, Flags{}), nil)
	want(t, client.conn.Send([]byte("dropped"), nil, Flags{Volatile: true}), ErrQueueFull)
	want(t, client.conn.Send([]byte("kept"), nil, Flags{}), nil)
	close(release)
	want(t, server.next(t), "hold")
	want(t, server.next(t), "kept")
	eventually(t, "nothing is under way", func() bool {
		return client.conn.Send([]byte("taken"), nil, Flags{Volatile: true}) == nil
	})
	want(t, server.next(t), "taken")
}

func TestPollingClientsQueueIsBounded(t *testing.T) {
	release := make(chan struct{})
	h := newHarness(t, ServerOptions{}, func(r *recorder) {
		r.onMessage = func(*Conn, []byte, bool) { <-release }
	})
	defer close(release)
	o := byPolling
	o.MaxQueue = 100_000
	client, _ := h.connect(t, o)
	var err error
	sent := 0
	for ; err == nil; sent++ {
		err = client.conn.Send(make([]byte, 10_000), nil, Flags{})
	}
	want(t, err, ErrQueueFull)
	if sent > 25 {
		t.Errorf("%d messages were queued", sent)
	}
	want(t, client.wantClosed(t, ReasonTransportError), ErrQueueFull)
}

func TestHeartbeatOfAPollingClient(t *testing.T) {
	h := newHarness(t, ServerOptions{PingInterval: 20 * time.Millisecond, PingTimeout: 5 * time.Second})
	client, server := h.connect(t, byPolling)
	for range 5 { // pings are answered: each next one is sent only then
		server.conn.mu.Lock()
		before := server.conn.beat.pingedAt
		server.conn.mu.Unlock()
		eventually(t, "another ping", func() bool {
			server.conn.mu.Lock()
			defer server.conn.mu.Unlock()
			return server.conn.beat.pingedAt.After(before)
		})
	}
	want(t, len(client.closed)+len(server.closed), 0)
}

func TestCookiesFindTheSession(t *testing.T) {
	h := newHarness(t, ServerOptions{}, echoing)
	var mu sync.Mutex
	seen := map[string]int{}
	posted := make(chan struct{}, 100)
	url := fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
		kind := r.Method + " " + r.URL.Query().Get("transport")
		if r.URL.Query().Get("sid") == "" {
			http.SetCookie(w, &http.Cookie{Name: "node", Value: "7", Path: "/", HttpOnly: true})
		} else if cookie, err := r.Cookie("node"); err != nil || cookie.Value != "7" {
			t.Errorf("%s: cookie %v, %v", kind, cookie, err)
		}
		if own, err := r.Cookie("own"); err != nil || own.Value != "1" {
			t.Errorf("%s: own cookie: %v", kind, err)
		}
		mu.Lock()
		seen[kind]++
		mu.Unlock()
		switch kind {
		case "POST polling":
			posted <- struct{}{}
		case "GET websocket": // else nothing may be posted any more
			select {
			case <-posted:
			case <-r.Context().Done():
			}
		}
		h.ServeHTTP(w, r)
	})
	client := dialTo(t, url, DialOptions{Transports: []string{Polling, WebSocket}, Header: http.Header{"Cookie": {"own=1"}}})
	want(t, client.conn.Send([]byte("x"), nil, Flags{}), nil)
	want(t, client.next(t), "x")
	eventually(t, "the upgrade", func() bool { return client.conn.Transport() == WebSocket })
	mu.Lock()
	defer mu.Unlock()
	want(t, seen["GET polling"] > 0 && seen["POST polling"] > 0 && seen["GET websocket"] == 1, true)
}

// TestLostPollIsNotRepeated: net/http repeats a GET on another connection when
// one is lost, and what the server had answered would be lost without a trace.
func TestLostPollIsNotRepeated(t *testing.T) {
	var polls atomic.Int32
	url := fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Query().Get("sid") == "":
			_, _ = io.WriteString(w, fakeOpen)
		case r.Method == "GET" && polls.Add(1) == 1:
			_, _ = io.WriteString(w, "4one")
		case r.Method == "GET":
			nc, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = nc.Close()
			}
		}
	})
	client := dialTo(t, url, byPolling)
	want(t, client.next(t), "one")
	if client.wantClosed(t, ReasonTransportError) == nil {
		t.Error("no error given")
	}
	want(t, polls.Load(), 2)
}

func TestBadServerByPolling(t *testing.T) {
	big := "4" + strings.Repeat("x", DefaultMaxPayload+1)
	for _, test := range []struct {
		name, answer string
		status       int
		reason       string
	}{
		{"garbage", "4good\x1exbad", 200, ReasonParseError},
		{"nothing", "", 200, ReasonParseError},
		{"unknown session", `{"code":1,"message":"Session ID unknown"}`, 400, ReasonTransportError},
		{"gateway", "<html>", 502, ReasonTransportError},
		{"close", "1", 200, ReasonTransportClose},
		{"a message that is too long", big, 200, ReasonTransportError},
	} {
		t.Run(test.name, func(t *testing.T) {
			url := fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("sid") == "" {
					_, _ = io.WriteString(w, fakeOpen)
					return
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.answer)
			})
			client := dialTo(t, url, byPolling)
			err := client.wantClosed(t, test.reason)
			if err != nil && strings.Contains(err.Error(), "fake") {
				t.Errorf("%v: tells the session id", err)
			}
			receive(t, client.conn.Done(), "end")
		})
	}
}

func TestWhatComesWithTheHandshakeIsDelivered(t *testing.T) {
	var polled atomic.Bool
	url := fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Query().Get("sid") == "":
			_, _ = io.WriteString(w, fakeOpen+"\x1e4early\x1ebAQID")
		case r.Method == "GET" && !polled.Swap(true):
			_, _ = io.WriteString(w, "4later")
		default:
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}
	})
	client := dialTo(t, url, byPolling)
	want(t, client.next(t), "early")
	want(t, client.next(t), "b:\x01\x02\x03")
	want(t, client.next(t), "later")
}

func TestHandlerOfAPollingClientMayEndIt(t *testing.T) {
	for name, end := range map[string]func(*Conn){
		"Close": func(c *Conn) { c.Close("enough") },
		"Abort": func(c *Conn) { c.Abort("enough") },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, ServerOptions{})
			client := newClientRecorder()
			client.onMessage = func(c *Conn, _ []byte, _ bool) { end(c) }
			c, err := Dial(t.Context(), h.http.URL, byPolling, client.handler)
			want(t, err, nil)
			server := h.conn(t)
			_ = server.conn.Send([]byte("first"), nil, Flags{})
			client.wantClosed(t, "enough")
			server.wantClosed(t, ReasonTransportClose) // at once, not after a ping
			receive(t, c.Done(), "end")
		})
	}
}

func TestURLOfAPollingClient(t *testing.T) {
	o := DialOptions{Path: "/a/b/", Query: url.Values{"x": {"1", "2"}}}
	base, err := o.endpoint("wss://example.com:1/ignored?y=3#z")
	want(t, err, nil)
	want(t, requestURL(base, Polling, "id"), "https://example.com:1/a/b/?EIO=4&sid=id&transport=polling&x=1&x=2&y=3")
	want(t, requestURL(base, WebSocket, ""), "wss://example.com:1/a/b/?EIO=4&transport=websocket&x=1&x=2&y=3")
}
