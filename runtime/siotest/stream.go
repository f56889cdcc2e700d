package siotest

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// streamSize is how many bytes may be on their way, in bytes: what the buffers of a
// socket hold. A writer waits where there are more.
const streamSize = 64 << 10

// stream is one direction of a connection. Its methods may be called from several
// goroutines at once.
type stream struct {
	mu      sync.Mutex
	changed sync.Cond
	bytes   bytes.Buffer // on their way
	// finished: the writing end was closed. What is on its way still arrives.
	finished bool
	// left: the reading end was closed.
	left bool
	// cut: the connection is lost.
	cut bool
	// stalled: nothing arrives, neither bytes nor the news that an end was closed.
	stalled     bool
	read, write deadline
}

// deadline is one of a stream's, guarded by its mu.
type deadline struct {
	timer  *time.Timer // nil: there is none, or it has passed
	passed bool
}

func newStream(stalled bool) *stream {
	s := &stream{stalled: stalled}
	s.changed.L = &s.mu
	return s
}

// Read returns what has arrived, and waits for it.
func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.left:
			return 0, net.ErrClosed
		case s.cut:
			return 0, syscall.ECONNRESET
		case s.read.passed:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.stalled:
		case s.bytes.Len() > 0:
			s.changed.Broadcast()
			return s.bytes.Read(p)
		case s.finished:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

// Write waits until all of p is on its way.
func (s *stream) Write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.finished:
			return n, net.ErrClosed
		case s.cut:
			return n, syscall.ECONNRESET
		case s.left && !s.stalled:
			return n, syscall.EPIPE
		case s.write.passed:
			return n, os.ErrDeadlineExceeded
		}
		taken := min(len(p)-n, streamSize-s.bytes.Len())
		if taken > 0 {
			s.bytes.Write(p[n : n+taken]) // a Buffer takes everything
			s.changed.Broadcast()
		}
		if n += taken; n == len(p) {
			return n, nil
		}
		s.changed.Wait()
	}
}

// change changes the state and tells those who wait.
func (s *stream) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	s.changed.Broadcast()
}

// finish closes the writing end.
func (s *stream) finish() {
	s.change(func() {
		s.finished = true
		s.write.clear()
	})
}

// leave closes the reading end.
func (s *stream) leave() {
	s.change(func() {
		s.left = true
		s.read.clear()
		s.bytes.Reset()
	})
}

// lose loses what is on its way, and the connection.
func (s *stream) lose() {
	s.change(func() {
		s.cut = true
		s.bytes.Reset()
	})
}

func (s *stream) stall(on bool) { s.change(func() { s.stalled = on }) }

// limit sets one of the stream's deadlines; the zero time is none.
func (s *stream) limit(d *deadline, t time.Time) {
	s.change(func() {
		d.clear()
		if t.IsZero() {
			return
		}
		wait := time.Until(t)
		if wait <= 0 {
			d.passed = true
			return
		}
		var timer *time.Timer
		timer = time.AfterFunc(wait, func() {
			s.change(func() { d.passed = d.passed || d.timer == timer })
		})
		d.timer = timer
	})
}

func (d *deadline) clear() {
	if d.timer != nil {
		d.timer.Stop()
	}
	*d = deadline{}
}
