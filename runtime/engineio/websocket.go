package engineio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/lxzan/gws"
)

const (
	// readBufferSize is the size of the pooled buffers that sockets are read into.
	readBufferSize = 8 << 10
	// gwsBufferSize is the smallest that bufio has. What gws reads is buffered by
	// wsConn, which can do without a buffer while the connection is idle.
	gwsBufferSize = 16
)

var readBuffers = sync.Pool{New: func() any { return new([readBufferSize]byte) }}

// wsConn is a WebSocket. gws frames what comes in; to gws it is the network
// connection, so that it sees when gws has used up what was read, and queues
// what gws writes. It may be a session's transport or be probed as one.
type wsConn struct {
	outgoing

	nc  net.Conn
	raw *rawConn // nil: only waiting reads and writes are possible
	set *settings
	// header is what a server's handshake is still to be answered with.
	header http.Header
	// deflate: compression was negotiated.
	deflate bool
	// fail ends what this is the transport of.
	fail func(reason string, err error)

	// The rest belongs to the reader.
	receive   func(packet, error)
	buf       *[readBufferSize]byte
	unread    []byte        // of buf, or what came behind the handshake
	framer    *bufio.Reader // gws's
	corking   bool
	budget    int // bytes that a handshake's answer may yet have; 0: no limit
	readError error
	inHandler bool
}

// newWSConn wraps nc. early is what was read from it already.
func newWSConn(nc net.Conn, early []byte, set *settings) *wsConn {
	w := &wsConn{nc: nc, set: set, unread: early}
	w.raw = newRawConn(w, nc)
	w.framer = bufio.NewReaderSize(w, gwsBufferSize)
	return w
}

// serve reads until the connection ends, and says why it did.
func (w *wsConn) serve(conn *gws.Conn) (reason string, err error) {
	defer func() {
		w.dropBuffer()
		if w.inHandler {
			return // the application's panic is the application's
		}
		if p := recover(); p != nil {
			// gws v1.8.9 trusts the sign of a 64-bit length.
			reason, err = ReasonTransportError, fmt.Errorf("engineio: invalid WebSocket frame: %v", p)
		}
	}()
	conn.ReadLoop()
	return reasonOf(w.readError)
}

// reasonOf tells the ends that WebSocket knows from failures.
func reasonOf(err error) (string, error) {
	var closed *gws.CloseError
	if errors.As(err, &closed) || errors.Is(err, io.EOF) {
		return ReasonTransportClose, nil
	}
	return ReasonTransportError, fmt.Errorf("engineio: reading WebSocket: %w", err)
}

var errHeaderTooLong = errors.New("engineio: header is too long")

// Read reads for gws.
func (w *wsConn) Read(p []byte) (int, error) {
	if len(w.unread) == 0 {
		if w.corking {
			w.corking = false
			w.uncork()
		}
		if len(p) >= readBufferSize {
			return w.readNet(p)
		}
		n, err := w.readNet(nil)
		if err != nil {
			return 0, err
		}
		w.unread = w.buf[:n]
	}
	n := copy(p, w.unread)
	w.unread = w.unread[n:]
	if w.budget > 0 {
		if w.budget -= n; w.budget <= 0 {
			return 0, errHeaderTooLong
		}
	}
	return n, nil
}

// readNet reads into p, or into w.buf when p is nil.
func (w *wsConn) readNet(p []byte) (int, error) {
	if w.raw != nil {
		return w.readRaw(p)
	}
	if p == nil {
		p = w.takeBuffer()
	}
	return w.nc.Read(p)
}

func (w *wsConn) takeBuffer() []byte {
	if w.buf == nil {
		w.buf = readBuffers.Get().(*[readBufferSize]byte)
	}
	return w.buf[:]
}

func (w *wsConn) dropBuffer() {
	if w.buf != nil {
		readBuffers.Put(w.buf)
		w.buf, w.unread = nil, nil
	}
}

// gatherReplies corks while further frames were read already: the replies to
// all of them leave together.
func (w *wsConn) gatherReplies() {
	if !w.corking && len(w.unread)+w.framer.Buffered() > 0 {
		w.corking = true
		w.cork()
	}
}

// Close is gws's way to end the connection after a close frame. The reader
// closes it, when what is queued is written.
func (w *wsConn) Close() error { return nil }

func (w *wsConn) LocalAddr() net.Addr  { return w.nc.LocalAddr() }
func (w *wsConn) RemoteAddr() net.Addr { return w.nc.RemoteAddr() }

// SetDeadline and the like are for gws's handshakes. The writer's deadlines are
// its own.
func (w *wsConn) SetDeadline(t time.Time) error     { return w.nc.SetReadDeadline(t) }
func (w *wsConn) SetReadDeadline(t time.Time) error { return w.nc.SetReadDeadline(t) }
func (w *wsConn) SetWriteDeadline(time.Time) error  { return nil }

// frames receives gws's events, for all connections.
type frames struct{}

func wsOf(conn *gws.Conn) *wsConn { return conn.NetConn().(*wsConn) }

func (frames) OnOpen(*gws.Conn) {}

func (frames) OnClose(conn *gws.Conn, err error) { wsOf(conn).readError = err }

func (frames) OnPing(conn *gws.Conn, payload []byte) { _ = conn.WritePong(payload) }

func (frames) OnPong(*gws.Conn, []byte) {}

func (frames) OnMessage(conn *gws.Conn, m *gws.Message) {
	w := wsOf(conn)
	w.gatherReplies()
	w.inHandler = true
	if m.Opcode == gws.OpcodeBinary {
		w.receive(packet{kind: packetMessage, binary: true, data: ownedData(m)}, nil)
	} else {
		p, err := decodeText(m.Bytes())
		w.receive(p, err)
		_ = m.Close()
	}
	w.inHandler = false
}

// ownedData takes the data out of a message. gws's buffers are up to twice as
// large and more, so that small data is better copied.
func ownedData(m *gws.Message) []byte {
	data := m.Bytes()
	if 2*len(data) > m.Data.Cap() {
		return data
	}
	data = append(make([]byte, 0, len(data)), data...)
	_ = m.Close()
	return data
}

// noSession spares each connection gws's map.
type noSession struct{}

func (noSession) Len() int                     { return 0 }
func (noSession) Load(string) (any, bool)      { return nil, false }
func (noSession) Delete(string)                {}
func (noSession) Store(string, any)            {}
func (noSession) Range(func(string, any) bool) {}

func newNoSession() gws.SessionStorage { return noSession{} }
