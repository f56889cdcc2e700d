package engineio

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// idle returns the WebSocket of c when nothing is queued and nobody writes.
func idle(t *testing.T, c *Conn) *wsConn {
	t.Helper()
	ws := c.ws.Load()
	eventually(t, "nothing is queued", func() bool {
		ws.mu.Lock()
		defer ws.mu.Unlock()
		return ws.idle() && ws.drains == 0
	})
	return ws
}

// TestSharedBytesStay as they are, whatever else is queued behind them.
func TestSharedBytesStay(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	a := h.openRaw(t)
	first := idle(t, h.conn(t).conn)
	b := h.openRaw(t)
	second := h.conn(t).conn
	m := Frame([]byte("hello"), nil)
	wire := m.wireFor(false, 0)
	before := string(wire[:cap(wire)])
	first.mu.Lock()
	first.appendShared(wire)
	first.appendFrame(frameText, messageHead, []byte("mine"), false)
	first.flush()
	want(t, second.SendFramed(m, Flags{}, nil), nil)
	want(t, a.next(t), "4hello")
	want(t, a.next(t), "4mine")
	want(t, b.next(t), "4hello")
	want(t, string(wire[:cap(wire)]), before)
}

// TestHeldBackBroadcastsShareABuffer, for they leave together.
func TestHeldBackBroadcastsShareABuffer(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	w := h.openRaw(t)
	ws := idle(t, h.conn(t).conn)
	wire := Frame([]byte("hello"), nil).wireFor(false, 0)
	for name, hold := range map[string]func(on bool){
		"by a cork":   func(on bool) { ws.corks.Store(map[bool]int32{true: 1}[on]) },
		"by the loop": ws.atTurn.Store,
		"by a writer": func(on bool) { ws.writing = on },
	} {
		ws.mu.Lock()
		hold(true)
		for range 5 {
			ws.appendShared(wire)
		}
		if n := len(ws.queue); n != 1 {
			t.Errorf("held back %s: %d buffers", name, n)
		}
		hold(false)
		ws.flush()
		for range 5 {
			want(t, w.next(t), "4hello")
		}
		idle(t, ws.conn)
	}
}

// TestNothingIsKeptOfWhatWasWritten, by which arrays ever.
func TestNothingIsKeptOfWhatWasWritten(t *testing.T) {
	h := newHarness(t, ServerOptions{MaxQueue: 64 << 20})
	nc := h.dialUnread(t)
	c := h.conn(t).conn
	ws := idle(t, c)
	nothing := func(after string) {
		t.Helper()
		idle(t, c)
		ws.mu.Lock()
		defer ws.mu.Unlock()
		for _, array := range [][]chunk{ws.first[:], ws.queue[:cap(ws.queue)], ws.spare[:cap(ws.spare)]} {
			for _, kept := range array {
				if kept.b != nil {
					t.Errorf("%s: %d bytes are kept", after, len(kept.b))
				}
			}
		}
	}
	nothing("handshake")
	h.openRaw(t)
	other := h.conn(t).conn
	idle(t, other)
	long := strings.Repeat("x", 16<<20)
	for i := range 4 { // with either array
		for range i {
			want(t, c.SendFramed(Frame([]byte("short"), nil), Flags{}, nil), nil)
			nothing("short message")
		}
		want(t, c.SendFramed(Frame([]byte(long), nil), Flags{}, nil), nil)
		want(t, c.Send([]byte("waits for it"), nil, Flags{}), nil)
		if _, err := io.CopyN(io.Discard, nc, int64(len(long))); err != nil {
			t.Fatal(err)
		}
		nothing("long message")
		g := NewGather()
		for _, c := range []*Conn{c, other} {
			want(t, c.SendFramed(Frame([]byte("with another"), nil), Flags{}, g), nil)
		}
		g.Flush()
		nothing("broadcast")
	}
}

// TestReleaseWaitsForGather, which knows the descriptor.
func TestReleaseWaitsForGather(t *testing.T) {
	skipWithoutLoops(t)
	for _, conns := range []int{1, 2} { // one is written to by itself
		h := newHarness(t, ServerOptions{})
		ending := h.openRaw(t)
		all := []*Conn{h.conn(t).conn}
		for len(all) < conns {
			h.openRaw(t)
			all = append(all, h.conn(t).conn)
		}
		g := NewGather()
		for _, c := range all {
			idle(t, c)
			want(t, c.SendFramed(Frame([]byte("hello"), nil), Flags{}, g), nil)
		}
		want(t, len(g.held), conns)
		want(t, ending.NetConn().(*net.TCPConn).CloseWrite(), nil)
		ws := all[0].ws.Load()
		eventually(t, "it is waited for", func() bool {
			ws.mu.Lock()
			defer ws.mu.Unlock()
			return ws.over != nil
		})
		select {
		case <-all[0].Done():
			t.Fatal("release did not wait")
		case <-time.After(50 * time.Millisecond):
		}
		g.Flush()
		waitDone(t, all[0])
		want(t, ending.next(t), "4hello")
		ws.mu.Lock()
		want(t, ws.gathers, 0)
		ws.mu.Unlock()
	}
}

// TestReleaseWaitsForWriter, but not for long.
func TestReleaseWaitsForWriter(t *testing.T) {
	h := newHarness(t, ServerOptions{MaxQueue: 64 << 20})
	nc := h.dialUnread(t)
	c := h.conn(t).conn
	ws := idle(t, c)
	want(t, c.SendFramed(Frame([]byte(strings.Repeat("x", 16<<20)), nil), Flags{}, nil), nil)
	eventually(t, "a writer waits", func() bool {
		ws.mu.Lock()
		defer ws.mu.Unlock()
		return ws.drains == 1
	})
	began := time.Now()
	want(t, nc.(*net.TCPConn).CloseWrite(), nil)
	waitDone(t, c)
	if d := time.Since(began); d < lingerTime/2 {
		t.Errorf("it was waited for %v only", d)
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	want(t, ws.drains, 0)
}

// TestWhoWaitsForTheLastWriter is not told of the last Gather, if another goroutine goes on.
func TestWhoWaitsForTheLastWriter(t *testing.T) {
	w := &wsConn{}
	w.gathers, w.drains, w.over = 1, 1, make(chan struct{})
	w.forget()
	select {
	case <-w.over:
		t.Error("told too early")
	default:
	}
}

func waitDone(t *testing.T, c *Conn) {
	t.Helper()
	select {
	case <-c.Done():
	case <-time.After(lingerTime + 10*time.Second):
		t.Fatal("release waits for ever")
	}
}

// TestNoWriterBeginsAfterTheEnd, whom nobody would wait for.
func TestNoWriterBeginsAfterTheEnd(t *testing.T) {
	skipWithoutLoops(t)
	h := newHarness(t, ServerOptions{MaxQueue: 64 << 20})
	final := func(c *Conn) *wsConn {
		ws := idle(t, c)
		ws.mu.Lock()
		defer ws.mu.Unlock()
		ws.final = true // as by release
		return ws
	}
	w := h.openRaw(t)
	c := h.conn(t).conn
	final(c)
	g := NewGather()
	want(t, c.SendFramed(Frame([]byte("hello"), nil), Flags{}, g), nil)
	want(t, len(g.held), 0)
	g.Flush()
	want(t, w.next(t), "4hello")

	h.dialUnread(t)
	c = h.conn(t).conn
	ws := final(c)
	want(t, c.SendFramed(Frame(make([]byte, 16<<20), nil), Flags{}, nil), nil)
	ws.mu.Lock()
	defer ws.mu.Unlock()
	want(t, ws.drains, 0)
	want(t, ws.writing, true)
}
