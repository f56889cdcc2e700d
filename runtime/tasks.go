package runtime

import (
	"context"
	"sync"
)

// tasks counts goroutines, so that their owner can wait for them. Unlike a
// sync.WaitGroup it allows new ones to start while somebody waits.
type tasks struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // non-nil while somebody waits
}

// start counts one goroutine, which calls end as the last thing that it does.
func (t *tasks) start() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n++
}

func (t *tasks) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n--
	if t.n == 0 && t.idle != nil {
		close(t.idle)
		t.idle = nil
	}
}

// wait blocks until no goroutine is left or ctx ends.
func (t *tasks) wait(ctx context.Context) error {
	t.mu.Lock()
	if t.n == 0 {
		t.mu.Unlock()
		return nil
	}
	if t.idle == nil {
		t.idle = make(chan struct{})
	}
	idle := t.idle
	t.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
