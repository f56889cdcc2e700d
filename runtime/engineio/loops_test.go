//go:build linux

package engineio

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// never is longer than any test.
const never = time.Hour

// group returns the only group of loops that the server has.
func (h *harness) group(t *testing.T) *loopGroup {
	t.Helper()
	h.set.loops.mu.Lock()
	defer h.set.loops.mu.Unlock()
	if n := len(h.set.loops.groups); n != 1 {
		t.Fatalf("%d groups of loops, want 1", n)
	}
	return h.set.loops.groups[0]
}

// loopsOf returns how many loops there are, how many of them rest, and whether another
// one waits for the kernel.
func loopsOf(g *loopGroup) (made, resting int, waiting bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.made, len(g.resting), g.waiting
}

// withProcessors sets GOMAXPROCS until the test ends.
func withProcessors(t *testing.T, n int) {
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

// blockingEcho answers each message with itself. The handler of "block" tells begun, and
// waits for unblock, before it does.
func blockingEcho(begun chan<- struct{}, unblock <-chan struct{}) func(*recorder) {
	return func(r *recorder) {
		r.onMessage = func(c *Conn, data []byte, _ bool) {
			if string(data) == "block" {
				begun <- struct{}{}
				<-unblock
			}
			_ = c.Send(data, nil, Flags{})
		}
	}
}

// loopsRunning returns how many loops the server has.
func (h *harness) loopsRunning() int {
	running := &h.set.loops.running
	running.mu.Lock()
	defer running.mu.Unlock()
	return running.n
}

// TestMoreProcessorsMoreLoops: GOMAXPROCS may change while there are connections.
func TestMoreProcessorsMoreLoops(t *testing.T) {
	withProcessors(t, 1)
	h := newHarness(t, ServerOptions{}, echoing)
	h.set.loops.heavyTurn = 0 // one more is wanted
	say := func(w *rawWS) {
		w.send(t, "4hello")
		want(t, w.next(t), "4hello")
	}
	say(h.openRaw(t))
	want(t, h.loopsRunning(), 1)
	runtime.GOMAXPROCS(2)
	w := h.openRaw(t)
	eventually(t, "there are two loops", func() bool {
		say(w)
		return h.loopsRunning() == 2
	})
}

func TestIdleConnectionsCostNoGoroutine(t *testing.T) {
	const conns = 200
	h := newHarness(t, ServerOptions{}, echoing)
	open := make([]*rawWS, conns)
	before := runtime.NumGoroutine()
	for i := range open {
		open[i] = h.openRaw(t)
		open[i].send(t, "4hello")
		want(t, open[i].next(t), "4hello")
	}
	eventually(t, "there are goroutines for clients and loops only", func() bool {
		return runtime.NumGoroutine() < before+conns+runtime.GOMAXPROCS(0)+10
	})
	h.set.loops.mu.Lock()
	n := 0
	for _, g := range h.set.loops.groups {
		n += g.n
	}
	h.set.loops.mu.Unlock()
	want(t, n, conns)
	for _, w := range open {
		w.send(t, "4still there")
		want(t, w.next(t), "4still there")
	}
}

// TestConnectionsAreSpreadOverGroups, of which there are as many as it takes for a loop
// for each processor.
func TestConnectionsAreSpreadOverGroups(t *testing.T) {
	for processors, groups := range map[int][]int{ // most loops of each
		1:                   {1},
		loopsTogether:       {loopsTogether},
		loopsTogether + 1:   {3, 3},
		2*loopsTogether + 2: {4, 4, 4},
	} {
		t.Run(fmt.Sprint(processors), func(t *testing.T) {
			withProcessors(t, processors)
			h := newHarness(t, ServerOptions{}, echoing)
			const each = 3
			var open []*rawWS
			for range each * len(groups) {
				open = append(open, h.openRaw(t))
			}
			h.set.loops.mu.Lock()
			want(t, len(h.set.loops.groups), len(groups))
			for i, g := range h.set.loops.groups {
				want(t, g.most, groups[i])
				want(t, g.n, each)
			}
			h.set.loops.mu.Unlock()
			for _, w := range open {
				w.send(t, "4hello")
				want(t, w.next(t), "4hello")
			}
		})
	}
}

// TestLoopThatLagsCallsAnother, which rests when there is nothing to do any more.
func TestLoopThatLagsCallsAnother(t *testing.T) {
	withProcessors(t, 2)
	begun, unblock := make(chan struct{}), make(chan struct{})
	h := newHarness(t, ServerOptions{}, blockingEcho(begun, unblock))
	asleep(t, h) // no other goroutine takes over the loop
	h.set.loops.lagTime, h.set.loops.heavyTurn = 0, never
	blocked := h.openRaw(t)
	var others []*rawWS
	for range 3 {
		others = append(others, h.openRaw(t))
	}
	g := h.group(t)
	if made, _, _ := loopsOf(g); made != 1 {
		t.Fatalf("%d loops before there is anything to do, want 1", made)
	}
	for range 20 {
		blocked.send(t, "4block") // meanwhile the others send
		receive(t, begun, "a handler that blocks")
		for _, w := range others {
			w.send(t, "4quick")
		}
		unblock <- struct{}{}
		for _, w := range append(others, blocked) {
			_ = w.next(t)
		}
	}
	eventually(t, "there are two loops, one waits and one rests", func() bool {
		made, resting, waiting := loopsOf(g)
		return made == 2 && resting == 1 && waiting
	})
}

// TestWhatALoopFoundIsLeftToAnother that has nothing to do: it does not wait for a handler
// that blocks. The watcher is asleep.
func TestWhatALoopFoundIsLeftToAnother(t *testing.T) {
	withProcessors(t, 2)
	begun, unblock := make(chan struct{}), make(chan struct{})
	h := newHarness(t, ServerOptions{}, blockingEcho(begun, unblock))
	asleep(t, h)
	h.set.loops.lagTime, h.set.loops.heavyTurn = 0, never
	var open []*rawWS
	for range 4 {
		open = append(open, h.openRaw(t))
	}
	for range 20 {
		open[0].send(t, "4block") // meanwhile the others send, and are found together
		receive(t, begun, "a handler that blocks")
		open[1].send(t, "4quick")
		open[2].send(t, "4block")
		open[3].send(t, "4last")
		unblock <- struct{}{}
		want(t, open[0].next(t), "4block")
		receive(t, begun, "a handler that blocks")
		want(t, open[3].next(t), "4last")
		unblock <- struct{}{}
		want(t, open[2].next(t), "4block")
		want(t, open[1].next(t), "4quick")
	}
}

// TestWhatALoopFoundIsLeftToOneThatWaits for the kernel, where connections take long. The
// watcher is asleep.
func TestWhatALoopFoundIsLeftToOneThatWaits(t *testing.T) {
	withProcessors(t, 2)
	begun := make(chan string)
	unblock := map[string]chan struct{}{}
	for _, name := range []string{"a", "b", "c", "d"} {
		unblock[name] = make(chan struct{})
	}
	h := newHarness(t, ServerOptions{}, func(r *recorder) {
		r.onMessage = func(c *Conn, data []byte, _ bool) {
			if blocked := unblock[string(data)]; blocked != nil {
				begun <- string(data)
				<-blocked
			}
			_ = c.Send(data, nil, Flags{})
		}
	})
	asleep(t, h)
	h.set.loops.lagTime, h.set.loops.heavyTurn = never, 0
	open := map[string]*rawWS{}
	for _, name := range []string{"a", "b", "c", "d", "last"} {
		open[name] = h.openRaw(t)
		open[name].send(t, "4quick")
		want(t, open[name].next(t), "4quick")
	}
	begins := func(name string) {
		t.Helper()
		want(t, receive(t, begun, "a handler that blocks"), name)
	}
	ends := func(name string) {
		t.Helper()
		unblock[name] <- struct{}{}
	}
	g := h.group(t)
	for range 20 {
		for _, name := range []string{"a", "b"} { // both loops are busy
			open[name].send(t, "4"+name)
			begins(name)
		}
		for _, name := range []string{"c", "d", "last"} { // are found together
			open[name].send(t, "4"+name)
		}
		ends("a")
		begins("c")
		ends("b")
		eventually(t, "the other loop waits", func() bool {
			_, _, waiting := loopsOf(g)
			return waiting
		})
		ends("c")
		begins("d")
		want(t, open["last"].next(t), "4last")
		ends("d")
		for _, name := range []string{"a", "b", "c", "d"} {
			want(t, open[name].next(t), "4"+name)
		}
	}
}

// TestQuietLoopIsAlone: no other loop is woken for a few messages.
func TestQuietLoopIsAlone(t *testing.T) {
	withProcessors(t, 2)
	h := newHarness(t, ServerOptions{}, echoing)
	h.set.loops.lagTime, h.set.loops.heavyTurn = never, never
	open := sharing(t, h)
	for range 50 {
		for _, w := range open {
			w.send(t, "4hello")
		}
		for _, w := range open {
			want(t, w.next(t), "4hello")
		}
	}
	want(t, h.loopsRunning(), 1)
}

// TestLongHandlerHoldsUpNoOther where handlers took long before: another loop waits for
// the connections meanwhile. The watcher is asleep.
func TestLongHandlerHoldsUpNoOther(t *testing.T) {
	withProcessors(t, 2)
	begun, unblock := make(chan struct{}), make(chan struct{})
	h := newHarness(t, ServerOptions{}, blockingEcho(begun, unblock))
	asleep(t, h)
	h.set.loops.lagTime, h.set.loops.heavyTurn = never, 0 // all take long
	blocked, other := h.openRaw(t), h.openRaw(t)
	for _, w := range []*rawWS{blocked, other} {
		w.send(t, "4quick")
		want(t, w.next(t), "4quick")
	}
	for range 20 {
		blocked.send(t, "4block")
		receive(t, begun, "a handler that blocks")
		for range 3 {
			other.send(t, "4quick")
			want(t, other.next(t), "4quick")
		}
		unblock <- struct{}{}
		want(t, blocked.next(t), "4block")
	}
}

func TestLoopsEndWithTheirLastConnection(t *testing.T) {
	withProcessors(t, 2)
	h := newHarness(t, ServerOptions{}, echoing)
	h.set.loops.heavyTurn = 0 // there are two loops
	for range 10 {
		var open []*rawWS
		for range 4 {
			open = append(open, h.openRaw(t))
		}
		for _, w := range open {
			w.send(t, "4hello")
			want(t, w.next(t), "4hello")
		}
		eventually(t, "there are two loops", func() bool { return h.loopsRunning() == 2 })
		for _, w := range open {
			_ = w.NetConn().Close()
		}
		for range open {
			receive(t, h.conn(t).closed, "end of connection")
		}
		eventually(t, "no loop runs", func() bool { return h.loopsRunning() == 0 })
	}
}

// TestLoopsShareConnections: whichever loop looks after a connection, its messages are
// answered in order, once.
func TestLoopsShareConnections(t *testing.T) {
	const conns, rounds, burst = 24, 30, 5
	for name, set := range map[string]func(*loops){
		"all lag":       func(s *loops) { s.lagTime = 0 },
		"all take long": func(s *loops) { s.heavyTurn = 0 },
		"both":          func(s *loops) { s.lagTime, s.heavyTurn = 0, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			withProcessors(t, loopsTogether)
			h := newHarness(t, ServerOptions{PingInterval: never}, echoing)
			set(&h.set.loops)
			var all sync.WaitGroup
			for n := range conns {
				w := h.openRaw(t)
				all.Go(func() {
					for i := range rounds {
						var frames string
						for j := range burst {
							frames += clientFrame(frameText, fmt.Sprint("4", n, "/", i, "/", j))
						}
						// The second half comes while the first may be handled.
						for _, half := range []string{frames[:len(frames)/2], frames[len(frames)/2:]} {
							if _, err := w.NetConn().Write([]byte(half)); err != nil {
								t.Error(err)
								return
							}
						}
						for j := range burst {
							select {
							case got := <-w.frames:
								if expected := fmt.Sprint("4", n, "/", i, "/", j); got != expected {
									t.Errorf("got %s, want %s", got, expected)
									return
								}
							case <-time.After(patience):
								t.Errorf("no answer to %d/%d/%d", n, i, j)
								return
							}
						}
					}
				})
			}
			all.Wait()
		})
	}
}

