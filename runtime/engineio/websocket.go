package engineio

import (
	"errors"
	"fmt"
	"io"
	"net"
)

// wsConn is a WebSocket. It may be a session's transport or be probed as one.
type wsConn struct {
	outgoing
	incoming

	conn *Conn // whose transport it is, or is to be
	nc   net.Conn
	raw  *rawConn // nil: only waiting reads and writes are possible
	set  *settings
	// deflate: compression was negotiated.
	deflate bool
	// receive gets what comes; the reader's.
	receive func(packet, error)
	// corking: the reader holds back the replies to what it has read; the reader's.
	corking bool
}

// newWSConn wraps nc, which is to be a transport of c. early is what was read from
// it already.
func newWSConn(c *Conn, nc net.Conn, early []byte) *wsConn {
	w := &wsConn{conn: c, nc: nc, set: c.set, incoming: incoming{unread: early}}
	w.raw = newRawConn(w, nc)
	return w
}

// serve reads until the connection ends, and says why it did.
func (w *wsConn) serve() (reason string, err error) {
	for {
		data, binary, err := w.nextMessage()
		if err != nil {
			w.dropBuffer()
			w.freeMessage()
			return w.endOf(err)
		}
		w.gatherReplies()
		if binary {
			w.receive(packet{kind: packetMessage, binary: true, data: data}, nil)
		} else {
			w.receive(decodeText(data))
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
