package engineio

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestGatheredMessagesKeepTheirOrder, with what others send to the same connections,
// and with what their handlers answer.
func TestGatheredMessagesKeepTheirOrder(t *testing.T) {
	const conns, senders, messages = 70, 3, 40
	h := newHarness(t, ServerOptions{MaxQueue: 64 << 20}, echoing)
	open := make([]*rawWS, conns)
	all := make([]*Conn, conns)
	for i := range open {
		open[i] = h.openRaw(t)
		all[i] = h.conn(t).conn
	}
	var sending sync.WaitGroup
	for s := range senders {
		sending.Go(func() {
			for i := range messages {
				g := NewGather()
				if i%3 == 2 {
					g.Flush()
					g = nil
				}
				m := Frame(fmt.Appendf(nil, "%d %d", s, i), nil)
				for _, c := range all {
					if err := c.SendFramed(m, Flags{}, g); err != nil {
						t.Error(err)
					}
				}
				if g != nil {
					g.Flush()
				}
			}
		})
	}
	for i := range messages {
		for _, w := range open {
			w.send(t, fmt.Sprintf("4%d %d", senders, i))
		}
	}
	for _, w := range open {
		var next [senders + 1]int
		for range (senders + 1) * messages {
			var s, i int
			text := w.next(t)
			if _, err := fmt.Sscanf(text, "4%d %d", &s, &i); err != nil || i != next[s] {
				t.Fatalf("got %q, want number %d of it", text, next[s])
			}
			next[s]++
		}
	}
	sending.Wait()
}

// TestGatherWithOneThatDoesNotRead: the others get all at once, and that one gets it
// when it reads.
func TestGatherWithOneThatDoesNotRead(t *testing.T) {
	const messages = 400
	h := newHarness(t, ServerOptions{MaxQueue: 64 << 20}, echoing)
	slow := h.dialUnread(t)
	all := []*Conn{h.conn(t).conn}
	var others []*rawWS
	for range 5 {
		others = append(others, h.openRaw(t))
		all = append(all, h.conn(t).conn)
	}
	sent := 0
	text := func(i int) string { return fmt.Sprintf("%04d", i) + strings.Repeat("x", 7_000) }
	for i := range messages { // more than the socket takes
		m := Frame([]byte(text(i)), nil)
		g := NewGather()
		for _, c := range all {
			want(t, c.SendFramed(m, Flags{}, g), nil)
		}
		g.Flush()
		sent += len(m.text)
		for _, w := range others {
			if got := w.next(t); got != "4"+text(i) {
				t.Fatalf("message %d: got %.20q", i, got)
			}
		}
	}
	if err := slow.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 0, sent)
	buf := make([]byte, 32<<10)
	for !strings.HasSuffix(string(got[max(0, len(got)-7_004):]), text(messages-1)) {
		n, err := slow.Read(buf)
		if err != nil {
			t.Fatalf("after %d bytes: %v", len(got), err)
		}
		got = append(got, buf[:n]...)
	}
	rest := string(got)
	for i := range messages {
		var found bool
		if _, rest, found = strings.Cut(rest, text(i)); !found {
			t.Fatalf("message %d did not come, or not in order", i)
		}
	}
}

// TestGatherWithSomeThatEnd: what happens to them concerns nobody else.
func TestGatherWithSomeThatEnd(t *testing.T) {
	const conns, rounds = 30, 30
	h := newHarness(t, ServerOptions{}, echoing)
	staying := make([]*rawWS, conns)
	all := make([]*Conn, 0, 2*conns)
	for i := range staying {
		staying[i] = h.openRaw(t)
		all = append(all, h.conn(t).conn)
	}
	for round := range rounds {
		all = all[:conns]
		var ending []*rawWS
		for range 6 {
			ending = append(ending, h.openRaw(t))
			all = append(all, h.conn(t).conn)
		}
		var ends sync.WaitGroup
		ends.Go(func() {
			for i, w := range ending {
				switch i % 3 {
				case 0:
					_ = w.NetConn().(*net.TCPConn).SetLinger(0)
					_ = w.NetConn().Close()
				case 1:
					all[conns+i].Abort("test")
				case 2:
					all[conns+i].Close("test")
				}
			}
		})
		m := Frame(fmt.Append(nil, round), nil)
		g := NewGather()
		for _, c := range all {
			_ = c.SendFramed(m, Flags{}, g) // ErrClosed, perhaps
		}
		g.Flush()
		for _, w := range staying {
			want(t, w.next(t), fmt.Sprintf("4%d", round))
		}
		ends.Wait()
	}
}

// TestSendsAreNotHeldUpByAHandlerThatBlocks, those of other goroutines.
func TestSendsAreNotHeldUpByAHandlerThatBlocks(t *testing.T) {
	unblock := make(chan struct{})
	defer close(unblock)
	h := newHarness(t, ServerOptions{}, func(r *recorder) {
		r.onMessage = func(c *Conn, _ []byte, _ bool) {
			_ = c.Send([]byte("begun"), nil, Flags{})
			<-unblock
		}
	})
	w := h.openRaw(t)
	c := h.conn(t).conn
	w.send(t, "4block")
	want(t, w.next(t), "4begun")
	for i := range 20 {
		want(t, c.Send(fmt.Append(nil, i), nil, Flags{}), nil)
		want(t, w.next(t), fmt.Sprintf("4%d", i))
	}
}

// TestGatherThatIsWaitedFor: when reading has ended, no writer may begin to wait for the
// peer, but what a Gather began goes on.
func TestGatherThatIsWaitedFor(t *testing.T) {
	skipWithoutLoops(t)
	h := newHarness(t, ServerOptions{})
	w := h.openRaw(t)
	c := h.conn(t).conn
	ws := c.ws.Load()
	eventually(t, "the handshake's answer has left", func() bool {
		ws.mu.Lock()
		defer ws.mu.Unlock()
		return ws.queued == 0 && !ws.writing && ws.corks.Load() == 0
	})
	g := NewGather()
	want(t, c.SendFramed(Frame([]byte("hello"), nil), Flags{}, g), nil)
	want(t, len(g.held), 1)
	ws.mu.Lock()
	ws.final = true // as by release
	ws.mu.Unlock()
	ws.tooMuch(ws.take(nil), 0, 0) // as if the socket had taken nothing
	ws.forget()
	want(t, w.next(t), "4hello")
}
