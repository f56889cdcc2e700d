package engineio

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/rawpeer"
)

// beginBody begins a request whose body is announced, and never comes whole.
func (h *harness) beginBody(t *testing.T, method, query string, header ...string) *rawpeer.Request {
	t.Helper()
	return h.beginRaw(t, method, query, "4slow", append(header, "Content-Length: 100")...)
}

// beginRaw begins a request whose header is complete. Each element of it is a line.
func (h *harness) beginRaw(t *testing.T, method, query, body string, header ...string) *rawpeer.Request {
	t.Helper()
	at := rawpeer.At(h.http.URL, "/engine.io/")
	head := fmt.Sprintf("%s %s?%s HTTP/1.1\r\nHost: %s\r\n", method, at.Path, query, at.Addr)
	for _, line := range header {
		head += line + "\r\n"
	}
	return at.BeginRaw(t, method, head+"\r\n"+body)
}

// wantReading waits until the body of the session's POST is being read.
func (h *harness) wantReading(t *testing.T, c *Conn) {
	t.Helper()
	eventually(t, "the POST is being read", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.poll.cut != nil || c.state == stateClosed
	})
}

// TestAnswersDoNotWaitForBodiesThatNeverCome: net/http would wait for them before
// it sends an answer that a handler has given.
func TestAnswersDoNotWaitForBodiesThatNeverCome(t *testing.T) {
	const open = "EIO=4&transport=polling"
	ended := func(t *testing.T, h *harness) string {
		p := h.openPolling(t)
		h.conn(t).conn.Abort(ReasonForcedClose)
		eventually(t, "the session is forgotten", func() bool { return h.session(p.sid) == nil })
		return p.query()
	}
	for _, test := range []struct {
		name, method string
		query        func(t *testing.T, h *harness) string
		header       []string
		want         string
	}{
		{"POST of a session that never was", "POST", func(*testing.T, *harness) string { return open + "&sid=abc" }, nil,
			`400 {"code":1,"message":"Session ID unknown"}`},
		{"POST of a session that has ended", "POST", ended, nil, `400 {"code":1,"message":"Session ID unknown"}`},
		{"GET of a session that has ended", "GET", ended, nil, `400 {"code":1,"message":"Session ID unknown"}`},
		{"POST of a session on WebSocket", "POST", func(t *testing.T, h *harness) string {
			h.openRaw(t)
			return open + "&sid=" + h.conn(t).conn.ID()
		}, nil, `400 {"code":3,"message":"Bad request"}`},
		{"POST that is to open a session", "POST", func(*testing.T, *harness) string { return open }, nil,
			`400 {"code":2,"message":"Bad handshake method"}`},
		{"PUT of a session", "PUT", func(t *testing.T, h *harness) string { return h.openPolling(t).query() }, nil,
			`400 {"code":3,"message":"Bad request"}`},
		{"POST from elsewhere", "POST", ended, []string{"Origin: http://elsewhere.example"}, `403 {"code":4,"message":"Forbidden"}`},
		{"POST of the wrong kind", "POST", func(t *testing.T, h *harness) string { return h.openPolling(t).query() },
			[]string{"Content-Type: application/octet-stream"}, `400 {"code":3,"message":"Bad request"}`},
		{"POST that is too large", "POST", func(t *testing.T, h *harness) string { return h.openPolling(t).query() }, nil, "413 "},
		{"header that is too large", "POST", ended, []string{"Cookie: " + strings.Repeat("x", DefaultMaxHeaderBytes)}, "431 "},
		{"GET with something to send", "GET", func(t *testing.T, h *harness) string {
			p := h.openPolling(t)
			_ = h.conn(t).conn.Send([]byte("hello"), nil, Flags{})
			return p.query()
		}, nil, "200 4hello"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t, ServerOptions{ReadTimeout: time.Hour, MaxPayload: 99})
			r := h.beginBody(t, test.method, test.query(t, h), test.header...)
			want(t, r.Answer(), test.want)
		})
	}
	t.Run("GET that opens a session", func(t *testing.T) {
		h := newHarness(t, ServerOptions{ReadTimeout: time.Hour})
		a := h.beginBody(t, "GET", open).Answer()
		want(t, a.Status, http.StatusOK)
		openData(t, a.Body)
	})
}

