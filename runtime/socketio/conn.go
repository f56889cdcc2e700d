package socketio

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
	"github.com/siogen/siogen/runtime/metrics"
)

// Reasons for the end of a socket that this package gives on the server.
const (
	reasonForcedServerClose = "forced server close"
	reasonClientDisconnect  = "client namespace disconnect"
	reasonServerDisconnect  = "server namespace disconnect"
)

// serverConn is one connection and the namespaces that it has joined. It is the
// engineio.Handler of the connection.
type serverConn struct {
	server *Server
	conn   packetConn

	// decoder, attachments and dead belong to the goroutine that reads the connection.
	decoder     decoder
	attachments attachmentWait
	dead        bool // an invalid packet came: nothing more is listened to

	mu sync.Mutex
	// sockets are those that have joined or are about to.
	sockets []*socket
	// left are the namespaces that the server made this client leave, the latest
	// MaxNamespaces of them: packets for them that were under way meanwhile are no
	// mistake of the client's.
	left []string
	// alone closes the connection if it has joined no namespace for too long; nil
	// while it has.
	alone  *time.Timer
	closed bool
}

func newServerConn(s *Server, c conn) *serverConn {
	sc := &serverConn{server: s, conn: packetConn{c, s.o.Parser}, decoder: decoder{limits: s.o.Limits, parser: s.o.Parser}}
	sc.attachments = attachmentWait{limit: s.o.Limits.AttachmentTimeout, expired: sc.attachmentsLate}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.alone = time.AfterFunc(s.o.ConnectTimeout, sc.closeAlone)
	return sc
}

// closeAlone ends a connection that joined no namespace in time.
func (c *serverConn) closeAlone() {
	c.mu.Lock()
	expired := c.alone != nil && !c.closed
	c.mu.Unlock()
	if expired {
		c.conn.Close(reasonForcedServerClose)
	}
}

// Message implements engineio.Handler.
func (c *serverConn) Message(data []byte, binary bool) {
	if c.dead {
		return
	}
	r, complete, err := c.decoder.message(data, binary)
	defer c.decoder.release()
	c.attachments.follow(err == nil && c.decoder.partial != nil)
	switch {
	case err != nil:
		c.reject(err)
		c.conn.Abort(engineio.ReasonParseError)
	case complete:
		c.handle(r)
	}
}

// reject notes that the peer broke the protocol. The caller closes.
func (c *serverConn) reject(err error) {
	c.dead = true
	c.noteInvalid(err)
}

// attachmentsLate ends a connection whose attachments did not come in time.
func (c *serverConn) attachmentsLate() {
	c.noteInvalid(errAttachmentsLate)
	c.conn.Abort(engineio.ReasonParseError)
}

// noteInvalid counts and logs what the peer did wrong.
func (c *serverConn) noteInvalid(err error) {
	c.server.invalid.Add(1)
	c.server.count(metrics.PacketsInvalid, 1, "")
	c.server.o.Logger.Info("socket.io: invalid packet, closing the connection",
		"reason", err.Error(), "remote", c.conn.Request().RemoteAddr)
}

const (
	errNotJoined     = packetError("packet for a namespace that the connection has not joined")
	errJoinedAlready = packetError("connection to a namespace that the connection has joined")
	errServerOnly    = packetError("packet that only a server sends")
)

// violate ends a connection whose packet is well formed, but out of place.
func (c *serverConn) violate(err error) {
	c.reject(err)
	c.conn.Close(reasonForcedServerClose)
}

func (c *serverConn) handle(r received) {
	s, left := c.find(r.namespace)
	state := stateEnded
	if s != nil {
		state = s.state.Load() // once: it may change at any time
	}
	switch {
	case r.typ == typeConnect && state == stateEnded:
		c.join(r)
	case r.typ == typeConnect && state == stateJoining:
		// A client that was told twice to connect: the one answer is for both.
	case r.typ == typeConnect:
		c.violate(errJoinedAlready)
	case r.typ == typeConnectError:
		c.violate(errServerOnly)
	case s == nil && left:
	case s == nil || state == stateJoining:
		c.violate(errNotJoined)
	default:
		s.handle(r)
	}
}

// find returns the socket for a namespace, and whether the server made it leave.
func (c *serverConn) find(namespace []byte) (s *socket, left bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sockets {
		if s.ns.name == string(namespace) {
			return s, false
		}
	}
	return nil, slices.Contains(c.left, string(namespace))
}