// TestOneAtATimeIsTakenWhileOthersCould, of connections that take long.
func TestOneAtATimeIsTakenWhileOthersCould(t *testing.T) {
	set := &loops{heavyTurn: time.Millisecond}
	const quick, long = time.Microsecond, time.Second
	l := new(loop)
	for name, tt := range map[string]struct {
		group *loopGroup
		share int
	}{
		"they are quick":      {&loopGroup{set: set, took: quick, most: 2, made: 1}, loopEvents},
		"another can be made": {&loopGroup{set: set, took: long, most: 2, made: 1}, 1},
		"another waits":       {&loopGroup{set: set, took: long, most: 2, made: 2, waiting: true}, 1},
		"another rests":       {&loopGroup{set: set, took: long, most: 2, made: 2, resting: []*loop{l}}, 1},
		"all are busy":        {&loopGroup{set: set, took: long, most: 2, made: 2}, fewReady},
		"there is one":        {&loopGroup{set: set, took: long, most: 1, made: 1}, fewReady},
	} {
		t.Run(name, func(t *testing.T) { want(t, tt.group.share(), tt.share) })
	}
}

// TestLoopStepsBackForAnother that is awake, and is back when it is called.
func TestLoopStepsBackForAnother(t *testing.T) {
	set := &loops{heavyTurn: time.Millisecond}
	now := time.Now()
	for name, g := range map[string]*loopGroup{
		"it is the only one":       {set: set, made: 1},
		"the other one rests":      {set: set, made: 2, resting: []*loop{new(loop)}},
		"the other one waits":      {set: set, made: 2, waiting: true},
		"connections take long":    {set: set, made: 2, took: time.Second},
		"connections were left":    {set: set, made: 2, left: []*loopConn{new(loopConn)}},
		"one was held up just now": {set: set, made: 2, spread: now.Add(never)},
		"all are to end":           {set: set, made: 2, ended: true},
	} {
		if g.stepBack(calledLoop(g)) {
			t.Errorf("a loop steps back although %s", name)
		}
	}
	g := &loopGroup{set: set, made: 2, spread: now}
	l := &loop{called: make(chan struct{}, 1)}
	back := make(chan bool, 1)
	go func() { back <- g.stepBack(l) }()
	eventually(t, "the loop rests", func() bool {
		_, resting, _ := loopsOf(g)
		return resting == 1
	})
	want(t, g.awake(), 1)
	g.mu.Lock()
	want(t, g.call(), true)
	g.mu.Unlock()
	want(t, receive(t, back, "the loop's return"), true)
	want(t, g.stepped.Before(now), false) // known to missed
}

