package load

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"
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

// client is one connection, by its file descriptor.
type client struct {
	fd     int
	unread []byte // a part of a frame

	sent, got int
	checked   bool        // the first reply was compared as a whole
	times     []time.Time // a ring: when messages were sent that have no reply
}

// dial connects a client: TCP, WebSocket, and unless plain a namespace. It also
// returns how many attempts it took.
func dial(addr netip.AddrPort, path string, plain bool) (c *client, attempts int, err error) {
	for attempts = 1; attempts <= dialAttempts; attempts++ {
		if c, err = dialOnce(addr, path, plain); err == nil {
			return c, attempts, nil
		}
		if !errors.Is(err, unix.EAGAIN) { // no answer within dialTime
			break
		}
	}
	return nil, attempts, err
}

func dialOnce(addr netip.AddrPort, path string, plain bool) (*client, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("load: socket: %w", err)
	}
	c := &client{fd: fd}
	if err := c.connect(addr, path, plain); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("load: connecting to %v%s: %w", addr, path, err)
	}
	return c, nil
}

func (c *client) connect(addr netip.AddrPort, path string, plain bool) error {
	limit := unix.NsecToTimeval(int64(dialTime))
	if err := errors.Join(
		unix.SetsockoptTimeval(c.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit),
		unix.SetsockoptTimeval(c.fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &limit),
		unix.SetsockoptInt(c.fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
	); err != nil {
		return err
	}
	err := unix.Connect(c.fd, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()})
	if errors.Is(err, unix.EINTR) { // it goes on connecting
		err = c.awaitConnected()
	}
	if err != nil {
		return err
	}
	if err := c.upgrade(addr, path); err != nil {
		return err
	}
	if !plain {
		if err := c.join(); err != nil {
			return err
		}
	}
	return unix.SetNonblock(c.fd, true)
}

// awaitConnected waits for the end of a connect that a signal interrupted.
func (c *client) awaitConnected() error {
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

// upgrade is the handshake of WebSocket. No compression is offered.
func (c *client) upgrade(addr netip.AddrPort, path string) error {
	request := strings.Join([]string{
		"GET " + path + " HTTP/1.1", "Host: " + addr.String(), "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", "",
	}, "\r\n")
	if err := c.writeAll([]byte(request)); err != nil {
		return err
	}
	end := []byte("\r\n\r\n")
	for !bytes.Contains(c.unread, end) {
		if err := c.fill(); err != nil {
			return err
		}
	}
	head, rest, _ := bytes.Cut(c.unread, end)
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		return fmt.Errorf("handshake answered with %q", head)
	}
	c.unread = bytes.Clone(rest)
	return nil
}

// join takes the open packet and joins the namespace "/".
func (c *client) join() error {
	if err := c.expect(`0{"`); err != nil {
		return err
	}
	connect, _ := maskedFrame([]byte("40"))
	if err := c.writeAll(connect); err != nil {
		return err
	}
	return c.expect(`40{"sid":`)
}

// expect takes one message, which must begin like this.
func (c *client) expect(start string) error {
	for {
		_, payload, rest, err := nextFrame(c.unread)
		if err != nil {
			return err
		}
		if rest == nil {
			if err := c.fill(); err != nil {
				return err
			}
			continue
		}
		if !strings.HasPrefix(string(payload), start) {
			return fmt.Errorf("got %q, want %s…", payload, start)
		}
		c.unread = bytes.Clone(rest)
		return nil
	}
}

func (c *client) fill() error {
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

func (c *client) writeAll(b []byte) error {
	n, err := retry(func() (int, error) { return unix.Write(c.fd, b) })
	if err == nil && n < len(b) {
		err = unix.EAGAIN
	}
	return err
}

// close resets the connection, so that no port is kept from the next thousands.
func (c *client) close() {
	_ = unix.SetsockoptLinger(c.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	_ = unix.Close(c.fd)
}
