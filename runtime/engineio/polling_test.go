package engineio

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestPollingMessages(t *testing.T) {
	for _, test := range []struct{ name, body, answer string }{
		{"one text packet", "4hello", "200 4hello"},
		{"several", "4test1\x1e4test2\x1e4test3", "200 4test1\x1e4test2\x1e4test3"},
		{"text and binary", "4hello\x1ebAQIDBA==", "200 4hello\x1e4attached\x1ebAQIDBA=="},
		{"base64 without padding", "bAQIDBA", "200 4attached\x1ebAQIDBA=="},
		{"empty message", "4", "200 4"},
		{"not ASCII", "4€ŝ𝄞", "200 4€ŝ𝄞"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t, ServerOptions{}, echoing)
			p := h.openPolling(t)
			a := p.post(t, test.body)
			want(t, a, "200 ok")
			want(t, a.header.Get("Content-Type"), "text/html")
			want(t, p.get(t), test.answer)
		})
	}
}

func TestPollWaitsForSomethingToSend(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	p := h.openPolling(t)
	c := h.conn(t).conn
	get := p.start(t)
	m := Frame([]byte("shared"), [][]byte{{1, 2, 3, 4}})
	if err := c.SendFramed(m, Flags{}, nil); err != nil {
		t.Fatal(err)
	}
	want(t, receive(t, get, "answer"), "200 4shared\x1ebAQIDBA==")
}

func TestMalformedPayloadEndsTheSession(t *testing.T) {
	for _, body := range []string{"abc", "", "4ok\x1e", "4ok\x1ex", "\x1e4a", "b$$$", "7"} {
		t.Run(fmt.Sprintf("%q", body), func(t *testing.T) {
			h := newHarness(t, ServerOptions{})
			p := h.openPolling(t)
			want(t, p.post(t, body), `400 {"code":3,"message":"Bad request"}`)
			r := h.conn(t)
			if r.wantClosed(t, ReasonParseError) == nil {
				t.Error("no error given")
			}
			want(t, p.get(t), `400 {"code":1,"message":"Session ID unknown"}`)
		})
	}
}

func TestBinaryContentTypeIsRefused(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	p := h.openPolling(t)
	req := newRequest(t, "POST", h.url(p.query()), "4x")
	req.Header.Set("Content-Type", "application/octet-stream")
	want(t, do(t, req).status, 400)
	h.conn(t).wantClosed(t, ReasonTransportError)
}

func TestSecondPollEndsTheSession(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	p := h.openPolling(t)
	first := p.start(t)
	want(t, p.get(t).status, 400)
	want(t, receive(t, first, "answer"), "200 1")
	h.conn(t).wantClosed(t, ReasonTransportError)
	want(t, p.get(t).status, 400)
}

// TestSecondPostEndsTheSession reads the first one's answer from a raw connection:
// net/http's client says that it could not send the body instead, if it finds that
// out before it reads.
func TestSecondPostEndsTheSession(t *testing.T) {
	for _, body := range []struct{ name, header, first, rest string }{
		{"declared", "Content-Length: 2", "4", "y"},
		{"chunked", "Transfer-Encoding: chunked", "2\r\n4", "y\r\n0\r\n\r\n"},
	} {
		t.Run(body.name, func(t *testing.T) {
			h := newHarness(t, ServerOptions{ReadTimeout: time.Hour})
			p := h.openPolling(t)
			r := h.conn(t)
			first := h.beginRaw(t, "POST", p.query(), body.first, body.header)
			h.wantReading(t, r.conn)
			want(t, p.post(t, "4x").status, 400)
			r.wantClosed(t, ReasonTransportError)
			_ = first.TryWrite([]byte(body.rest)) // which of both comes first is open
			want(t, first.Answer(), `400 {"code":3,"message":"Bad request"}`)
			want(t, len(r.messages), 0)
		})
	}
}

func TestCancelledPollEndsTheSession(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	p := h.openPolling(t)
	ctx, cancel := context.WithCancel(t.Context())
	req := newRequest(t, "GET", h.url(p.query()), "").WithContext(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = tryDo(req)
	}()
	c := h.session(p.sid)
	eventually(t, "the GET is open", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.poll.polling
	})
	cancel()
	<-done
	want(t, p.get(t).status, 400)
	h.conn(t).wantClosed(t, ReasonTransportError)
}

func TestClientClosesPolling(t *testing.T) {
	t.Run("with an open poll", func(t *testing.T) {
		h := newHarness(t, ServerOptions{})
		p := h.openPolling(t)
		get := p.start(t)
		want(t, p.post(t, "1"), "200 ok")
		want(t, receive(t, get, "answer"), "200 6")
		h.conn(t).wantClosed(t, ReasonTransportClose)
		want(t, p.get(t), `400 {"code":1,"message":"Session ID unknown"}`)
	})
	t.Run("before the poll", func(t *testing.T) {
		h := newHarness(t, ServerOptions{})
		p := h.openPolling(t)
		want(t, p.post(t, "4bye\x1e1\x1e4unheard"), "200 ok")
		r := h.conn(t)
		want(t, r.next(t), "bye")
		r.wantClosed(t, ReasonTransportClose)
		want(t, p.get(t), "200 6")
		want(t, p.get(t), `400 {"code":1,"message":"Session ID unknown"}`)
		want(t, len(r.messages), 0)
	})
	t.Run("once the poll has found the session", func(t *testing.T) {
		h := newHarness(t, ServerOptions{})
		p := h.openPolling(t)
		found := h.session(p.sid)
		want(t, p.post(t, "1"), "200 ok")
		h.conn(t).wantClosed(t, ReasonTransportClose)
		eventually(t, "the session is forgotten", func() bool { return h.session(p.sid) == nil })
		for _, answer := range []string{"200 6", `400 {"code":1,"message":"Session ID unknown"}`} {
			w := httptest.NewRecorder()
			h.servePoll(w, httptest.NewRequest(http.MethodGet, "/"+p.query(), nil), found)
			want(t, fmt.Sprint(w.Code, " ", strings.TrimSpace(w.Body.String())), answer)
		}
	})
}

