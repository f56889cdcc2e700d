//go:build linux

package engineio

import (
	"context"
	"net"
	"runtime"
	"slices"
	"sync"
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
)

// loops are the event loops of a server. Each waits for many WebSockets at once and
// reads from those that have something, so that an idle connection costs no goroutine
// and a busy one no change of goroutines. There are as many as processors at most,
// and each runs only while it has connections.
type loops struct {
	watcher *watcher
	running tracker
	rings   rings

	mu  sync.Mutex // taken before that of a loop
	all []*loop
}

// loop is one of them.
//
// Its goroutine handles what came on a connection before it goes on to the next. What
// takes longer than about a millisecond does not hold up the others: the watcher, or
// who is about to wait (Conn.HandOver), has another goroutine go on with the loop,
// and the one before stays with its connection.
type loop struct {
	set  *loops
	poll *epoll
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

	n int // connections; guarded by set.mu

	mu    sync.Mutex
	slots []*loopConn // nil: free
	free  []int32
}

func (s *loops) init(w *watcher, disableIOURing bool) {
	s.watcher = w
	s.rings.off = disableIOURing
}

// adopt takes over the socket of nc, which is closed, for w. It reports false, and
// leaves nc alone, where that is no plain socket or can't be done.
func (s *loops) adopt(w *wsConn, nc net.Conn) bool {
	fd, ok := duplicate(nc)
	if !ok {
		return false
	}
	c := &loopConn{ws: w, fd: fd, local: nc.LocalAddr(), remote: nc.RemoteAddr()}
	c.uses.Store(1)
	c.state.Store(reading)
	if err := s.add(c); err != nil {
		_ = syscall.Close(fd)
		return false
	}
	_ = nc.Close()
	w.nc, w.raw, w.loop = c, c, c
	return true
}

// add gives a connection to the loop with the fewest, or to a new one.
func (s *loops) add(c *loopConn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.least()
	if l == nil || l.n > 0 && len(s.all) < runtime.GOMAXPROCS(0) {
		poll, err := newEpoll()
		switch {
		case err == nil:
			l = &loop{set: s, poll: poll}
			s.all = append(s.all, l)
			s.rings.keep(true)
			s.running.add() // not closed: wait comes after the last connection
			go l.run()
		case l == nil:
			return err
		}
	}
	l.n++
	err := l.enter(c)
	if err != nil {
		l.drop(c)
	}
	return err
}

// enter gives a connection a slot and has the loop told of it.
func (l *loop) enter(c *loopConn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.loop, c.slot = l, int32(len(l.slots))
	if last := len(l.free) - 1; last >= 0 {
		c.slot = l.free[last]
		l.free = l.free[:last]
		l.slots[c.slot] = c
	} else {
		l.slots = append(l.slots, c)
	}
	return l.poll.add(c.fd, c.slot)
}

// least returns the loop with the fewest connections; nil: there is none.
func (s *loops) least() *loop {
	var least *loop
	for _, l := range s.all {
		if least == nil || l.n < least.n {
			least = l
		}
	}
	return least
}

// remove lets the loop know no more of a connection.
func (l *loop) remove(c *loopConn) {
	l.set.mu.Lock()
	defer l.set.mu.Unlock()
	l.poll.remove(c.fd)
	l.drop(c)
}

// drop frees the slot of a connection, and ends the loop with the last one; set.mu
// is held.
func (l *loop) drop(c *loopConn) {
	l.mu.Lock()
	l.slots[c.slot] = nil
	l.free = append(l.free, c.slot)
	l.mu.Unlock()
	if l.n--; l.n == 0 {
		l.set.all = slices.DeleteFunc(l.set.all, func(other *loop) bool { return other == l })
		l.set.rings.keep(len(l.set.all) > 0)
		l.poll.end()
	}
}

// wantWritable has the loop tell when a connection can be written to.
func (l *loop) wantWritable(c *loopConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.slots[c.slot] == c {
		l.poll.wantWritable(c.fd, c.slot)
	}
}

// wait waits until no loop runs any more, or ctx ends. There are no connections, and
// none may come.
func (s *loops) wait(ctx context.Context) error {
	s.running.close()
	return s.running.wait(ctx)
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
			l.poll.close()
			l.set.running.done()
			return
		}
	}
}

// serve looks after a connection, and has its replies held back meanwhile. It reports
// false when another goroutine has the loop.
func (l *loop) serve(c *loopConn) (mine bool) {
	now := time.Now()
	l.at, l.now = c, now
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
	ring := l.set.rings.take()
	if ring == nil {
		return
	}
	l.ops = l.ops[:0]
	for i, c := range next {
		if b := c.ws.idleBuffer(); b != nil && !c.cutOff.Load() && c.use() {
			l.ops = append(l.ops, ringOp{fd: c.fd, b: b, of: i})
		}
	}
	ring.read(l.ops)
	l.set.rings.put(ring)
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
	l.breathe()
	events, slept, ok := l.poll.wait()
	if !ok {
		return false
	}
	if slept {
		l.busy = 0
	} else if l.busy++; l.busy%yieldAfter == 0 {
		runtime.Gosched() // other goroutines of the processor wait for it, too
	}
	l.ready, l.next, l.fetched = l.ready[:0], 0, 0
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range events {
		c := l.slots[events[i].Fd]
		if c != nil && c.notice(events[i].Events) {
			l.ready = append(l.ready, c)
		}
	}
	return true
}

// breathe lets more come before the next look, where that saves calls of the kernel:
// clients don't wait for their answers before they send more, and there are few of them
// each time. Who waits for an answer is held up only among more who don't.
func (l *loop) breathe() {
	if few := len(l.ready); l.busy > 0 && few <= fewReady && 2*l.streams > few {
		short := syscall.NsecToTimespec(int64(breath))
		_ = syscall.Nanosleep(&short, nil) // a signal may cut it short
	}
	l.streams = 0
}

// watch has the watcher look after l.
func (l *loop) watch() {
	if !l.watched.Load() && l.watched.CompareAndSwap(false, true) {
		l.set.watcher.add(l)
	}
}

// beat implements beater: it passes the loop on that has been at one connection for
// a whole beat.
func (l *loop) beat() (keep bool) {
	turn := l.turn.Load()
	last := l.beaten
	l.beaten = turn
	if turn == last {
		l.passOn(turn)
	}
	if running(turn) || turn != last {
		return true
	}
	l.watched.Store(false)
	// A turn that began meanwhile may have found l watched.
	return l.turn.Load() != turn && l.watched.CompareAndSwap(false, true)
}
