package engineio

import "sync"

// Gather collects what SendFramed has for many connections, so that it leaves in few
// calls of the kernel. What it holds is sent with Flush at the latest, and meanwhile
// nothing else is sent to those connections: there must be nothing to wait for. One
// goroutine at a time may use it.
type Gather struct {
	// held are connections whose writer the Gather is, as outgoing.gathers knows.
	held []*wsConn
	room gatherRoom
}

const (
	// gatherMost is how many connections are written to, or read from, in one call. It is to
	// stay far below a millisecond, in which the garbage collector can't stop the goroutine.
	gatherMost = 16
	// gatherLongest is up to how many bytes are written together with others: copying
	// long ones takes the kernel longer than a call of its own, and compressing them for
	// the next connection would keep those waiting that are held already.
	gatherLongest = 8 << 10
)

var gathers = sync.Pool{New: func() any { return new(Gather) }}

// NewGather returns an empty Gather, which Flush frees.
func NewGather() *Gather { return gathers.Get().(*Gather) }

// Flush sends what is still held, and ends the use of g.
func (g *Gather) Flush() {
	g.writeAll()
	gathers.Put(g)
}

// add takes a connection whose writer the caller has become.
func (g *Gather) add(w *wsConn) {
	if g.held = append(g.held, w); len(g.held) >= gatherMost {
		g.writeAll()
	}
}

// writeEach writes to one connection after the other.
func (g *Gather) writeEach() {
	for _, w := range g.held {
		w.write()
		w.forget()
	}
	g.empty()
}

func (g *Gather) empty() {
	clear(g.held)
	g.held = g.held[:0]
}
