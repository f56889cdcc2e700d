//go:build unix

package engineio

import (
	"io"
	"net"
	"syscall"
)

// rawConn is the socket below a connection that a goroutine of its own reads: read
// waits. The fields are arguments and results of the functions, which exist once per
// connection so that calls allocate nothing.
type rawConn struct {
	conn    syscall.RawConn
	readFD  func(fd uintptr) bool
	writeFD func(fd uintptr) bool

	in    []byte // where to read to; nil: a pooled buffer
	inN   int
	inErr error

	out    []byte
	outN   int
	outErr error
}

// plainSocket returns what is below nc, or nil where nc is anything but a plain socket:
// a type that wraps one may change the bytes on their way.
func plainSocket(nc net.Conn) syscall.RawConn {
	var conn syscall.RawConn
	var err error
	switch nc := nc.(type) {
	case *net.TCPConn:
		conn, err = nc.SyscallConn()
	case *net.UnixConn:
		conn, err = nc.SyscallConn()
	}
	if err != nil {
		return nil
	}
	return conn
}

// newSocket returns nil where nc is no plain socket.
func newSocket(w *wsConn, nc net.Conn) socket {
	conn := plainSocket(nc)
	if conn == nil {
		return nil
	}
	r := &rawConn{conn: conn}
	r.writeFD = r.writeOnce
	r.readFD = func(fd uintptr) bool { return r.readOnce(w, fd) }
	return r
}

// tryWrite implements socket.
func (r *rawConn) tryWrite(b []byte) (int, error) {
	r.out, r.outN, r.outErr = b, 0, nil
	err := r.conn.Write(r.writeFD)
	r.out = nil
	if err == nil {
		err = r.outErr
	}
	return r.outN, err
}

func (r *rawConn) writeOnce(fd uintptr) bool {
	for r.outN < len(r.out) {
		n, err := syscall.Write(int(fd), r.out[r.outN:])
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return true
		case err != nil:
			r.outErr = err
			return true
		}
		if r.outN += n; r.outN < len(r.out) {
			// A short write says that the socket's buffer is full.
			return true
		}
	}
	return true
}

// read implements socket.
func (r *rawConn) read(_ *wsConn, p []byte) (int, error) {
	r.in, r.inN, r.inErr = p, 0, nil
	err := r.conn.Read(r.readFD)
	r.in = nil
	switch {
	case err != nil:
		return 0, err
	case r.inErr != nil:
		return 0, r.inErr
	case r.inN == 0:
		return 0, io.EOF
	}
	return r.inN, nil
}

func (r *rawConn) readOnce(w *wsConn, fd uintptr) bool {
	p := r.in
	if p == nil {
		p = w.takeBuffer()
	}
	for {
		n, err := syscall.Read(int(fd), p)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			if len(w.unread) == 0 { // else the rest of a frame is read behind it
				w.dropBuffer()
			}
			return false
		case err != nil:
			r.inErr = err
		default:
			r.inN = n
		}
		return true
	}
}