// calledLoop is a loop that is called as soon as it rests.
func calledLoop(g *loopGroup) *loop {
	l := &loop{group: g, called: make(chan struct{})}
	close(l.called)
	return l
}

// TestFewStreamsAreLeftToAnotherLoop, if that is awake, or else let come.
func TestFewStreamsAreLeftToAnotherLoop(t *testing.T) {
	lagging := time.Now()
	for name, tt := range map[string]struct {
		made, ready, streams, busy int
		held                       bool // a handler held up a loop lately
		rests, breathes            bool
	}{
		"two loops, few streams":         {made: 2, ready: 3, streams: 2, busy: 1, rests: true},
		"two loops, as many as are few":  {made: 2, ready: fewReady, streams: fewReady, busy: 1, rests: true},
		"two loops, many streams":        {made: 2, ready: fewReady + 1, streams: fewReady + 1, busy: 1},
		"two loops, half are streams":    {made: 2, ready: 2, streams: 1, busy: 1},
		"two loops, one has just waited": {made: 2, ready: 2, streams: 2, busy: 0},
		"two loops, one was held up":     {made: 2, ready: 2, streams: 2, busy: 1, held: true},
		"one loop, few streams":          {made: 1, ready: 2, streams: 2, busy: 1, breathes: true},
		"one loop, few that wait":        {made: 1, ready: 2, streams: 1, busy: 1},
		"one loop, which has waited":     {made: 1, ready: 2, streams: 2, busy: 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := &loopGroup{set: &loops{heavyTurn: never}, made: tt.made}
			if tt.held {
				g.holdUp()
			}
			l := calledLoop(g)
			l.ready, l.streams, l.busy, l.lagging = make([]*loopConn, tt.ready), tt.streams, tt.busy, lagging
			before := time.Now()
			l.breathe()
			took := time.Since(before)
			want(t, len(g.resting) == 1, tt.rests)
			if tt.breathes && took < breath {
				t.Errorf("waited for %v, want %v at least", took, breath)
			}
			want(t, l.lagging.IsZero(), tt.rests || tt.breathes)
			want(t, l.streams, 0)
		})
	}
}