func TestServerClosesPolling(t *testing.T) {
	t.Run("with an open poll", func(t *testing.T) {
		h := newHarness(t, ServerOptions{})
		p := h.openPolling(t)
		r := h.conn(t)
		get := p.start(t)
		r.conn.Close("forced server close")
		want(t, receive(t, get, "answer"), "200 1")
		r.wantClosed(t, "forced server close")
	})
	t.Run("with the next poll, after what is queued", func(t *testing.T) {
		h := newHarness(t, ServerOptions{})
		p := h.openPolling(t)
		r := h.conn(t)
		_ = r.conn.Send([]byte("last"), nil, Flags{})
		r.conn.Close("forced server close")
		want(t, r.conn.Send([]byte("late"), nil, Flags{}), ErrClosed)
		want(t, p.get(t), "200 4last\x1e1")
		r.wantClosed(t, "forced server close")
	})
	t.Run("when no poll comes", func(t *testing.T) {
		h := newHarness(t, ServerOptions{CloseTimeout: 20 * time.Millisecond})
		p := h.openPolling(t)
		r := h.conn(t)
		r.conn.Close("forced server close")
		r.wantClosed(t, "forced server close")
		eventually(t, "the session is unknown", func() bool { return h.session(p.sid) == nil })
	})
	t.Run("at once", func(t *testing.T) {
		h := newHarness(t, ServerOptions{})
		p := h.openPolling(t)
		r := h.conn(t)
		get := p.start(t)
		r.conn.Abort(ReasonParseError)
		want(t, receive(t, get, "answer"), "200 1")
		r.wantClosed(t, ReasonParseError)
	})
}

func TestOversizedPost(t *testing.T) {
	const limit = 1000
	for _, test := range []struct {
		name string
		body func() io.Reader
		want int
	}{
		{"largest, declared", func() io.Reader { return strings.NewReader("4" + strings.Repeat("x", limit-1)) }, 200},
		{"too large, declared", func() io.Reader { return strings.NewReader("4" + strings.Repeat("x", limit)) }, 413},
		{"largest, chunked", func() io.Reader { return io.MultiReader(strings.NewReader("4" + strings.Repeat("x", limit-1))) }, 200},
		{"too large, chunked", func() io.Reader { return io.MultiReader(strings.NewReader("4" + strings.Repeat("x", limit))) }, 413},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t, ServerOptions{MaxPayload: limit})
			p := h.openPolling(t)
			req, err := http.NewRequest("POST", h.url(p.query()), test.body())
			if err != nil {
				t.Fatal(err)
			}
			want(t, do(t, req).status, test.want)
			r := h.conn(t)
			if test.want == 200 {
				want(t, len(r.next(t)), limit-1)
				return
			}
			want(t, p.post(t, "4still here"), "200 ok")
			want(t, r.next(t), "still here")
		})
	}
}

func TestSlowPostIsCutOff(t *testing.T) {
	h := newHarness(t, ServerOptions{ReadTimeout: 30 * time.Millisecond})
	p := h.openPolling(t)
	nc, err := net.Dial("tcp", h.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	fmt.Fprintf(nc, "POST /?%s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4slow", p.query())
	h.conn(t).wantClosed(t, ReasonTransportError)
	_ = nc.SetReadDeadline(time.Now().Add(patience))
	answer, err := io.ReadAll(nc)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 400 ")) {
		t.Errorf("%q, %v", answer, err)
	}
}

// TestLongPollOutlivesServerTimeouts: net/http's timeouts are for requests that
// are answered at once.
func TestLongPollOutlivesServerTimeouts(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	server := &http.Server{Handler: h.Server, ReadTimeout: 50 * time.Millisecond, WriteTimeout: 50 * time.Millisecond}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	url := "http://" + l.Addr().String() + "/?EIO=4&transport=polling"
	sid := openData(t, do(t, newRequest(t, "GET", url, "")).body).SID
	c := h.conn(t).conn
	time.AfterFunc(200*time.Millisecond, func() { _ = c.Send([]byte("at last"), nil, Flags{}) })
	want(t, do(t, newRequest(t, "GET", url+"&sid="+sid, "")), "200 4at last")
}

func TestVolatileIsDroppedBetweenPolls(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	p := h.openPolling(t)
	c := h.conn(t).conn
	want(t, c.Send([]byte("dropped"), nil, Flags{Volatile: true}), ErrQueueFull)
	get := p.start(t)
	want(t, c.Send([]byte("taken"), nil, Flags{Volatile: true}), nil)
	want(t, receive(t, get, "answer"), "200 4taken")
}

func TestPollingQueueIsBounded(t *testing.T) {
	h := newHarness(t, ServerOptions{MaxQueue: 10_000})
	h.openPolling(t)
	r := h.conn(t)
	want(t, r.conn.Send(make([]byte, 50_000), nil, Flags{}), nil) // an empty queue takes any one message
	want(t, r.conn.Send([]byte("x"), nil, Flags{Volatile: true}), ErrQueueFull)
	want(t, r.conn.Send([]byte("x"), nil, Flags{}), ErrQueueFull)
	want(t, r.wantClosed(t, ReasonTransportError), ErrQueueFull)
}
