package siotest

import (
	"io"
	"sync"
)

// output is a test's, until the test ends: testing panics when something is logged
// after that, as by a client that nobody has closed.
type output struct {
	mu     sync.Mutex
	to     io.Writer
	closed bool
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return len(p), nil
	}
	return o.to.Write(p)
}

func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}