// TestTheEndOfASessionEndsItsRequests: neither waits for anything else then.
func TestTheEndOfASessionEndsItsRequests(t *testing.T) {
	for name, end := range map[string]func(*Conn){
		"at once":    func(c *Conn) { c.Abort(ReasonForcedClose) },
		"in order":   func(c *Conn) { c.Close(ReasonForcedClose) },
		"by silence": func(*Conn) {},
	} {
		t.Run(name, func(t *testing.T) {
			o := ServerOptions{ReadTimeout: time.Hour}
			if name == "by silence" {
				o.PingInterval, o.PingTimeout = 10*time.Millisecond, 500*time.Millisecond
			}
			h := newHarness(t, o)
			p := h.openPolling(t)
			c := h.conn(t).conn
			post := h.beginBody(t, "POST", p.query())
			h.wantReading(t, c)
			end(c)
			want(t, post.Answer().Status, http.StatusBadRequest)
			if name != "in order" { // where the poll that is to learn of it may come yet
				want(t, p.get(t), `400 {"code":1,"message":"Session ID unknown"}`)
			}
		})
	}
}

// TestRefusedSendersAreNotReset: a client that is still sending when it is refused has
// time to read so.
func TestRefusedSendersAreNotReset(t *testing.T) {
	for _, test := range []struct{ name, header, body string }{
		{"declared", "Content-Length: 100\r\nConnection: close", "4"},
		{"chunked", "Transfer-Encoding: chunked", "64\r\n4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t, ServerOptions{ReadTimeout: time.Hour})
			// How long it has is net/http's to say: 500 ms. A run in which the machine
			// took all of that says nothing.
			for end := time.Now().Add(patience); time.Now().Before(end); {
				p := h.openPolling(t)
				c := h.conn(t).conn
				nc, err := net.Dial("tcp", h.http.Listener.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer nc.Close()
				fmt.Fprintf(nc, "POST /engine.io/?%s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s", p.query(), test.header, test.body)
				h.wantReading(t, c)
				start := time.Now()
				c.Abort(ReasonForcedClose)
				_ = nc.SetReadDeadline(time.Now().Add(patience))
				answer, err := io.ReadAll(nc)
				for range 9 {
					if _, failed := nc.Write([]byte("x")); err == nil {
						err = failed
					}
				}
				if time.Since(start) >= 500*time.Millisecond {
					continue
				}
				if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 400 ")) {
					t.Fatalf("%q, %v", answer, err)
				}
				return
			}
			t.Skip("the machine is too slow to tell")
		})
	}
}

func TestHeadersAreLimited(t *testing.T) {
	refused := make(chan int, 1)
	h := newHarness(t, ServerOptions{MaxHeaderBytes: 500, OnConnectionError: func(e *ConnectionError) { refused <- e.Code }})
	at := rawpeer.At(h.http.URL, "/engine.io/")
	const query = "EIO=4&transport=polling"
	for name, tooMuch := range map[string]func(n int) rawpeer.Answer{
		"one field":   func(n int) rawpeer.Answer { return at.Do(t, "GET", query, "", "X: "+strings.Repeat("x", n)) },
		"many fields": func(n int) rawpeer.Answer { return at.Do(t, "GET", query, "", slices.Repeat([]string{"X: y"}, n/6)...) },
		"the query":   func(n int) rawpeer.Answer { return at.Do(t, "GET", query+"&x="+strings.Repeat("x", n), "") },
	} {
		want(t, tooMuch(300).Status, http.StatusOK)
		if a := tooMuch(600); a.Status != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s: %v", name, a)
		}
	}
	want(t, h.Len(), 3)
	want(t, len(refused), 0)
}
