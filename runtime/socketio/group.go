package socketio

import (
	"context"
	"sync"
)

// group counts what its owner must wait for. Unlike with a sync.WaitGroup, more
// may start while somebody waits, and the wait may be given up.
type group struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n is 0; nil while nobody waits
}

func (g *group) start() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n++
}

func (g *group) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n--
	if g.n == 0 && g.idle != nil {
		close(g.idle)
		g.idle = nil
	}
}

// spawn runs f in a goroutine that is counted.
func (g *group) spawn(f func()) {
	g.start()
	go func() {
		defer g.end()
		f()
	}()
}

// wait blocks until nothing is left or ctx ends.
func (g *group) wait(ctx context.Context) error {
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
