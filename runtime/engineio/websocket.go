package engineio

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// wsConn is a WebSocket. It may be a session's transport or be probed as one.
type wsConn struct {
	outgoing

	set  *settings
	loop *loopConn // what raw is where a loop waits for data; else nil
	// deflate: compression was negotiated.
	deflate bool
	conn    *Conn // whose transport it is, or is to be
	nc      net.Conn
	raw     socket // nil: only waiting reads and writes are possible
	// finish is what the last reader does; nil: there is one only, and nothing can be
	// deferred. It is set before reading begins.
	finish func(reason string, err error)

	// turn says whether its reader reads or runs a deferred function; see running.
	turn atomic.Uint64
	// watched: the watcher looks after w. beaten is the turn that it has seen last.
	watched atomic.Bool
	beaten  uint64

	// The rest belongs to the reader.

	incoming
	receive func(packet, error)
	// corking: the replies to what was read are held back.
	corking bool
	// delivering: receive runs, and may defer a function; deferred is that, slow how
	// many more are not taken, slowness how many it were after the last slow one, and
	// quick how many did not take long since slowness changed.
	delivering            bool
	deferred              func()
	slow, slowness, quick int
	// turned is how many were called since began.
	turned int
	began  time.Time
}

// newWSConn wraps nc, which is to be a transport of c, with a goroutine that reads it.
// early is what was read from it already.
func newWSConn(c *Conn, nc net.Conn, early []byte) *wsConn {
	w := unopened(c, nc, early)
	w.raw = newSocket(w, nc)
	return w
}

// unopened is what both have in common: nothing reads or writes yet.
func unopened(c *Conn, nc net.Conn, early []byte) *wsConn {
	w := &wsConn{conn: c, nc: nc, set: c.set, incoming: incoming{unread: early}}
	w.queue = w.first[:0]
	return w
}

// newLoopWSConn is newWSConn with a loop that reads nc, where there may be one.
func newLoopWSConn(c *Conn, nc net.Conn, early []byte) *wsConn {
	w := unopened(c, nc, early)
	if !c.set.loops.adopt(w, nc) {
		w.raw = newSocket(w, nc)
	}
	return w
}

// readable is what the loop does when there is something to read.
func (w *wsConn) readable(now time.Time) {
	w.began = now
	if reason, err, over := w.serve(); over {
		go w.finish(reason, err) // it may wait for the peer
	}
}

// serve reads until the connection ends, and says why it did. It is not over when
// another goroutine reads now, or the loop waits for more.
func (w *wsConn) serve() (reason string, err error, over bool) {
	for {
		data, binary, err := w.nextMessage()
		if err == errNothingYet {
			if len(w.unread) == 0 {
				w.dropBuffer()
			}
			w.judge()
			if w.loop.rest() {
				return "", nil, false
			}
			continue
		}
		if err != nil {
			w.dropBuffer()
			w.freeMessage()
			reason, err = w.endOf(err)
			return reason, err, true
		}
		w.gatherReplies()
		var p packet
		if binary {
			p = packet{kind: packetMessage, binary: true, data: data}
		} else {
			p, err = decodeText(data)
		}
		if !w.deliver(p, err) {
			return "", nil, false
		}
	}
}

// endOf tells the ends that WebSocket knows from failures. A peer that broke the
// protocol is told so.
func (w *wsConn) endOf(err error) (reason string, _ error) {
	var broken *frameError
	switch {
	case errors.Is(err, errCloseFrame) || errors.Is(err, io.EOF):
		return ReasonTransportClose, nil
	case errors.As(err, &broken):
		w.answerClose([]byte{byte(broken.status >> 8), byte(broken.status)})
		return ReasonTransportError, err
	}
	return ReasonTransportError, fmt.Errorf("engineio: reading WebSocket: %w", err)
}
