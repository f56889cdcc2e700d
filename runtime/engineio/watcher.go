package engineio

import (
	"sync"
	"time"
)

// beatTime is how often connections that do something are looked after. What is
// bounded by "about a millisecond" takes one beat, or two.
const beatTime = time.Millisecond

// beater does on a beat what has been held back for long enough, and reports whether
// it is still to be looked after.
type beater interface{ beat() (keep bool) }

// watcher looks after what holds something back: connections with replies that are
// gathered, or with a handler that keeps them from being read, and loops that are at
// one connection. It is one timer for all of them, which runs only while there are
// any: a timer for each would have to be set for each message.
type watcher struct {
	mu      sync.Mutex
	watched []beater
	spare   []beater
	timer   *time.Timer
	running bool
}

func (p *watcher) add(w beater) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watched = append(p.watched, w)
	switch {
	case p.running:
		return
	case p.timer == nil:
		p.timer = time.AfterFunc(beatTime, p.beat)
	default:
		p.timer.Reset(beatTime)
	}
	p.running = true
}

// beat is what the timer does.
func (p *watcher) beat() {
	p.mu.Lock()
	batch := p.watched
	p.watched, p.spare = p.spare[:0], nil
	p.mu.Unlock()

	kept := batch[:0]
	for _, w := range batch {
		if w.beat() {
			kept = append(kept, w)
		}
	}
	clear(batch[len(kept):])

	p.mu.Lock()
	defer p.mu.Unlock()
	added := p.watched
	p.watched = append(kept, added...)
	clear(added)
	p.spare = added[:0]
	p.running = len(p.watched) > 0
	if p.running {
		p.timer.Reset(beatTime)
	}
}

// watch has the watcher look after w.
func (w *wsConn) watch() {
	if !w.watched.Load() && w.watched.CompareAndSwap(false, true) {
		w.set.watcher.add(w)
	}
}

// beat implements beater.
func (w *wsConn) beat() (keep bool) {
	turn := w.turn.Load()
	last := w.beaten
	w.beaten = turn
	if running(turn) && turn == last {
		w.passOn(turn)
	}
	w.mu.Lock()
	if w.queued > 0 && !w.writing {
		w.flushNow()
		return true
	}
	defer w.mu.Unlock()
	if running(turn) || turn != last {
		return true
	}
	w.watched.Store(false)
	// A turn that began meanwhile may have found w watched.
	return w.turn.Load() != turn && w.watched.CompareAndSwap(false, true)
}
