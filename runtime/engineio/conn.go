package engineio

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/siogen/siogen/runtime/metrics"
)

type connState uint8

const (
	stateOpen connState = iota
	// stateClosing: an orderly close; nothing more is sent or delivered.
	stateClosing
	stateClosed
)

// Conn is one connection, on a server or a client. All methods may be called
// from several goroutines at once, also from within Handler's methods.
type Conn struct {
	id      string
	request *RequestInfo
	set     *settings
	// ws is the transport once that is a WebSocket; nil while it is polling.
	ws atomic.Pointer[wsConn]
	// handler is nil until the application has given it. It is written with mu held,
	// and read so by those who may come before that.
	handler Handler
	// gone is called once, before Handler.Closed.
	gone func()
	// released is called once, when nothing of the connection runs any more.
	released func()
	done     chan struct{}

	// busy: a message is being handled.
	busy atomic.Bool
	// shut: the state is not stateOpen. It changes with it.
	shut atomic.Bool
	// heard: a packet came since the last ping.
	heard atomic.Bool

	mu     sync.Mutex
	state  connState
	left   bool // an orderly close has begun
	reason string
	err    error
	beat   heartbeat
	// counted is the transport that metrics count the connection under; empty: none.
	counted string
	poll    *pollState // nil on connections that never polled
}

func newConn(set *settings, gone, released func()) *Conn {
	return &Conn{set: set, gone: gone, released: released, done: make(chan struct{})}
}

// hand gives the connection its handler. The application, which made it, may have
// ended the connection already: missed, to be called next, tells the handler.
func (c *Conn) hand(h Handler) (missed func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handler = h
	left, reason := c.left, c.reason
	over := c.state == stateClosed && c.ws.Load() == nil && c.poll.client == nil
	return func() {
		if left {
			c.leaving(h, reason)
		}
		if over {
			go c.finishPolling()
		}
	}
}

// release says that nothing of the connection runs any more.
func (c *Conn) release() {
	close(c.done)
	c.released()
}

// Done returns a channel that is closed when Handler.Closed has returned and
// nothing of the connection runs any more.
func (c *Conn) Done() <-chan struct{} { return c.done }

// ID returns the session id. Whoever knows it can take the session over.
func (c *Conn) ID() string { return c.id }

// Request returns the request that opened the connection; nil on a client.
func (c *Conn) Request() *RequestInfo { return c.request }

// Transport returns the present transport, Polling or WebSocket.
func (c *Conn) Transport() string {
	if c.ws.Load() != nil {
		return WebSocket
	}
	return Polling
}

// Send queues a text message and the binary messages that belong to it; nothing
// comes between them. text is copied; the binary data must not be changed any
// more. It returns ErrClosed or ErrQueueFull.
func (c *Conn) Send(text []byte, binary [][]byte, f Flags) error {
	var err error
	if ws := c.ws.Load(); ws != nil {
		err = ws.send(text, binary, f)
	} else {
		err = c.sendPolling(pending{text: text, binary: binary}, f)
	}
	c.measureSent(messageSize(text, binary), f, err)
	return c.sent(err, f)
}

// SendBinary queues a binary message by itself. data must not be changed any
// more. It returns ErrClosed or ErrQueueFull.
func (c *Conn) SendBinary(data []byte, f Flags) error {
	var err error
	if ws := c.ws.Load(); ws != nil {
		err = ws.sendBinary(data, f)
	} else {
		err = c.sendPolling(pending{kind: packetBase64, binary: [][]byte{data}}, f)
	}
	c.measureSent(len(data), f, err)
	return c.sent(err, f)
}

// SendFramed is Send for a message that goes to many connections. It may leave
// only with g, unless that is nil.
func (c *Conn) SendFramed(m *Framed, f Flags, g *Gather) error {
	var err error
	if ws := c.ws.Load(); ws != nil {
		err = ws.sendFramed(m, f, g)
	} else {
		err = c.sendPolling(pending{framed: m}, f)
	}
	c.measureSent(messageSize(m.text, m.binary), f, err)
	return c.sent(err, f)
}

// Prefetch has the processor load what SendFramed is going to need. Of many connections
// it loads much at once then, while SendFramed, which locks, waits for each.
func (c *Conn) Prefetch() {
	if w := c.ws.Load(); w != nil && w.corks.Load() >= 0 && !w.deflate && w.loop != nil {
		w.loop.prefetch()
	}
}

// sent applies the policy for a full queue.
func (c *Conn) sent(err error, f Flags) error {
	if errors.Is(err, ErrQueueFull) && !f.Volatile {
		c.end(ReasonTransportError, err)
	}
	return err
}

// sendPacket queues a packet of the protocol itself.
func (c *Conn) sendPacket(kind byte) {
	var err error
	if ws := c.ws.Load(); ws != nil {
		err = ws.sendPacket(kind, "")
	} else {
		err = c.sendPolling(pending{kind: kind}, Flags{})
	}
	_ = c.sent(err, Flags{})
}

