package siotest

import (
	"io"
	"net"
	"sync"
	"time"
)

// conn is one end of a connection: a net.Conn.
type conn struct {
	in, out       *stream
	local, remote net.Addr
	closing       sync.Once
	closed        func()
}

// failed gives an error the form that errors of the network have.
func (c *conn) failed(op string, err error) error {
	return &net.OpError{Op: op, Net: c.local.Network(), Source: c.local, Addr: c.remote, Err: err}
}

// Read implements net.Conn. The end of the stream is io.EOF itself.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	if err != nil && err != io.EOF {
		err = c.failed("read", err)
	}
	return n, err
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.out.Write(p)
	if err != nil {
		err = c.failed("write", err)
	}
	return n, err
}

// Close implements net.Conn. What was written still arrives.
func (c *conn) Close() error {
	err := c.failed("close", net.ErrClosed)
	c.closing.Do(func() {
		c.out.finish()
		c.in.leave()
		c.closed()
		err = nil
	})
	return err
}

// LocalAddr implements net.Conn.
func (c *conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn.
func (c *conn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.in.limit(&c.in.read, t)
	return nil
}

// SetWriteDeadline implements net.Conn.
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.out.limit(&c.out.write, t)
	return nil
}
