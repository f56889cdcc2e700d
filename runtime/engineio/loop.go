//go:build linux

package engineio

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// loopEvents is how many connections a loop is told of at once.
	loopEvents = 128
	// yieldAfter is how often a loop does not wait before it lets others run.
	yieldAfter = 8
	// fewReady is up to how many connections are few, and breath how long a loop then
	// lets more come. (The kernel makes about 70 µs of it.)
	fewReady = 8
	breath   = 20 * time.Microsecond
	// holdTime is about how long replies wait for those to other connections.
	holdTime = 100 * time.Microsecond
	// lagTime is for how long a loop has too much to do before another one helps.
	lagTime = 500 * time.Microsecond
	// heavyTurn is how long connections take at least, on average, to be worth another
	// loop that waits meanwhile.
	heavyTurn = 50 * time.Microsecond
	// wariness is for how long loops don't step back after one was held up.
	wariness = 10 * time.Millisecond
	// regretTime is how soon after a loop stepped back it must not be missed: else none
	// does for firstRegret, and about twice as long each time that it happens again, maxRegret at most.
	regretTime  = time.Millisecond
	firstRegret = 250 * time.Microsecond
	maxRegret   = 64 * time.Millisecond
)

// loop is one of a server's event loops.
//
// Its goroutine handles what came on a connection before it goes on to the next. What
// takes longer than about a millisecond does not hold up the others: the watcher, or
// who is about to wait (Conn.HandOver), has another goroutine go on with the loop,
// and the one before stays with its connection.
type loop struct {
	group *loopGroup
	// called receives when l, which rests, is to look; it is closed when the group ends.
	called chan struct{}
	// turn counts the changes between being between connections (even) and being at
	// one (odd). Who makes an odd one even has the loop.
	turn atomic.Uint64
	// watched: the watcher looks after l. beaten is the turn that it has seen last.
	watched atomic.Bool
	beaten  uint64

	// at is the connection of an odd turn, and now when that began. They belong to who makes
	// the turn odd, and then to who makes it even.
	at  *loopConn
	now time.Time

	// ready are connections that something came on; those before next were looked
	// after, and those before fetched were read from. held are those whose replies are
	// held back, the first of them from the time since; gather writes them. busy is how
	// often some were ready at once. All of it belongs to the goroutine that has the loop.
	ready         []*loopConn
	next, fetched int
	ops           []ringOp
	held          []*wsConn
	since         time.Time
	gather        Gather
	busy          int
	// streams is how many of ready had sent several messages by the time that they were
	// looked after.
	streams int

	// began is when l began with ready. lagging is since when there was always more to
	// do; zero: there is not.
	began, lagging time.Time

	events [loopEvents]syscall.EpollEvent
}

// run is the goroutine that has the loop, until it ends or another one has it.
func (l *loop) run() {
	for {
		for l.next < len(l.ready) {
			if l.next == l.fetched {
				l.fetch()
			}
			c := l.ready[l.next]
			l.ready[l.next] = nil
			l.next++
			if !l.serve(c) {
				return
			}
		}
		l.release()
		if !l.wait() {
			l.group.quit()
			return
		}
	}
}

// serve looks after a connection, and has its replies held back meanwhile. It reports
// false when another goroutine has the loop.
func (l *loop) serve(c *loopConn) (mine bool) {
	now := time.Now()
	l.at, l.now = c, now
	l.keepUp(now)
	c.ws.atTurn.Store(true)
	turn := l.turn.Add(1)
	l.watch()
	returned := false
	defer func() {
		if mine = l.turn.CompareAndSwap(turn, turn+1); !mine {
			return
		}
		l.at = nil
		if c.streams.Swap(false) {
			l.streams++
		}
		l.hold(c.ws)
		if !returned { // what was called has ended the goroutine
			go l.run()
		}
	}()
	if c.at.Load() != l {
		c.at.Store(l)
	}
	c.turn.Store(turn)
	c.ws.readable(now)
	returned = true
	return
}

// passOn has another goroutine go on with the loop, unless that turn is over. What was
// held back is sent.
func (l *loop) passOn(turn uint64) {
	if running(turn) && l.turn.CompareAndSwap(turn, turn+1) {
		w := l.at.ws
		l.at = nil
		l.release()
		go l.run()
		w.mu.Lock()
		w.atTurn.Store(false)
		w.flush()
	}
}

