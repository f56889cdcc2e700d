//go:build unix

package engineio

import (
	"crypto/tls"
	"net"
	"syscall"
)

// socketIsQuiet reports whether nothing has come on a connection, not even its end.
// known is false where that can't be told without waiting: of anything but a socket.
func socketIsQuiet(nc net.Conn) (quiet, known bool) {
	if secure, ok := nc.(*tls.Conn); ok {
		nc = secure.NetConn()
	}
	conn := plainSocket(nc)
	if conn == nil {
		return false, false
	}
	err := conn.Read(func(fd uintptr) bool {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
		for err == syscall.EINTR {
			_, _, err = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
		}
		quiet = err == syscall.EAGAIN
		return true
	})
	return quiet && err == nil, true
}
