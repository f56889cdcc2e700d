package engineio

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// deferring has f called for each message, deferred where that can be, and says
// where it was.
func deferring(f func(c *Conn, text string), deferred *atomic.Int32) func(*recorder) {
	return func(r *recorder) {
		r.onMessage = func(c *Conn, data []byte, _ bool) {
			text := string(data)
			if c.Defer(func() { f(c, text) }) {
				deferred.Add(1)
			} else {
				go f(c, text)
			}
		}
	}
}

func TestDeferredFunctionMayBlock(t *testing.T) {
	unblock := make(chan struct{})
	defer close(unblock)
	var deferred atomic.Int32
	h := newHarness(t, ServerOptions{PingInterval: 50 * time.Millisecond}, deferring(func(c *Conn, text string) {
		if text == "block" {
			_ = c.Send([]byte("before"), nil, Flags{})
			<-unblock
			return
		}
		_ = c.Send([]byte(text), nil, Flags{})
	}, &deferred))
	w := h.openRaw(t)
	r := h.conn(t)
	w.send(t, "4block")
	want(t, w.next(t), "4before")
	want(t, deferred.Load(), 1)
	for range 3 { // messages are read, and pongs count
		w.send(t, "4more")
		answered := false
		for !answered {
			switch frame := w.next(t); frame {
			case "2":
				w.send(t, "3")
			default:
				want(t, frame, "4more")
				answered = true
			}
		}
	}
	w.send(t, "1")
	r.wantClosed(t, ReasonTransportClose)
}

// TestHandOverIsAtOnce has nothing but HandOver: the watcher is asleep.
func TestHandOverIsAtOnce(t *testing.T) {
	var deferred atomic.Int32
	second := make(chan struct{})
	h := newHarness(t, ServerOptions{}, deferring(func(c *Conn, text string) {
		if text == "second" {
			close(second)
			return
		}
		c.HandOver()
		<-second
		_ = c.Send([]byte("both"), nil, Flags{})
	}, &deferred))
	asleep(t, h)
	w := h.openRaw(t)
	w.send(t, "4first")
	eventually(t, "the first is handled", func() bool { return deferred.Load() > 0 })
	w.send(t, "4second")
	want(t, w.next(t), "4both")
}

// TestWhoWaitsHoldsNothingBack: the peer gets at once what it is to answer, though
// the watcher is asleep.
func TestWhoWaitsHoldsNothingBack(t *testing.T) {
	unblock := make(chan struct{})
	var deferred atomic.Int32
	h := newHarness(t, ServerOptions{}, deferring(func(c *Conn, _ string) {
		c.Cork()
		defer c.Uncork()
		_ = c.Send([]byte("question"), nil, Flags{})
		c.HandOver()
		<-unblock
	}, &deferred))
	asleep(t, h)
	w := h.openRaw(t)
	w.send(t, "4go")
	want(t, w.next(t), "4question")
	close(unblock)
}

// asleep keeps the watcher from doing anything until the test ends.
func asleep(t *testing.T, h *harness) {
	watcher := &h.set.watcher
	set := func(running bool) {
		watcher.mu.Lock()
		defer watcher.mu.Unlock()
		watcher.running = running // its timer is not set
	}
	set(true)
	t.Cleanup(func() { set(false) })
}

func TestDeferredFunctionMayEndItsGoroutine(t *testing.T) {
	for name, early := range map[string]bool{"while it reads": false, "after another reads": true} {
		t.Run(name, func(t *testing.T) {
			var deferred atomic.Int32
			h := newHarness(t, ServerOptions{}, deferring(func(c *Conn, text string) {
				_ = c.Send([]byte(text), nil, Flags{})
				if early {
					c.HandOver()
				}
				runtime.Goexit()
			}, &deferred))
			w := h.openRaw(t)
			for i := range 100 {
				w.send(t, fmt.Sprint("4", i))
				want(t, w.next(t), fmt.Sprint("4", i))
			}
			want(t, deferred.Load() > 0, true)
			r := h.conn(t)
			_ = w.NetConn().Close()
			receive(t, r.closed, "end of connection")
			receive(t, r.conn.Done(), "release")
		})
	}
}