// fetch reads from the connections that are next, if there are several.
func (l *loop) fetch() {
	next := l.ready[l.next:min(len(l.ready), l.next+gatherMost)]
	l.fetched += len(next)
	if len(next) < 2 {
		return
	}
	ring := l.group.set.rings.take()
	if ring == nil {
		return
	}
	l.ops = l.ops[:0]
	for i, c := range next {
		if c.fetched { // by the loop that left it
			continue
		}
		if b := c.ws.idleBuffer(); b != nil && !c.cutOff.Load() && c.use() {
			l.ops = append(l.ops, ringOp{fd: c.fd, b: b, of: i})
		}
	}
	ring.read(l.ops)
	l.group.set.rings.put(ring)
	for i := range l.ops {
		op := &l.ops[i]
		c := next[op.of]
		c.done()
		c.fetched, c.fetchedN, c.fetchedErr = op.tried, op.n, op.errno
	}
	clear(l.ops)
}

// hold remembers a connection that was looked after, and lets go of the earlier ones
// when they are many or have waited for a while.
func (l *loop) hold(w *wsConn) {
	if len(l.held) == 0 {
		l.since = l.now
	}
	l.held = append(l.held, w)
	if len(l.held) >= gatherMost || l.now.Sub(l.since) >= holdTime {
		l.release()
	}
}

// release sends the replies that are held back.
func (l *loop) release() {
	for _, w := range l.held {
		w.mu.Lock()
		w.atTurn.Store(false)
		w.flushWith(&l.gather)
	}
	clear(l.held)
	l.held = l.held[:0]
	l.gather.writeAll()
}

// wait waits until something came on connections. It reports false when the loop
// has ended.
func (l *loop) wait() bool {
	if n := len(l.ready); n > 0 {
		l.group.weigh(time.Since(l.began) / time.Duration(n))
	}
	l.breathe()
	l.busy++
	for !l.look() {
		l.busy, l.lagging = 0, time.Time{}
		if !l.group.rest(l) {
			return false
		}
	}
	if l.busy > 0 && l.busy%yieldAfter == 0 {
		runtime.Gosched() // other goroutines of the processor wait for it, too
	}
	return true
}

// look finds the connections that are to be looked after next: those that other loops
// have left, or else those that something came on. It reports whether anything was told.
func (l *loop) look() bool {
	g := l.group
	l.next, l.fetched = 0, 0
	most := g.takeLeft(l)
	if len(l.ready) > 0 {
		return true
	}
	n := g.poll.look(l.events[:most])
	if n > 0 {
		g.take(l, l.events[:n])
	}
	return n > 0
}

// keepUp leaves connections that are ready to other loops when they have waited for
// long, or are going to.
func (l *loop) keepUp(now time.Time) {
	if l.next == 1 {
		l.began = now
	}
	if l.lagging.IsZero() {
		l.lagging = now
	}
	set, served := l.group.set, l.next-1
	switch {
	case l.next == len(l.ready):
	case served > 0 && now.Sub(l.began) >= time.Duration(served)*set.heavyTurn:
		l.leave(now, l.next, true)
	case now.Sub(l.lagging) >= set.lagTime:
		l.leave(now, (l.next+len(l.ready))/2, false)
		l.lagging = now
	}
}

// leave leaves what is ready, but for the first n connections, to another loop that has
// nothing to do, if there is one. heavy: connections take long.
func (l *loop) leave(now time.Time, n int, heavy bool) {
	if l.group.leave(now, l.ready[n:], heavy) {
		clear(l.ready[n:])
		l.ready, l.fetched = l.ready[:n], min(l.fetched, n)
	}
}

// breathe lets more come before the next look, where that saves calls of the kernel:
// clients don't wait for their answers before they send more, and there are few of them
// each time. Where two loops look each finds fewer still, so that one of them rests. Who
// waits for an answer is held up only among more who don't.
func (l *loop) breathe() {
	few, streams := len(l.ready), l.streams
	l.streams = 0
	if l.busy == 0 || few > fewReady || 2*streams <= few {
		return
	}
	switch {
	case l.group.stepBack(l):
	case l.group.alone():
		short := syscall.NsecToTimespec(int64(breath))
		_ = syscall.Nanosleep(&short, nil) // a signal may cut it short
	default:
		return
	}
	l.lagging = time.Time{}
}

// watch has the watcher look after l.
func (l *loop) watch() {
	if !l.watched.Load() && l.watched.CompareAndSwap(false, true) {
		l.group.set.watcher.add(l)
	}
}

// beat implements beater: it passes the loop on that has been at one connection for
// a whole beat.
func (l *loop) beat() (keep bool) {
	turn := l.turn.Load()
	last := l.beaten
	l.beaten = turn
	if turn == last && running(turn) {
		l.group.holdUp()
		l.passOn(turn)
	}
	if running(turn) || turn != last {
		return true
	}
	l.watched.Store(false)
	// A turn that began meanwhile may have found l watched.
	return l.turn.Load() != turn && l.watched.CompareAndSwap(false, true)
}
