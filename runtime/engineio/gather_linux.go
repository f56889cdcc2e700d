package engineio

import (
	"os"
	"syscall"
)

// gatherRoom is memory for writeAll.
type gatherRoom struct {
	ops     []ringOp
	batches [][]chunk
}

// writeAll writes what is queued for the connections that g holds.
func (g *Gather) writeAll() {
	if len(g.held) < 2 {
		g.writeEach()
		return
	}
	rings := &g.held[0].set.loops.rings
	ring := rings.take()
	if ring == nil {
		g.writeEach()
		return
	}
	ops, batches := g.room.ops[:0], g.room.batches[:0]
	for i, w := range g.held {
		w.mu.Lock()
		batch := w.taken(nil)
		w.mu.Unlock()
		if len(batch) == 1 && len(batch[0].b) <= gatherLongest && w.loop.use() {
			ops = append(ops, ringOp{fd: w.loop.fd, b: batch[0].b, of: i})
		}
		batches = append(batches, batch)
	}
	ring.write(ops)
	rings.put(ring)
	for i := range ops {
		g.held[ops[i].of].loop.done()
	}
	next := 0
	for i, w := range g.held {
		if next < len(ops) && ops[next].of == i {
			w.gathered(batches[i], &ops[next])
			next++
		} else {
			w.writeFrom(batches[i])
			w.forget()
		}
	}
	clear(ops)
	clear(batches)
	g.room.ops, g.room.batches = ops, batches
	g.empty()
}

// gathered goes on as the writer after the only chunk of batch was written.
func (w *wsConn) gathered(batch []chunk, op *ringOp) {
	switch {
	case op.tried && op.n == len(op.b):
		if w.wroteAll(batch) {
			return
		}
	case !op.tried || op.errno == syscall.EINTR:
		w.writeFrom(batch)
	case op.errno == syscall.EAGAIN || op.errno == 0:
		w.tooMuch(batch, op.n, op.n)
	default:
		w.writeFailed(os.NewSyscallError("write", op.errno))
	}
	w.forget()
}

// wroteAll goes on after a Gather has written batch, which is one chunk. It reports
// whether that was all there is, and then does what forget does.
func (w *wsConn) wroteAll(batch []chunk) bool {
	n := len(batch[0].b)
	batch[0].release()
	batch[0] = chunk{}
	w.mu.Lock()
	batch = w.takenNext(batch, n)
	if batch == nil {
		w.gathers--
		w.lessWriters()
	}
	w.mu.Unlock()
	if batch != nil {
		w.writeFrom(batch)
	}
	return batch == nil
}
