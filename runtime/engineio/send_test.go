package engineio

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// countingConn counts writes, and can be told to take none. It is no plain
// socket, so that writes are those of a goroutine that waits.
type countingConn struct {
	net.Conn
	writes  atomic.Int32
	stalled chan struct{} // closed when writes may go on
}

func (c *countingConn) Write(b []byte) (int, error) {
	if c.stalled != nil {
		<-c.stalled
	}
	c.writes.Add(1)
	return c.Conn.Write(b)
}

func TestSendsOfOneGoroutineKeepTheirOrder(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	w := h.openRaw(t)
	c := h.conn(t).conn
	const senders, each = 8, 300
	var all sync.WaitGroup
	for s := range senders {
		all.Go(func() {
			for i := range each {
				var err error
				if i%2 == 0 {
					err = c.Send(fmt.Appendf(nil, "%d %d", s, i), nil, Flags{})
				} else {
					err = c.SendFramed(Frame(fmt.Appendf(nil, "%d %d", s, i), nil), Flags{}, nil)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	next := make([]int, senders)
	for range senders * each {
		var s, i int
		if _, err := fmt.Sscanf(w.next(t), "4%d %d", &s, &i); err != nil || next[s] != i {
			t.Fatalf("sender %d: got %d, want %d (%v)", s, i, next[s], err)
		}
		next[s]++
	}
	all.Wait()
}

func TestNothingComesBetweenAMessageAndItsBinaryData(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	w := h.openRaw(t)
	c := h.conn(t).conn
	large := bytes.Repeat([]byte("L"), shareFrom)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				_ = c.Send([]byte("head"), [][]byte{large, []byte("small")}, Flags{})
			}
		})
	}
	for range 200 {
		want(t, w.next(t), "4head")
		want(t, w.next(t) == "b:"+string(large), true)
		want(t, w.next(t), "b:small")
	}
	all.Wait()
}

func TestSentTextIsCopied(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	w := h.openRaw(t)
	c := h.conn(t).conn
	text := []byte("original")
	c.Cork()
	_ = c.Send(text, nil, Flags{})
	copy(text, "CHANGED!")
	c.Uncork()
	want(t, w.next(t), "4original")

	p := h.openPolling(t)
	copy(text, "original")
	c = h.conn(t).conn
	_ = c.Send(text, nil, Flags{})
	copy(text, "CHANGED!")
	want(t, p.get(t), "200 4original")
}

// dialUnread opens a WebSocket that nobody reads, with its answer still to come.
func (h *harness) dialUnread(t *testing.T) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", h.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	fmt.Fprint(nc, "GET /?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	return nc
}

// stall opens a WebSocket that nobody reads, and fills what is between.
func (h *harness) stall(t *testing.T) *recorder {
	t.Helper()
	h.dialUnread(t)
	r := h.conn(t)
	eventually(t, "the socket is full", func() bool {
		if r.conn.Send(make([]byte, chunkSize), nil, Flags{Volatile: true}) != nil {
			return true
		}
		ws := r.conn.ws.Load()
		ws.mu.Lock()
		defer ws.mu.Unlock()
		return ws.blocked
	})
	return r
}

func TestStalledReaderBlocksNobody(t *testing.T) {
	h := newHarness(t, ServerOptions{MaxQueue: 1 << 20})
	stalled := h.stall(t)
	w := h.openRaw(t)
	other := h.conn(t).conn

	want(t, stalled.conn.Send([]byte("x"), nil, Flags{Volatile: true}), ErrQueueFull)
	want(t, len(stalled.closed), 0)

	m := Frame(bytes.Repeat([]byte("m"), 10_000), nil)
	var err error
	sent := 0
	for ; err == nil; sent++ { // a broadcast to both
		if err := other.SendFramed(m, Flags{}, nil); err != nil {
			t.Fatal(err)
		}
		want(t, len(w.next(t)), 10_001)
		err = stalled.conn.SendFramed(m, Flags{}, nil)
	}
	want(t, err, ErrQueueFull)
	if sent*10_000 > 2<<20 {
		t.Errorf("%d bytes were queued", sent*10_000)
	}
	want(t, stalled.wantClosed(t, ReasonTransportError), ErrQueueFull)
	want(t, stalled.conn.Send(nil, nil, Flags{}), ErrClosed)
	receive(t, stalled.conn.Done(), "end")
}

func TestReaderThatStopsIsCutOff(t *testing.T) {
	h := newHarness(t, ServerOptions{WriteTimeout: 50 * time.Millisecond, MaxQueue: 64 << 20})
	r := h.stall(t)
	var timeout net.Error
	err := r.wantClosed(t, ReasonTransportError)
	want(t, errors.As(err, &timeout) && timeout.Timeout(), true)
}

