package socketio

import "sync"

// turn lets one callback of a socket run at a time, in order, without holding a
// lock while it runs. The zero value is free.
//
// The goroutine that reads a connection takes the turn for each event and waits
// for it. Everybody else posts: a callback may itself lead to a post (it
// disconnects its socket, say), so a post never waits.
type turn struct {
	mu     sync.Mutex
	taken  bool
	free   chan struct{} // closed when the turn is given up; nil when nobody waits
	posted []func()      // to be run by whoever has the turn, before giving it up
}

// enter takes the turn. It must not be called from a callback.
func (t *turn) enter() {
	t.mu.Lock()
	for t.taken {
		if t.free == nil {
			t.free = make(chan struct{})
		}
		free := t.free
		t.mu.Unlock()
		<-free
		t.mu.Lock()
	}
	t.taken = true
	t.mu.Unlock()
}

// leave runs what was posted since enter and gives up the turn.
func (t *turn) leave() {
	for {
		t.mu.Lock()
		if len(t.posted) == 0 {
			t.taken = false
			t.posted = nil
			if t.free != nil {
				close(t.free)
				t.free = nil
			}
			t.mu.Unlock()
			return
		}
		f := t.posted[0]
		t.posted = t.posted[1:]
		t.mu.Unlock()
		f()
	}
}

// post runs f when all earlier callbacks are done: now, if none is running, else
// later in the goroutine that runs one.
func (t *turn) post(f func()) {
	t.mu.Lock()
	if t.taken {
		t.posted = append(t.posted, f)
		t.mu.Unlock()
		return
	}
	t.taken = true
	t.mu.Unlock()
	defer t.leave()
	f()
}
