package engineio

import "time"

const (
	// maxSlowTurns bounds how many of a connection's functions run elsewhere after some
	// took long: the next ones are likely to, too. After one it is the next only, which
	// may have been the machine's fault, and about twice as many after each that follows.
	maxSlowTurns = 63
	// quickTurns is how many functions in a row must not take long before half of what
	// is known of those that did is forgotten: long ones may come among quick ones.
	quickTurns = 16
	// slowTurn is how long functions take at least, on average, to be worth a goroutine
	// each: those of a loop's other connections wait for one that runs in the loop.
	slowTurn = 200 * time.Microsecond
)

// Defer has f called in the goroutine that reads the connection, when Message has
// returned. Nothing is read until f returns, but not for longer than about a
// millisecond, and not after HandOver: then another goroutine goes on reading. f
// may block or end its goroutine, and is not waited for when the connection ends.
//
// It may be called once from within each call of Message, by the goroutine that
// Message was called in. It reports false when f is not going to be called: on
// polling, on a client, and where functions took long lately.
func (c *Conn) Defer(f func()) bool {
	w := c.ws.Load()
	if w == nil || !w.delivering || w.deferred != nil {
		return false
	}
	if w.slow > 0 {
		w.slow--
		return false
	}
	w.deferred = f
	return true
}

// HandOver makes sure that the connection is read while a function that was given
// to Defer still runs, and sends what Cork holds back: who waits for an answer
// calls it. It may be called at any time.
func (c *Conn) HandOver() {
	if w := c.ws.Load(); w != nil {
		w.mu.Lock()
		w.flushNow()
		if turn := w.turn.Load(); running(turn) {
			w.passOn(turn)
		}
		if w.loop != nil {
			w.loop.handOver()
		}
	}
}

// running reports whether a turn is that of a deferred function. Turns count the
// changes between reading (even) and running one (odd).
func running(turn uint64) bool { return turn&1 != 0 }

// deliver hands on what came. The functions deferred meanwhile are called; reading
// is false when another goroutine reads now.
func (w *wsConn) deliver(p packet, err error) (reading bool) {
	w.delivering = w.finish != nil
	w.receive(p, err)
	w.delivering = false
	if f := w.deferred; f != nil {
		w.deferred = nil
		return w.runDeferred(f)
	}
	return true
}

func (w *wsConn) runDeferred(f func()) (reading bool) {
	turn := w.turn.Add(1)
	w.watch()
	returned := false
	defer func() {
		if reading = w.turn.CompareAndSwap(turn, turn+1); reading {
			w.turned++
			if w.loop == nil {
				w.quickened(1)
			}
		}
		if reading && !returned { // f has ended the goroutine
			go w.run()
		}
	}()
	f()
	returned = true
	return
}

// passOn has another goroutine go on reading, unless the turn is over.
func (w *wsConn) passOn(turn uint64) {
	if w.turn.CompareAndSwap(turn, turn+1) {
		go w.takeOver()
	}
}

// takeOver is the goroutine that goes on reading.
func (w *wsConn) takeOver() {
	w.slowed()
	w.run()
}

func (w *wsConn) slowed() {
	w.turned, w.quick = 0, 0 // what was quick before says nothing any more
	w.slowness = min(2*w.slowness+1, maxSlowTurns)
	w.slow = w.slowness
}

// quickened is for n functions that did not take long.
func (w *wsConn) quickened(n int) {
	for w.quick += n; w.quick >= quickTurns && w.slowness > 0; w.quick -= quickTurns {
		w.slowness /= 2
	}
	if w.slowness == 0 {
		w.quick = 0
	}
}

// judge decides whether what was deferred since w.began took long for a loop.
func (w *wsConn) judge() {
	switch {
	case w.turned == 0:
	case time.Since(w.began) >= time.Duration(w.turned)*w.set.slowTurn:
		w.slowed()
	default:
		w.quickened(w.turned)
	}
	w.turned = 0
}

// run is the goroutine of a connection that was accepted: it reads, and ends the
// connection unless another goroutine does.
func (w *wsConn) run() {
	w.began = time.Now()
	if reason, err, over := w.serve(); over {
		w.finish(reason, err)
	}
}