func TestConnectionEndsWhileADeferredFunctionRuns(t *testing.T) {
	for name, end := range map[string]func(*rawWS, *Conn){
		"by the client":   func(w *rawWS, _ *Conn) { _ = w.NetConn().Close() },
		"by Abort":        func(_ *rawWS, c *Conn) { c.Abort("test") },
		"by Close":        func(_ *rawWS, c *Conn) { c.Close("test") },
		"by a bad packet": func(w *rawWS, _ *Conn) { _ = w.WriteString("malformed") },
	} {
		t.Run(name, func(t *testing.T) {
			unblock, runs := make(chan struct{}), make(chan struct{})
			defer close(unblock)
			var deferred atomic.Int32
			h := newHarness(t, ServerOptions{}, deferring(func(*Conn, string) {
				close(runs)
				<-unblock
			}, &deferred))
			w := h.openRaw(t)
			r := h.conn(t)
			w.send(t, "4block")
			receive(t, runs, "call")
			want(t, deferred.Load(), 1)
			end(w, r.conn)
			receive(t, r.closed, "end of connection")
			receive(t, r.conn.Done(), "release")
		})
	}
}

// slowOrQuick makes a server that returns what it gets, for which only the text "slow" is
// slow, and counts the functions deferred.
func slowOrQuick(t *testing.T) (*harness, *atomic.Int32) {
	t.Helper()
	var deferred atomic.Int32
	h := newHarness(t, ServerOptions{}, deferring(func(c *Conn, text string) {
		if text == "slow" {
			c.HandOver()
		}
		_ = c.Send([]byte(text), nil, Flags{})
	}, &deferred))
	asleep(t, h) // a quick one is not slow because the machine is
	h.set.slowTurn = time.Hour
	return h, &deferred
}

// TestWhatIsSlowIsNotDeferredAgain for a while, which grows as long as it stays slow.
func TestWhatIsSlowIsNotDeferredAgain(t *testing.T) {
	h, deferred := slowOrQuick(t)
	w := h.openRaw(t)
	say := func(text string, want int32) {
		t.Helper()
		w.send(t, "4"+text)
		if got := w.next(t); got != "4"+text {
			t.Fatalf("got %q", got)
		}
		if got := deferred.Load(); got != want {
			t.Fatalf("%d deferred, want %d", got, want)
		}
	}
	for i, elsewhere := range []int{1, 3, 7, 15, 31, maxSlowTurns, maxSlowTurns} {
		say("slow", int32(i+1))
		for range elsewhere {
			say("quick", int32(i+1))
		}
	}
}

// TestSlownessIsRememberedAmongQuickOnes, of which many in a row make half of it forgotten.
func TestSlownessIsRememberedAmongQuickOnes(t *testing.T) {
	h, deferred := slowOrQuick(t)
	w := h.openRaw(t)
	ws := h.conn(t).conn.ws.Load()
	say := func(text string, wantDeferred bool) {
		t.Helper()
		before := deferred.Load()
		w.send(t, "4"+text)
		want(t, w.next(t), "4"+text)
		want(t, deferred.Load() > before, wantDeferred)
		// Only then it is known how long that took.
		eventually(t, "all is read", func() bool { return nobodyReads(ws.loop) })
	}
	for _, round := range []struct{ elsewhere, quick int }{
		{1, quickTurns - 1},
		{3, quickTurns - 1},
		{7, quickTurns},     // 7 are halved
		{7, 2 * quickTurns}, // and 7 to 1
		{3, 2 * quickTurns}, // and 3 to none
		{1, 0},
	} {
		say("slow", true)
		for range round.elsewhere {
			say("quick", false)
		}
		for range round.quick {
			say("quick", true)
		}
	}
}

// TestWhatTakesAsLongAsOthersCanWaitIsNotDeferredAgain: the connections of a loop do
// not wait for each other's handlers, even where those are done before the watcher
// has seen them twice.
func TestWhatTakesAsLongAsOthersCanWaitIsNotDeferredAgain(t *testing.T) {
	skipWithoutLoops(t)
	var deferred atomic.Int32
	h := newHarness(t, ServerOptions{}, deferring(func(c *Conn, text string) {
		_ = c.Send([]byte(text), nil, Flags{})
	}, &deferred))
	asleep(t, h)
	h.set.slowTurn = 0 // all are slow
	w := h.openRaw(t)
	say := func() {
		t.Helper()
		w.send(t, "4x")
		want(t, w.next(t), "4x")
	}
	for i, elsewhere := range []int{1, 3, 7} {
		say()
		want(t, deferred.Load(), int32(i+1))
		for range elsewhere {
			say()
			want(t, deferred.Load(), int32(i+1))
		}
	}
}

