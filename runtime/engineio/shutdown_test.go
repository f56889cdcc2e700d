package engineio

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestCloseFlushesFirst(t *testing.T) {
	h := newHarness(t, ServerOptions{CloseTimeout: patience, MaxQueue: 64 << 20})
	w := h.openRaw(t)
	r := h.conn(t)
	const messages = 500
	for i := range messages {
		_ = r.conn.Send(fmt.Append(nil, i), [][]byte{make([]byte, 20_000)}, Flags{})
		if i == 0 {
			r.conn.Cork() // even what is corked
		}
	}
	r.conn.Close("forced server close")
	r.conn.Close("second")
	want(t, r.conn.Send(nil, nil, Flags{}), ErrClosed)
	for i := range messages {
		want(t, w.next(t), fmt.Sprint("4", i))
		want(t, len(w.next(t)), 20_002)
	}
	want(t, isCloseFrame(w.wantClosed(t)), true)
	r.wantClosed(t, "forced server close")
	receive(t, r.conn.Done(), "end")
	want(t, h.Len(), 0)
}

func TestCloseDoesNotWaitForAReaderThatStopped(t *testing.T) {
	h := newHarness(t, ServerOptions{CloseTimeout: 50 * time.Millisecond})
	r := h.stall(t)
	r.conn.Close("forced server close")
	r.wantClosed(t, "forced server close")
	receive(t, r.conn.Done(), "end")
}

func TestAbortEndsAtOnce(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	w := h.openRaw(t)
	r := h.conn(t)
	r.conn.Abort(ReasonParseError)
	w.wantClosed(t)
	r.wantClosed(t, ReasonParseError)
	receive(t, r.conn.Done(), "end")
}

func TestMalformedPacketEndsTheConnection(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	for _, text := range []string{"abc", "", "b$", "9"} {
		w := h.openRaw(t)
		w.send(t, text)
		r := h.conn(t)
		if r.wantClosed(t, ReasonParseError) == nil {
			t.Errorf("%q: no error given", text)
		}
		w.wantClosed(t)
	}
}

func TestEndsOfAWebSocket(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(*testing.T, *rawWS)
		want string
	}{
		"close packet":    {func(t *testing.T, w *rawWS) { w.send(t, "1") }, ReasonTransportClose},
		"close frame":     {func(t *testing.T, w *rawWS) { _ = w.WriteClose(1000, nil) }, ReasonTransportClose},
		"network closing": {func(t *testing.T, w *rawWS) { _ = w.NetConn().Close() }, ReasonTransportClose},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, ServerOptions{})
			w := h.openRaw(t)
			w.send(t, "4last")
			test.end(t, w)
			r := h.conn(t)
			want(t, r.next(t), "last")
			want(t, r.wantClosed(t, test.want), nil)
			receive(t, r.conn.Done(), "end")
			want(t, h.Len(), 0)
		})
	}
}

func TestServerCloseEndsEverything(t *testing.T) {
	h := newHarness(t, ServerOptions{CloseTimeout: patience})
	w := h.openRaw(t)
	onWebSocket := h.conn(t)
	p := h.openPolling(t)
	onPolling := h.conn(t)
	get := p.start(t)

	if err := h.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	onWebSocket.wantClosed(t, ReasonServerShutdown)
	onPolling.wantClosed(t, ReasonServerShutdown)
	want(t, isCloseFrame(w.wantClosed(t)), true)
	want(t, receive(t, get, "answer"), "200 1")
	want(t, h.Len(), 0)
	want(t, do(t, newRequest(t, "GET", h.url("EIO=4&transport=polling"), "")).status, 503)
	_, err := tryDialRaw(h.wsURL("EIO=4&transport=websocket"), nil)
	want(t, err != nil, true)
	want(t, h.Close(t.Context()), nil)
}

func TestServerCloseEndsWithItsContext(t *testing.T) {
	h := newHarness(t, ServerOptions{CloseTimeout: patience})
	r := h.stall(t)
	h.openPolling(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	want(t, errors.Is(h.Close(ctx), context.DeadlineExceeded), true)
	r.wantClosed(t, ReasonServerShutdown)
}

func TestCloseWhileConnectionsOpen(t *testing.T) {
	for range 20 {
		h := newHarness(t, ServerOptions{})
		opened := make(chan struct{})
		go func() {
			defer close(opened)
			for range 5 {
				w, err := tryDialRaw(h.wsURL("EIO=4&transport=websocket"), nil)
				if err != nil {
					return
				}
				<-w.closed // the server closes each, however late it came
				w.done.Wait()
			}
		}()
		eventually(t, "a connection", func() bool { return h.Len() > 0 })
		if err := h.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-opened
		want(t, h.Len(), 0)
	}
}

func TestCallsFromWithinTheHandler(t *testing.T) {
	h := newHarness(t, ServerOptions{}, func(r *recorder) {
		r.onMessage = func(c *Conn, data []byte, _ bool) {
			_ = c.Send([]byte("bye"), nil, Flags{})
			if string(data) == "close" {
				c.Close("forced server close")
			} else {
				c.Abort("forced server close")
			}
		}
	})
	for _, text := range []string{"close", "abort"} {
		w := h.openRaw(t)
		w.send(t, "4"+text)
		h.conn(t).wantClosed(t, "forced server close")
		w.wantClosed(t)

		p := h.openPolling(t)
		want(t, p.post(t, "4"+text+"\x1e4unheard").status, 200)
		r := h.conn(t)
		if text == "close" {
			want(t, p.get(t), "200 4bye\x1e1")
		}
		r.wantClosed(t, "forced server close")
		want(t, r.next(t), text)
		want(t, len(r.messages), 0)
	}
}

// TestCloseFrameAmongOthers: replies to frames that were read together with a
// close frame are sent, and the close frame is answered once.
func TestCloseFrameAmongOthers(t *testing.T) {
	h := newHarness(t, ServerOptions{}, echoing)
	w := h.openRaw(t)
	frames := appendMaskedFrame(nil, frameText, []byte("4"), []byte("a"))
	frames = appendMaskedFrame(frames, frameText, []byte("4"), []byte("b"))
	frames = appendMaskedFrame(frames, frameClose, nil, []byte{3, 232})
	if _, err := w.NetConn().Write(frames); err != nil {
		t.Fatal(err)
	}
	want(t, w.next(t), "4a")
	want(t, w.next(t), "4b")
	want(t, isCloseFrame(w.wantClosed(t)), true)
	h.conn(t).wantClosed(t, ReasonTransportClose)
}
