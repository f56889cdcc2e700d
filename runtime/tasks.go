package runtime

import (
	"context"
	"sync"
)

// tasks counts goroutines, so that their owner can wait for them. Unlike a
// sync.WaitGroup it allows new ones to start while somebody waits, and lets one of
// them wait for the others.
type tasks struct {
	mu sync.Mutex
	n  int
	// inside is how many of the n wait themselves, in waitInside.
	inside int
	// idle is closed when none is left, and quiet when those that are left wait
	// themselves; nil while nobody waits for that.
	idle, quiet chan struct{}
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
	t.settle()
}

// settle ends the waits that are over; t.mu is held.
func (t *tasks) settle() {
	if t.n == 0 {
		signal(&t.idle)
	}
	if t.n <= t.inside {
		signal(&t.quiet)
	}
}

func signal(c *chan struct{}) {
	if *c != nil {
		close(*c)
		*c = nil
	}
}

// wait blocks until no goroutine is left or ctx ends.
func (t *tasks) wait(ctx context.Context) error {
	t.mu.Lock()
	return t.await(ctx, &t.idle)
}

// waitInside is wait for a caller that is one of the goroutines. Those that call
// it too are not waited for either.
func (t *tasks) waitInside(ctx context.Context) error {
	t.mu.Lock()
	t.inside++
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.inside--
	}()
	return t.await(ctx, &t.quiet)
}

// await blocks until settle signals on c or ctx ends; t.mu is held, and unlocked.
func (t *tasks) await(ctx context.Context, c *chan struct{}) error {
	if *c == nil {
		*c = make(chan struct{})
	}
	done := *c
	t.settle()
	t.mu.Unlock()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
