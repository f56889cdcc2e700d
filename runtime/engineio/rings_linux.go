package engineio

import (
	"runtime"
	"sync"
	"syscall"
)

// ringOp is a read or a write that does not wait.
type ringOp struct {
	fd int
	b  []byte // not empty
	of int    // whose it is; the caller's
	// tried: it was done, with this result. What was not can be done otherwise.
	tried bool
	n     int
	errno syscall.Errno
}

// rings are the rings of a server's loops and of its broadcasts: one for each processor
// at most, made when there is something for them to do.
type rings struct {
	mu   sync.Mutex
	free []*ring
	made int
	// on: there are connections. Without any, no ring is kept.
	on bool
	// off: there is no io_uring, or it is not wanted.
	off bool
}

// take returns a ring that is the caller's until put; nil: there is none, or none now.
func (p *rings) take() *ring {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.free) - 1; last >= 0 {
		r := p.free[last]
		p.free = p.free[:last]
		return r
	}
	if p.off || p.made >= runtime.GOMAXPROCS(0) {
		return nil
	}
	r, passing := newRing()
	switch {
	case r != nil:
		p.made++
	case !passing:
		p.off = true
	}
	return r
}

func (p *rings) put(r *ring) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.off = p.off || r.refused
	if p.on && !p.off {
		p.free = append(p.free, r)
		return
	}
	p.made--
	r.close()
}

// keep says whether there are connections.
func (p *rings) keep(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.on = on; on {
		return
	}
	p.made -= len(p.free)
	for _, r := range p.free {
		r.close()
	}
	p.free = nil
}