// TestSlownessOutlastsWhatWasQuickBefore it in the same run of messages.
func TestSlownessOutlastsWhatWasQuickBefore(t *testing.T) {
	h, deferred := slowOrQuick(t)
	w := h.openRaw(t)
	for i, elsewhere := range []int{1, 3, 7} {
		before := deferred.Load()
		write(t, w, clientFrame(frameText, "4quick")+clientFrame(frameText, "4slow"))
		want(t, w.next(t), "4quick")
		want(t, w.next(t), "4slow")
		if got := deferred.Load() - before; got != 2 {
			t.Fatalf("round %d: %d deferred, want both", i, got)
		}
		for range elsewhere {
			w.send(t, "4quick")
			want(t, w.next(t), "4quick")
		}
		want(t, deferred.Load(), before+2)
	}
}

// TestDeferIsOfMessageOnly, on a WebSocket of a server.
func TestDeferIsOfMessageOnly(t *testing.T) {
	var deferred atomic.Int32
	h := newHarness(t, ServerOptions{}, deferring(func(c *Conn, text string) {
		_ = c.Send([]byte(text), nil, Flags{})
	}, &deferred))
	p := h.openPolling(t)
	polled := h.conn(t)
	p.post(t, "4polled")
	want(t, p.get(t), "200 4polled")
	want(t, deferred.Load(), 0)
	want(t, polled.conn.Defer(func() { t.Error("called") }), false)

	client, server := h.connect(t, DialOptions{Transports: []string{WebSocket}})
	want(t, server.conn.Defer(func() { t.Error("called") }), false)
	client.onMessage = nil
	want(t, client.conn.Send([]byte("by WebSocket"), nil, Flags{}), nil)
	want(t, client.next(t), "by WebSocket")
	want(t, deferred.Load(), 1)
}

// TestOrderWithFunctionsOfAnyLength: reading changes hands at any time, and every
// message comes once, in order.
func TestOrderWithFunctionsOfAnyLength(t *testing.T) {
	const messages = 2000
	var deferred atomic.Int32
	var ran atomic.Int32
	h := newHarness(t, ServerOptions{}, func(r *recorder) {
		r.onMessage = func(c *Conn, data []byte, _ bool) {
			if c.Defer(func() {
				switch rand.IntN(50) {
				case 0:
					time.Sleep(3 * beatTime)
				case 1:
					go c.HandOver()
				case 2:
					c.HandOver()
				case 3:
					runtime.Gosched()
				}
				ran.Add(1)
			}) {
				deferred.Add(1)
			}
		}
	})
	w := h.openRaw(t)
	r := h.conn(t)
	go func() {
		for i := range messages {
			if w.WriteString(fmt.Sprint("4", i)) != nil {
				return
			}
		}
	}()
	for i := range messages {
		want(t, r.next(t), fmt.Sprint(i))
	}
	eventually(t, "all have run", func() bool { return ran.Load() == deferred.Load() })
	want(t, deferred.Load() > messages/100, true)
}

func TestWatcherRestsWhenNothingIsToBeDone(t *testing.T) {
	var deferred atomic.Int32
	h := newHarness(t, ServerOptions{}, deferring(func(c *Conn, text string) {
		_ = c.Send([]byte(text), nil, Flags{})
	}, &deferred))
	w := h.openRaw(t)
	for range 3 {
		w.send(t, "4hello")
		want(t, w.next(t), "4hello")
		eventually(t, "the watcher rests", func() bool {
			watcher := &h.set.watcher
			watcher.mu.Lock()
			defer watcher.mu.Unlock()
			return !watcher.running && len(watcher.watched) == 0
		})
	}
	want(t, deferred.Load() > 0, true)
}