// Cork begins a run of sends that may leave in one write. What is sent until
// the matching Uncork waits for it, but not longer than about a millisecond.
// Calls nest.
func (c *Conn) Cork() {
	if ws := c.ws.Load(); ws != nil {
		ws.cork()
	}
}

// Uncork ends what Cork began.
func (c *Conn) Uncork() {
	if ws := c.ws.Load(); ws != nil {
		ws.uncork()
	}
}

// Close ends the connection after what is queued was sent, or after
// CloseTimeout. Handler.Closed gets the reason. Close doesn't wait.
func (c *Conn) Close(reason string) {
	c.mu.Lock()
	if c.state != stateOpen {
		c.mu.Unlock()
		return
	}
	c.state, c.left, c.reason = stateClosing, true, reason
	c.shut.Store(true)
	c.beat.stop()
	defer c.leaving(c.handler, reason) // a handler that comes later is told by hand
	if ws := c.ws.Load(); ws != nil {
		c.mu.Unlock()
		ws.shutdown()
		return
	}
	c.closePolling()
}

// leaving lets the handler know that an orderly close has begun.
func (c *Conn) leaving(h Handler, reason string) {
	c.ending()
	if h, ok := h.(Leaver); ok {
		h.Leaving(reason)
	}
}

// Abort ends the connection at once; what is queued is lost. Handler.Closed
// gets the reason.
func (c *Conn) Abort(reason string) { c.end(reason, nil) }

// end ends the connection at once. The first reason given is the one reported.
func (c *Conn) end(reason string, err error) {
	c.mu.Lock()
	if !c.settle(reason, err) {
		c.mu.Unlock()
		return
	}
	defer c.ending()
	if ws := c.ws.Load(); ws != nil {
		c.mu.Unlock()
		ws.abort()
		return
	}
	c.endPolling()
}

// endOfReading is end for the reader of a WebSocket, which still writes what is
// queued, if it can, before it closes.
func (c *Conn) endOfReading(reason string, err error) {
	c.mu.Lock()
	c.settle(reason, err)
	c.mu.Unlock()
	c.ws.Load().refuse()
}

// settle makes the state closed, or reports false when it was. c.mu is held.
func (c *Conn) settle(reason string, err error) bool {
	if c.state == stateClosed {
		return false
	}
	if c.state == stateOpen {
		c.reason, c.err = reason, err
	}
	c.state = stateClosed
	c.shut.Store(true)
	c.beat.stop()
	return true
}

// open reports whether packets may still be delivered.
func (c *Conn) open() bool { return !c.shut.Load() }

// ended reports whether the connection was ended at once.
func (c *Conn) ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == stateClosed
}

// packetIn handles a received packet. Only one goroutine at a time calls it,
// that which reads from the present transport.
func (c *Conn) packetIn(p packet, err error) {
	if err != nil {
		c.end(ReasonParseError, err)
		return
	}
	c.hear()
	switch p.kind {
	case packetMessage:
		c.deliver(p)
	case packetPing:
		c.pinged()
	case packetPong:
		c.ponged()
	case packetClose:
		c.leave()
	case packetOpen:
		if c.set.client { // of whatever session: ours is open
			c.end(ReasonParseError, errSecondOpen)
		}
	}
}

func (c *Conn) deliver(p packet) {
	c.busy.Store(true) // before the state is read: see ending
	if c.open() {
		c.measureReceived(p)
		c.handler.Message(p.data, p.binary)
	}
	c.busy.Store(false)
	c.hear()
}

// ending lets a message that is being handled know that the connection ends. The
// state has changed: a message that is not seen here is not delivered.
func (c *Conn) ending() {
	if !c.busy.Load() {
		return
	}
	if h, ok := c.handler.(Ender); ok {
		h.Ending()
	}
}

// finish tells the handler that the connection has ended.
func (c *Conn) finish() {
	c.gone()
	c.mu.Lock()
	reason, err := c.reason, c.err
	c.mu.Unlock()
	c.measureClosed(reason)
	if err != nil {
		c.noteEnd(reason, err)
	}
	c.handler.Closed(reason, err)
}

// noteEnd logs what ended the connection, and counts it where it is what the peer
// has sent.
func (c *Conn) noteEnd(reason string, err error) {
	var broken *frameError
	if c.set.client || reason != ReasonParseError && !errors.As(err, &broken) && !errors.Is(err, errHeartbeatDirection) {
		c.set.Logger.Debug("engineio: connection ended", "reason", reason, "error", err)
		return
	}
	c.set.count(metrics.PacketsInvalid, 1)
	c.set.Logger.Info("engineio: invalid packet, closing the connection", "reason", err.Error(), "remote", c.request.RemoteAddr)
}
