package load

import (
	"errors"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// dialTime bounds each step of connecting.
	dialTime = 3 * time.Second
	// dialAttempts is how often a client tries that gets no answer: some servers lose
	// a CONNECT now and then.
	dialAttempts = 4
	// dialers is how many clients connect at a time.
	dialers = 8
)

// conn is one connection, by its file descriptor. While its client connects, its
// reads and writes wait; afterwards they are the poller's.
type conn struct {
	client *client
	fd     int
	index  int32  // among those of a run
	unread []byte // a part of a frame or an answer
	unsent []byte // what the socket did not take yet
}

func dialConn(addr netip.AddrPort) (*conn, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	c := &conn{fd: fd}
	limit := unix.NsecToTimeval(int64(dialTime))
	err = errors.Join(
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &limit),
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
	)
	if err == nil {
		err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()})
	}
	if errors.Is(err, unix.EINTR) { // it goes on connecting
		err = c.awaitConnected()
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return c, nil
}

// awaitConnected waits for the end of a connect that a signal interrupted.
func (c *conn) awaitConnected() error {
	fds := []unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLOUT}}
	_, err := retry(func() (int, error) { return unix.Poll(fds, int(dialTime.Milliseconds())) })
	if err != nil {
		return err
	}
	code, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && code != 0 {
		err = unix.Errno(code)
	}
	return err
}

// retry calls f until no signal interrupts it.
func retry(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

func (c *conn) fill() error {
	var b [2048]byte
	n, err := retry(func() (int, error) { return unix.Read(c.fd, b[:]) })
	switch {
	case err != nil:
		return err
	case n == 0:
		return errClosed
	}
	c.unread = append(c.unread, b[:n]...)
	return nil
}

func (c *conn) writeAll(b []byte) error {
	n, err := retry(func() (int, error) { return unix.Write(c.fd, b) })
	if err == nil && n < len(b) {
		err = unix.EAGAIN
	}
	return err
}

// close resets the connection, so that no port is kept from the next thousands.
func (c *conn) close() {
	_ = unix.SetsockoptLinger(c.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	_ = unix.Close(c.fd)
}