// TestMissedLoopStaysAwake: where a loop is called again soon after it stepped back, none
// does for a while, which is longer each time and in the end forgotten.
func TestMissedLoopStaysAwake(t *testing.T) {
	const soon, late = 900 * time.Microsecond, 2 * time.Millisecond
	start := time.Now()
	g := &loopGroup{set: &loops{heavyTurn: never}, made: 2, stepped: start}
	for _, tt := range []struct{ after, spread time.Duration }{
		{late, 0},
		{soon, 250 * time.Microsecond},
		{soon, 750 * time.Microsecond},
		{soon, 1750 * time.Microsecond},
		{late, 875 * time.Microsecond},
	} {
		now := start.Add(tt.after)
		g.spread = time.Time{}
		g.missed(now)
		want(t, g.spread.Sub(now), tt.spread)
	}
	for range 20 {
		g.missed(start)
	}
	want(t, g.spread.Sub(start), 64*time.Millisecond)
	g.stayAwake(start, time.Microsecond) // not for less time than before
	want(t, g.spread.Sub(start), 64*time.Millisecond)
}

// TestCalledLoopIsMissed: that is what a loop which has too much to do tells.
func TestCalledLoopIsMissed(t *testing.T) {
	now := time.Now()
	for name, tt := range map[string]struct {
		heavy, waiting, spread bool
	}{
		"too much":             {spread: true},
		"too much, one waits":  {waiting: true, spread: true},
		"connections are long": {heavy: true},
	} {
		t.Run(name, func(t *testing.T) {
			poll, err := newEpoll()
			if err != nil {
				t.Fatal(err)
			}
			defer poll.close()
			rests := &loop{called: make(chan struct{}, 1)}
			g := &loopGroup{set: new(loops), poll: poll, made: 2, most: 2, stepped: now}
			if g.waiting = tt.waiting; !tt.waiting {
				g.resting = []*loop{rests}
			}
			left := []*loopConn{new(loopConn)}
			want(t, g.leave(now, left, tt.heavy), true)
			want(t, g.spread.After(now), tt.spread)
			want(t, len(g.left), 1)
		})
	}
	busy := &loopGroup{set: new(loops), made: 1, most: 1, stepped: now}
	want(t, busy.leave(now, []*loopConn{new(loopConn)}, false), false)
	want(t, busy.spread.IsZero(), true)
}

