// Package group counts the goroutines of an engine, so that their owner can wait for
// them.
package group

import (
	"context"
	"sync"
)

// Group counts what its owner must wait for. Unlike with a sync.WaitGroup, more may
// start while somebody waits, and the wait may be given up. The zero value has
// nothing to wait for.
type Group struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n is 0; nil while nobody waits
}

// Start counts one more. End is called for it as the last thing that it does.
func (g *Group) Start() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n++
}

// End is the end of what Start counted.
func (g *Group) End() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n--
	if g.n == 0 && g.idle != nil {
		close(g.idle)
		g.idle = nil
	}
}

// Spawn runs f in a goroutine that is counted.
func (g *Group) Spawn(f func()) {
	g.Start()
	go func() {
		defer g.End()
		f()
	}()
}

// Wait blocks until nothing is left, or ctx ends: then it returns the context's cause.
func (g *Group) Wait(ctx context.Context) error {
	g.mu.Lock()
	if g.n == 0 {
		g.mu.Unlock()
		return nil
	}
	if g.idle == nil {
		g.idle = make(chan struct{})
	}
	idle := g.idle
	g.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
