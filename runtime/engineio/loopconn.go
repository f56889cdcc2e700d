//go:build linux

package engineio

import (
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// What the goroutines of a loopConn know of its reading.
const (
	readIdle   int32 = iota // nobody reads; the loop is told when there is something
	reading                 // somebody does
	readingNew              // somebody does, and something came since that was noticed
)

// loopConn is a socket that a loop waits for, and not a goroutine of its own. It
// implements net.Conn, but for reading, which ws does.
type loopConn struct {
	ws    *wsConn
	group *loopGroup
	slot  int32
	fd    int
	// uses are calls under way that use fd, and one for the connection being open.
	// Who ends the last closes fd: its number may be somebody else's then.
	uses atomic.Int32
	// cutOff: nothing more is read.
	cutOff atomic.Bool
	closed atomic.Bool
	state  atomic.Int32
	// ended: an end was reported, which is still to be read.
	ended atomic.Bool
	// streams: there were several messages at once.
	streams atomic.Bool
	// at is the loop that was last at this connection, and turn that loop's turn.
	at   atomic.Pointer[loop]
	turn atomic.Uint64
	// drained: the last read got all that there was. fetched: the loop has read, with
	// this result, into the buffer of ws. All of it belongs to the reader.
	drained, fetched bool
	fetchedN         int
	fetchedErr       syscall.Errno

	local, remote net.Addr

	// deadline is of the one who waits in Write, and writable tells that one when
	// there may be room.
	deadline time.Time
	writable atomic.Pointer[chan struct{}]
}

var (
	_ net.Conn = (*loopConn)(nil)
	_ socket   = (*loopConn)(nil)
)

// duplicate returns another descriptor of a plain socket, which is the caller's.
func duplicate(nc net.Conn) (fd int, ok bool) {
	conn := plainSocket(nc)
	if conn == nil {
		return 0, false
	}
	err := conn.Control(func(from uintptr) {
		n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, from, syscall.F_DUPFD_CLOEXEC, 0)
		fd, ok = int(n), errno == 0
	})
	if err != nil || !ok {
		return 0, false
	}
	// Who had a File of it, to set an option, may have left it in the other mode.
	if syscall.SetNonblock(fd, true) != nil {
		_ = syscall.Close(fd)
		return 0, false
	}
	return fd, true
}

// use reports whether fd may be used until done is called.
func (c *loopConn) use() bool {
	for {
		n := c.uses.Load()
		if n == 0 {
			return false
		}
		if c.uses.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (c *loopConn) done() {
	if c.uses.Add(-1) == 0 {
		_ = syscall.Close(c.fd)
	}
}

// notice takes what the loop was told, and reports whether it is to read.
func (c *loopConn) notice(events uint32) bool {
	if events&epollEnded != 0 {
		c.ended.Store(true)
	}
	if events&(syscall.EPOLLOUT|epollEnded) != 0 {
		c.signalWritable()
	}
	if events&^syscall.EPOLLOUT == 0 {
		return false
	}
	for {
		switch state := c.state.Load(); state {
		case readIdle:
			if c.state.CompareAndSwap(readIdle, reading) {
				return true
			}
		default:
			if state == readingNew || c.state.CompareAndSwap(reading, readingNew) {
				return false
			}
		}
	}
}

// rest ends reading, for there is nothing. It reports false when the caller is to go
// on, since something came.
func (c *loopConn) rest() bool {
	if c.state.CompareAndSwap(reading, readIdle) {
		return true
	}
	c.state.Store(reading)
	return false
}

// handOver makes sure that others of the loop do not wait for this connection.
func (c *loopConn) handOver() {
	if l := c.at.Load(); l != nil {
		l.passOn(c.turn.Load())
	}
}

func (c *loopConn) prefetch() { c.uses.Load() }

func (c *loopConn) severalCame() { c.streams.Store(true) }

// read implements socket. After a read that got less than there was room for it
// knows without asking that there is nothing: the loop is told of what comes later. (A
// peer's urgent data cuts a read short, too; what follows it waits for the next bytes.)
func (c *loopConn) read(w *wsConn, p []byte) (int, error) {
	if c.drained && !c.ended.Load() {
		c.drained = false
		return 0, errNothingYet
	}
	if p == nil {
		p = w.takeBuffer()
	}
	if c.cutOff.Load() || !c.use() {
		return 0, net.ErrClosed
	}
	defer c.done()
	for {
		n, errno := c.fetchedN, c.fetchedErr
		if !c.fetched {
			n, errno = rawRead(c.fd, p)
		}
		c.fetched = false
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			return 0, errNothingYet
		case errno != 0:
			return 0, os.NewSyscallError("read", errno)
		case n == 0:
			return 0, io.EOF
		}
		c.drained = n < len(p)
		return n, nil
	}
}

// tryWrite implements socket.
func (c *loopConn) tryWrite(b []byte) (n int, err error) {
	if !c.use() {
		return 0, net.ErrClosed
	}
	defer c.done()
	for n < len(b) {
		m, errno := rawWrite(c.fd, b[n:])
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			return n, nil
		case errno != 0:
			return n, os.NewSyscallError("write", errno)
		}
		if n += m; n < len(b) {
			return n, nil // a short write says that the socket's buffer is full
		}
	}
	return n, nil
}

// Write implements net.Conn: it waits until all is written, or until the deadline.
// One goroutine at a time may call it.
func (c *loopConn) Write(b []byte) (n int, err error) {
	for {
		m, err := c.tryWrite(b[n:])
		n += m
		if err != nil || n == len(b) {
			return n, err
		}
		if err := c.awaitWritable(); err != nil {
			return n, err
		}
	}
}

// awaitWritable waits until there may be room again.
func (c *loopConn) awaitWritable() error {
	writable := c.writable.Load()
	if writable == nil {
		signal := make(chan struct{}, 1)
		writable = &signal
		c.writable.Store(writable)
		c.group.wantWritable(c)
	}
	var expired <-chan time.Time
	if !c.deadline.IsZero() {
		timer := time.NewTimer(time.Until(c.deadline))
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-*writable:
		return nil
	case <-expired:
		return os.ErrDeadlineExceeded
	}
}

func (c *loopConn) signalWritable() {
	if writable := c.writable.Load(); writable != nil {
		select {
		case *writable <- struct{}{}:
		default:
		}
	}
}

// cut ends reading and writing at once. The reader learns of it through the loop.
func (c *loopConn) cut() {
	c.cutOff.Store(true)
	if c.use() {
		_ = syscall.Shutdown(c.fd, syscall.SHUT_RDWR) // fails where the peer has ended all
		c.done()
	}
	c.signalWritable()
}

// Close implements net.Conn. It is called when nobody reads any more, or has begun to.
func (c *loopConn) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.group.remove(c)
		c.done()
	}
	return nil
}

// SetWriteDeadline implements net.Conn, for the next Write.
func (c *loopConn) SetWriteDeadline(t time.Time) error {
	c.deadline = t
	return nil
}

// Read implements net.Conn.
func (c *loopConn) Read([]byte) (int, error) { return 0, os.ErrInvalid }

// SetDeadline implements net.Conn.
func (c *loopConn) SetDeadline(time.Time) error { return os.ErrNoDeadline }

// SetReadDeadline implements net.Conn.
func (c *loopConn) SetReadDeadline(time.Time) error { return os.ErrNoDeadline }

// LocalAddr implements net.Conn.
func (c *loopConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *loopConn) RemoteAddr() net.Addr { return c.remote }
