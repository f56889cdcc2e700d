//go:build linux

package engineio

import (
	"context"
	"net"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

// loopsTogether is how many loops share their connections at most: all of them ask the
// same epoll, one at a time.
const loopsTogether = 4

// loops are the event loops of a server. They wait for many WebSockets at once and read
// from those that have something, so that an idle connection costs no goroutine and a
// busy one no change of goroutines. There are as many as processors at most, in groups,
// which run only while they have connections.
type loops struct {
	watcher            *watcher
	running            tracker
	rings              rings
	lagTime, heavyTurn time.Duration

	mu     sync.Mutex // taken before that of a group
	groups []*loopGroup
}

// loopGroup is connections, and the loops that look after them.
//
// One loop does it for as long as it keeps up: the more it finds each time that it looks,
// the less each message costs, and no second processor is woken for little. One that has
// too much to do leaves connections to another; one that finds nothing rests until it is
// called, and the last one that is awake waits for the kernel to tell of something. One that
// finds few streams rests, too, while another is awake, unless it was missed soon after it
// last did. Where connections take long one more waits for the kernel, and none takes more
// than one while another has nothing to do.
//
// That nothing is overlooked: a loop that rests knows that another one will look, or waits;
// and whoever leaves connections wakes one for them, with mu held.
type loopGroup struct {
	set  *loops
	poll *epoll

	n int // connections; guarded by set.mu

	mu      sync.Mutex
	slots   []*loopConn // nil: free
	free    []int32
	made    int           // loops
	most    int           // as many as there may be
	resting []*loop       // those that wait for a call
	waiting bool          // one waits for the kernel
	left    []*loopConn   // ready, for who looks next
	took    time.Duration // how long connections take lately
	// stepped is when a loop last stepped back, and none does before spread. regret is for
	// how long that is when it was wrong to.
	stepped, spread time.Time
	regret          time.Duration
	ended           bool
}

func (s *loops) init(w *watcher, disableIOURing bool) {
	s.watcher = w
	s.lagTime, s.heavyTurn = lagTime, heavyTurn
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

// add gives a connection to the group with the fewest, or to a new one.
func (s *loops) add(c *loopConn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.least()
	processors := runtime.GOMAXPROCS(0)
	groups := (processors + loopsTogether - 1) / loopsTogether
	each := (processors + groups - 1) / groups
	if g == nil || g.n > 0 && len(s.groups) < groups {
		poll, err := newEpoll()
		switch {
		case err == nil:
			g = &loopGroup{set: s, poll: poll, most: each}
			s.groups = append(s.groups, g)
			s.rings.keep(true)
			g.mu.Lock()
			g.call()
			g.mu.Unlock()
		case g == nil:
			return err
		}
	}
	g.n++
	err := g.enter(c, each)
	if err != nil {
		g.drop(c)
	}
	return err
}

// least returns the group with the fewest connections; nil: there is none.
func (s *loops) least() *loopGroup {
	var least *loopGroup
	for _, g := range s.groups {
		if least == nil || g.n < least.n {
			least = g
		}
	}
	return least
}

// wait waits until no loop runs any more, or ctx ends. There are no connections, and
// none may come.
func (s *loops) wait(ctx context.Context) error {
	s.running.close()
	return s.running.wait(ctx)
}

// enter gives a connection a slot and has the loops told of it, of which there may be so
// many now.
func (g *loopGroup) enter(c *loopConn, most int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.most = most
	c.group, c.slot = g, int32(len(g.slots))
	if last := len(g.free) - 1; last >= 0 {
		c.slot = g.free[last]
		g.free = g.free[:last]
		g.slots[c.slot] = c
	} else {
		g.slots = append(g.slots, c)
	}
	return g.poll.add(c.fd, c.slot)
}

// remove lets the loops know no more of a connection.
func (g *loopGroup) remove(c *loopConn) {
	g.set.mu.Lock()
	defer g.set.mu.Unlock()
	g.poll.remove(c.fd)
	g.drop(c)
}

// drop frees the slot of a connection, and ends the group with the last one; set.mu
// is held.
func (g *loopGroup) drop(c *loopConn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.slots[c.slot] = nil
	g.free = append(g.free, c.slot)
	if g.n--; g.n > 0 {
		return
	}
	g.set.groups = slices.DeleteFunc(g.set.groups, func(other *loopGroup) bool { return other == g })
	g.set.rings.keep(len(g.set.groups) > 0)
	g.ended = true
	for _, l := range g.resting {
		close(l.called)
	}
	g.resting = nil
	g.poll.end()
}

// wantWritable has the loops tell when a connection can be written to.
func (g *loopGroup) wantWritable(c *loopConn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.slots[c.slot] == c {
		g.poll.wantWritable(c.fd, c.slot)
	}
}

// call wakes a loop that rests, or makes one. It reports false when there is none; g.mu
// is held.
func (g *loopGroup) call() bool {
	switch last := len(g.resting) - 1; {
	case g.ended:
		return false
	case last >= 0:
		l := g.resting[last]
		g.resting[last] = nil
		g.resting = g.resting[:last]
		l.called <- struct{}{}
		return true
	case g.made < g.most:
		g.made++
		g.set.running.add() // not closed: wait comes after the last connection
		l := &loop{group: g, called: make(chan struct{}, 1)}
		go l.run()
		return true
	}
	return false
}

// rest is for a loop that finds nothing: it returns when there may be something. It
// reports false when the group has ended.
func (g *loopGroup) rest(l *loop) bool {
	g.mu.Lock()
	switch {
	case g.ended:
		g.mu.Unlock()
		return false
	case len(g.left) > 0:
		g.mu.Unlock()
		return true
	case g.waiting || g.awake() > 1 && !g.heavy():
		g.resting = append(g.resting, l)
		g.mu.Unlock()
		_, ok := <-l.called
		return ok
	}
	g.waiting = true
	g.mu.Unlock()
	ok := g.poll.await()
	g.mu.Lock()
	g.waiting = false
	g.mu.Unlock()
	return ok
}

// stepBack has l rest while another loop looks after all connections, and returns when l
// is called, or the group ends. It reports false, at once, where there is no such loop,
// where connections take long, and for a while after one was held up or missed.
func (g *loopGroup) stepBack(l *loop) bool {
	now := time.Now()
	g.mu.Lock()
	if g.ended || g.awake() < 2 || g.heavy() || len(g.left) > 0 || now.Before(g.spread) {
		g.mu.Unlock()
		return false
	}
	g.stepped = now
	g.resting = append(g.resting, l)
	g.mu.Unlock()
	<-l.called
	return true
}

// stayAwake has no loop step back for d; g.mu is held.
func (g *loopGroup) stayAwake(now time.Time, d time.Duration) {
	if until := now.Add(d); until.After(g.spread) {
		g.spread = until
	}
}

// missed is told that a loop was called because another one had too much to do; g.mu is
// held. What is too much for one loop soon after another stepped back is for two.
func (g *loopGroup) missed(now time.Time) {
	if now.Sub(g.stepped) < regretTime {
		g.regret = min(2*g.regret+firstRegret, maxRegret)
	} else {
		g.regret /= 2
	}
	g.stayAwake(now, g.regret)
}

// awake is how many loops neither rest nor wait; g.mu is held.
func (g *loopGroup) awake() int {
	n := g.made - len(g.resting)
	if g.waiting {
		n--
	}
	return n
}

// alone reports whether no other loop than the caller's will look before that is called.
func (g *loopGroup) alone() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.waiting && g.awake() == 1
}

// holdUp is told by the watcher that a handler holds up a loop. The others would have to
// wait for the watcher the next time if there was one loop only.
func (g *loopGroup) holdUp() {
	g.mu.Lock()
	g.stayAwake(time.Now(), wariness)
	g.mu.Unlock()
}

// weigh is told how long connections took on average.
func (g *loopGroup) weigh(took time.Duration) {
	g.mu.Lock()
	g.took += (took - g.took) / 4
	g.mu.Unlock()
}

// heavy reports whether connections take long lately; g.mu is held.
func (g *loopGroup) heavy() bool { return g.took >= g.set.heavyTurn }

// share returns how many connections the caller is to take at most. Of those that take
// long each after the first is better looked after by another loop, if not all have
// something to do. g.mu is held.
func (g *loopGroup) share() int {
	switch {
	case !g.heavy():
		return loopEvents
	case g.awake() == g.most:
		return fewReady
	}
	return 1
}

// takeLeft gives l connections that were left, if there are any, and returns how many
// others it may take.
func (g *loopGroup) takeLeft(l *loop) (most int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	most = g.share()
	n := min(most, len(g.left))
	l.ready = append(l.ready[:0], g.left[:n]...)
	g.left = slices.Delete(g.left, 0, n)
	if len(g.left) > 0 {
		g.wake()
	}
	g.relieve(l)
	return most
}

// take gives l the connections that something came on.
func (g *loopGroup) take(l *loop, events []syscall.EpollEvent) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, e := range events {
		if e.Fd == knocked {
			continue
		}
		if c := g.slots[e.Fd]; c != nil && c.notice(e.Events) {
			l.ready = append(l.ready, c)
		}
	}
	g.relieve(l)
}

// relieve calls a loop that is to wait for the kernel while l looks after connections
// that take long, unless one does; g.mu is held.
func (g *loopGroup) relieve(l *loop) {
	if len(l.ready) > 0 && !g.waiting && g.heavy() {
		g.call()
	}
}

// leave leaves connections to another loop, and reports false when all have something to
// do. heavy: connections take long; else the caller has too much to do.
func (g *loopGroup) leave(now time.Time, ready []*loopConn, heavy bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if heavy {
		g.took = max(g.took, g.set.heavyTurn)
	}
	if !g.wake() {
		return false
	}
	if !heavy {
		g.missed(now)
	}
	g.left = append(g.left, ready...)
	return true
}

// wake has a loop look that has nothing to do, if there is one; g.mu is held.
func (g *loopGroup) wake() bool {
	if g.call() {
		return true
	}
	if g.waiting {
		g.poll.knock()
	}
	return g.waiting
}

// quit is for a loop that has ended.
func (g *loopGroup) quit() {
	g.mu.Lock()
	g.made--
	last := g.made == 0
	g.mu.Unlock()
	if last {
		g.poll.close()
	}
	g.set.running.done()
}