// TestHeldUpLoopIsRemembered: others don't step back for one that a handler holds up, as
// the watcher sees.
func TestHeldUpLoopIsRemembered(t *testing.T) {
	begun, unblock := make(chan struct{}), make(chan struct{})
	h := newHarness(t, ServerOptions{}, blockingEcho(begun, unblock))
	blocked := h.openRaw(t)
	loop := h.conn(t).conn.ws.Load().loop
	eventually(t, "the loop waits for the connection", func() bool { return nobodyReads(loop) })
	g := h.group(t)
	blocked.send(t, "4block")
	receive(t, begun, "a handler that blocks")
	defer close(unblock)
	before := time.Now()
	eventually(t, "that the loop is held up is known", func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.spread.After(before)
	})
	unblock <- struct{}{}
	want(t, blocked.next(t), "4block")
}

// TestLoopBetweenConnectionsIsNotHeldUp, nor is one whose turn has just begun.
func TestLoopBetweenConnectionsIsNotHeldUp(t *testing.T) {
	for name, turn := range map[string]uint64{"between connections": 2, "at one, but not for a beat": 3} {
		t.Run(name, func(t *testing.T) {
			l := &loop{group: &loopGroup{set: new(loops)}, beaten: 2}
			l.turn.Store(turn)
			l.watched.Store(true)
			l.beat()
			want(t, l.group.spread.IsZero(), true)
		})
	}
}