func TestMoreThanTheSocketTakesArrivesWhole(t *testing.T) {
	h := newHarness(t, ServerOptions{MaxQueue: 64 << 20})
	dialed := h.openRaw(t)
	c := h.conn(t).conn
	const messages = 200
	for i := range messages {
		text := fmt.Sprintf("%04d%s", i, strings.Repeat("z", 50_000))
		if err := c.Send([]byte(text), [][]byte{[]byte(text)}, Flags{}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range messages {
		want(t, dialed.next(t)[:5], fmt.Sprintf("4%04d", i))
		want(t, dialed.next(t)[:6], fmt.Sprintf("b:%04d", i))
	}
}

// TestAnswersOfATurnMayBeMany: what is held back while a handler runs is no queue that
// the peer does not empty.
func TestAnswersOfATurnMayBeMany(t *testing.T) {
	const answers, size = 20, 1000
	for name, cork := range map[string]bool{"as they are": false, "corked": true} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, ServerOptions{MaxQueue: 8 * size}, func(r *recorder) {
				r.onMessage = func(c *Conn, _ []byte, _ bool) {
					if cork {
						c.Cork()
						defer c.Uncork()
					}
					for range answers {
						if err := c.Send(make([]byte, size), nil, Flags{}); err != nil {
							t.Error(err)
						}
					}
					if err := c.Send(make([]byte, 9*size), nil, Flags{}); err != nil {
						t.Error(err)
					}
				}
			})
			w := h.openRaw(t)
			w.send(t, "4go")
			for range answers {
				want(t, len(w.next(t)), 1+size)
			}
			want(t, len(w.next(t)), 1+9*size)
		})
	}
}

func TestControlFramesAreBoundedToo(t *testing.T) {
	h := newHarness(t, ServerOptions{MaxQueue: 10_000})
	nc := h.dialUnread(t)
	ping := append([]byte{0x89, maskBit | 125, 0, 0, 0, 0}, make([]byte, 125)...)
	pings := bytes.Repeat(ping, 1000)
	go func() {
		for { // until the server, whose pongs nobody reads, ends it
			if _, err := nc.Write(pings); err != nil {
				return
			}
		}
	}()
	h.conn(t).wantClosed(t, ReasonTransportError)
}

// openCounted opens a session whose writes are counted.
func openCounted(t *testing.T, o ServerOptions) (*Conn, *countingConn, *recorder) {
	t.Helper()
	client, server := net.Pipe()
	nc := &countingConn{Conn: server}
	set := newSettings(o)
	r := newClientRecorder()
	c := newConn(set, func() {}, func() {})
	c.handler = r
	ws := newWSConn(c, nc, nil)
	ws.receive = c.packetIn
	c.ws.Store(ws)
	var drained sync.WaitGroup
	drained.Go(func() {
		buf := make([]byte, 1<<16)
		for {
			if _, err := client.Read(buf); err != nil {
				return
			}
		}
	})
	t.Cleanup(func() {
		_ = client.Close()
		drained.Wait()
		ws.release()
	})
	return c, nc, r
}

func TestCorkGathersWrites(t *testing.T) {
	c, nc, _ := openCounted(t, ServerOptions{})
	c.Cork()
	c.Cork() // calls nest
	for range 50 {
		_ = c.Send([]byte("gathered"), nil, Flags{})
	}
	c.Uncork()
	for range 50 {
		_ = c.Send([]byte("gathered"), nil, Flags{})
	}
	c.Uncork()
	ws := c.ws.Load()
	eventually(t, "all is written", func() bool {
		ws.mu.Lock()
		defer ws.mu.Unlock()
		return ws.queued == 0
	})
	// One, and one for each corkTime that passed if the machine was slow.
	if n := nc.writes.Load(); n > 50 {
		t.Errorf("%d writes for 100 messages", n)
	}
}

func TestCorkHoldsBackBrieflyOnly(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	w := h.openRaw(t)
	c := h.conn(t).conn
	c.Cork() // and never Uncork, as a handler that goes on running
	for i := range 5 {
		_ = c.Send(fmt.Append(nil, i), nil, Flags{})
		want(t, w.next(t), fmt.Sprint("4", i))
	}
	_ = c.Send(make([]byte, corkBytes), nil, Flags{}) // not held at all
	want(t, len(w.next(t)), corkBytes+1)
}

func TestRepliesToFramesReadTogetherLeaveTogether(t *testing.T) {
	c, nc, r := openCounted(t, ServerOptions{})
	ws := c.ws.Load()
	r.conn = c
	ws.unread = []byte("more frames were read already")
	echo := func() { _ = c.Send([]byte("reply"), nil, Flags{}) }
	ws.gatherReplies()
	for range 20 {
		echo()
	}
	ws.mu.Lock()
	held := ws.queued > 0 || nc.writes.Load() > 0
	ws.mu.Unlock()
	want(t, held, true)
	ws.unread = nil
	client := make(chan struct{})
	go func() { // the reader wants more: everything read is handled
		defer close(client)
		_, _, _ = ws.nextMessage()
	}()
	eventually(t, "the replies are written", func() bool {
		ws.mu.Lock()
		defer ws.mu.Unlock()
		return ws.queued == 0 && ws.corks.Load() == 0
	})
	if n := nc.writes.Load(); n > 10 {
		t.Errorf("%d writes for 20 replies", n)
	}
	_ = nc.Conn.Close()
	<-client
}

func TestUncorkWithoutCorkIsHarmless(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	p := h.openPolling(t)
	c := h.conn(t).conn
	c.Cork() // on polling
	w := p.probe(t)
	w.send(t, "5")
	eventually(t, "the upgrade", func() bool { return c.Transport() == WebSocket })
	c.Uncork() // on WebSocket
	_ = c.Send([]byte("x"), nil, Flags{})
	want(t, w.next(t), "4x")
}
