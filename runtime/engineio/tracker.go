package engineio

import (
	"context"
	"sync"
)

// tracker counts what runs and lets one wait for its end with a context, which
// a WaitGroup can't. The zero value is ready.
type tracker struct {
	mu     sync.Mutex
	n      int
	closed bool
	idle   chan struct{} // closed when n is 0 and nothing more may start
}

// add reports false when nothing more may start.
func (t *tracker) add() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.n++
	return true
}

func (t *tracker) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n--; t.n == 0 && t.closed {
		close(t.idle)
	}
}

// close lets nothing more start.
func (t *tracker) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	t.closed, t.idle = true, make(chan struct{})
	if t.n == 0 {
		close(t.idle)
	}
}

func (t *tracker) closing() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}

// wait waits, after close, until nothing runs or ctx ends.
func (t *tracker) wait(ctx context.Context) error {
	select {
	case <-t.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
