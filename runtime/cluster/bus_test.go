package cluster_test

import (
	"bytes"
	"context"
	"sync"
)

// bus is a PubSub within the process.
type bus struct {
	mu   sync.Mutex
	subs map[chan []byte]*line
}

// line is one server's connection to the bus.
type line struct {
	bus *bus

	mu  sync.Mutex
	cut bool
}

func newBus() *bus { return &bus{subs: make(map[chan []byte]*line)} }

func (b *bus) line() *line { return &line{bus: b} }

// sever makes the bus lose everything from and to this server from now on.
func (l *line) sever() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
}

func (l *line) severed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}

// Publish implements cluster.PubSub.
func (l *line) Publish(ctx context.Context, message []byte) error {
	if l.severed() {
		return nil
	}
	l.bus.mu.Lock()
	defer l.bus.mu.Unlock()
	for c, to := range l.bus.subs {
		if to.severed() {
			continue
		}
		select {
		case c <- bytes.Clone(message):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Subscribe implements cluster.PubSub.
func (l *line) Subscribe(ctx context.Context, receive func([]byte)) error {
	c := make(chan []byte, 10_000)
	l.bus.mu.Lock()
	l.bus.subs[c] = l
	l.bus.mu.Unlock()
	defer func() {
		l.bus.mu.Lock()
		defer l.bus.mu.Unlock()
		delete(l.bus.subs, c)
	}()
	for {
		select {
		case m := <-c:
			receive(m)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
