package zishang520

import "sync"

// turn runs the callbacks of one socket one at a time, in the order of do, and
// holds no lock while one runs.
type turn struct {
	mu      sync.Mutex
	running bool
	waiting []func()
}

// do runs f when those before it are done: now, if none is running, else later in
// the goroutine that runs one. It may be called by a callback.
func (t *turn) do(f func()) {
	t.mu.Lock()
	if t.running {
		t.waiting = append(t.waiting, f)
		t.mu.Unlock()
		return
	}
	t.running = true
	t.mu.Unlock()
	for f != nil {
		f()
		f = t.next()
	}
}

func (t *turn) next() func() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.running, t.waiting = false, nil
		return nil
	}
	f := t.waiting[0]
	t.waiting = t.waiting[1:]
	return f
}