// join answers a CONNECT packet (Socket.IO v5, "Connection to a namespace").
func (c *serverConn) join(r received) {
	ns := c.server.namespace(r.namespace)
	dynamic := ns == nil || ns.parent != nil
	if dynamic {
		if !c.server.mayOpen(r.namespace) {
			c.server.count(metrics.SocketsRefused, 1, metrics.Other)
			c.refuse(string(r.namespace), errInvalidNamespace)
			return
		}
		ns = &namespace{server: c.server, name: string(r.namespace)} // until it is matched
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &socket{id: newID(), ns: ns, conn: c, cancel: cancel}
	auth := r.json
	if c.server.recovery != nil {
		s.recovery = new(socketRecovery)
		auth, s.recovery.ticket = splitAuth(auth)
	}
	s.handshake = c.handshake(auth)
	if !c.add(s) {
		cancel()
		c.server.count(metrics.SocketsRefused, 1, metrics.Other)
		c.refuse(ns.name, &driver.RefusedError{Message: "Too many namespaces"})
		return
	}
	c.server.running.Spawn(func() {
		if !dynamic || s.match(ctx) {
			s.connect(ctx)
		}
	})
}

var errInvalidNamespace = &driver.RefusedError{Message: "Invalid namespace"}

func (c *serverConn) refuse(namespace string, err error) {
	// An error means that the connection is gone, and with it the one to tell.
	_ = sendPacket(c.conn, typeConnectError, namespace, driver.NoAck,
		driver.Payload{JSON: encodeRefusal(err)}, driver.Flags{})
}

func (c *serverConn) handshake(auth []byte) *driver.Handshake {
	r := c.conn.Request()
	h := &driver.Handshake{
		Header:     r.Header,
		Query:      r.Query(),
		URL:        r.URL.RequestURI(),
		RemoteAddr: r.RemoteAddr,
		Secure:     r.Secure,
		Time:       r.Time,
	}
	if len(auth) > 0 {
		h.Auth = bytes.Clone(auth)
	}
	return h
}

// add notes a socket that is about to join, unless there are too many.
func (c *serverConn) add(s *socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || len(c.sockets) >= c.server.o.MaxNamespaces {
		return false
	}
	c.sockets = append(c.sockets, s)
	c.left = slices.DeleteFunc(c.left, func(name string) bool { return name == s.ns.name })
	return true
}

// joined notes that a socket has joined.
func (c *serverConn) joined() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.alone != nil {
		c.alone.Stop()
		c.alone = nil
	}
}

// remove forgets a socket and reports whether it was known; byServer: it is the
// server that disconnects it.
func (c *serverConn) remove(s *socket, byServer bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.sockets, s)
	if i < 0 {
		return false
	}
	c.sockets = slices.Delete(c.sockets, i, i+1)
	if byServer {
		if excess := len(c.left) + 1 - c.server.o.MaxNamespaces; excess > 0 {
			c.left = slices.Delete(c.left, 0, excess)
		}
		c.left = append(c.left, s.ns.name)
	}
	if len(c.sockets) == 0 && c.alone == nil {
		c.alone = time.AfterFunc(c.server.o.ConnectTimeout, c.closeAlone)
	}
	return true
}

// disconnect makes the client leave all namespaces and closes the connection.
func (c *serverConn) disconnect() {
	c.mu.Lock()
	sockets := slices.Clone(c.sockets)
	c.mu.Unlock()
	for _, s := range sockets {
		s.disconnect()
	}
	c.conn.Close(reasonForcedServerClose)
}

// Ending implements engineio.Ender: the application may be waiting for the end of
// a socket's context, and the connection's reader for the application.
func (c *serverConn) Ending() {
	c.mu.Lock()
	sockets := slices.Clone(c.sockets)
	c.mu.Unlock()
	for _, s := range sockets {
		s.cancel()
	}
}

// Leaving implements engineio.Leaver: the application knows of the end at once, even
// of one that the client never answers.
func (c *serverConn) Leaving(reason string) { c.endSockets(reason) }

// Closed implements engineio.Handler.
func (c *serverConn) Closed(reason string, err error) {
	defer c.server.running.End()
	c.attachments.follow(false)
	c.endSockets(reason)
}

// endSockets ends what there is, and lets nothing new begin.
func (c *serverConn) endSockets(reason string) {
	c.mu.Lock()
	c.closed = true
	sockets := c.sockets
	c.sockets = nil
	if c.alone != nil {
		c.alone.Stop()
		c.alone = nil
	}
	c.mu.Unlock()
	for _, s := range sockets {
		s.end(reason)
	}
}
