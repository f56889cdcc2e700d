package zishang520

import (
	"bufio"
	"errors"
	"net"
	"net/http"
)

// gatedWriter holds back what a WebSocket client sends until the handler has
// returned. The library reads a connection in a goroutine that it starts before
// anything listens, so that a packet right behind the handshake (CONNECT, or the
// probe of an upgrade) is lost when it is early; and it refuses a client whose
// first frame comes in one segment with its handshake.
type gatedWriter struct {
	http.ResponseWriter
	open chan struct{} // closed when the handler has returned
	link *link
}

// Unwrap is for http.ResponseController.
func (w *gatedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack implements http.Hijacker.
func (w *gatedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early := make([]byte, rw.Reader.Buffered())
	if _, err := rw.Reader.Read(early); err != nil && len(early) > 0 {
		return nil, nil, errors.Join(err, c.Close())
	}
	gated := &gatedConn{Conn: c, open: w.open, link: w.link, early: early}
	return gated, bufio.NewReadWriter(bufio.NewReader(gated), rw.Writer), nil
}

// gatedConn is a connection that is read only once open is closed, and while the inlet
// of what it is linked to is open.
type gatedConn struct {
	net.Conn
	open  <-chan struct{}
	link  *link
	early []byte // came before the connection was taken over
}

// Read implements net.Conn. It is called by one goroutine at a time.
func (c *gatedConn) Read(p []byte) (int, error) {
	<-c.open
	if len(c.early) > 0 {
		n := copy(p, c.early)
		c.early = c.early[n:]
		return n, nil
	}
	n, err := c.Conn.Read(p)
	c.link.wait()
	return n, err
}

// Limits of a close frame (RFC 6455, section 5.5).
const (
	closeFrame    = 0x88
	maxCloseFrame = 2 + 125
)

// Write implements net.Conn. What follows a close frame is the end of the
// connection, which a client waits for; the library leaves it open. Whatever else
// begins like one is longer: payloads that are written apart from their header.
func (c *gatedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err == nil && len(p) <= maxCloseFrame && len(p) > 0 && p[0] == closeFrame {
		err = c.Conn.Close()
	}
	return n, err
}
