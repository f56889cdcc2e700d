package load

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// waitTime bounds one wait in milliseconds, so that time and context are looked at.
const waitTime = 50

// poller waits for many connections at once. Its reads and writes never wait, and
// therefore bypass the scheduler of Go.
type poller struct {
	epoll, timer int
	events       [256]unix.EpollEvent
	buf          [2 * maxMessage]byte
}

// open prepares to wait for the connections; events name them by their index.
func (p *poller) open(conns []*conn, timer bool) (err error) {
	p.timer = -1
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("load: epoll: %w", err)
	}
	for i, c := range conns {
		c.index = int32(i)
		if err := p.add(c.fd, c.index); err != nil {
			p.close()
			return err
		}
	}
	if timer {
		if p.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err == nil {
			err = p.add(p.timer, timerIndex)
		}
		if err != nil {
			p.close()
			return fmt.Errorf("load: timer: %w", err)
		}
	}
	return nil
}

func (p *poller) add(fd int, index int32) error {
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: index}); err != nil {
		return fmt.Errorf("load: epoll: %w", err)
	}
	return nil
}

func (p *poller) close() {
	_ = unix.Close(p.epoll)
	if p.timer >= 0 {
		_ = unix.Close(p.timer)
	}
}

// tick makes the timer fire every so often.
func (p *poller) tick(every time.Duration) error {
	t := unix.NsecToTimespec(int64(every))
	if err := unix.TimerfdSettime(p.timer, 0, &unix.ItimerSpec{Interval: t, Value: t}, nil); err != nil {
		return fmt.Errorf("load: timer: %w", err)
	}
	return nil
}

func (p *poller) acknowledgeTick() error {
	var expirations [8]byte
	if _, err := unix.Read(p.timer, expirations[:]); err != nil && !errors.Is(err, unix.EAGAIN) {
		return fmt.Errorf("load: timer: %w", err)
	}
	return nil
}

// wait returns what is ready; nothing, if that takes waitTime.
func (p *poller) wait() ([]unix.EpollEvent, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.epoll),
		uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), 0, 0, 0)
	if errno == 0 && n > 0 {
		return p.events[:n], nil
	}
	m, err := unix.EpollWait(p.epoll, p.events[:], waitTime)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return nil, fmt.Errorf("load: epoll: %w", err)
	}
	return p.events[:max(m, 0)], nil
}

// read returns what came on a connection, behind what was left unread; nil for
// nothing. It is valid until the next read.
func (p *poller) read(c *conn) ([]byte, error) {
	have := copy(p.buf[:], c.unread)
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(c.fd),
		uintptr(unsafe.Pointer(&p.buf[have])), uintptr(len(p.buf)-have))
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR:
		return nil, nil
	case n == 0 && errno == 0, errno == unix.ECONNRESET:
		return nil, errClosed
	case errno != 0:
		return nil, fmt.Errorf("load: reading: %w", errno)
	}
	c.unread = c.unread[:0]
	return p.buf[:have+int(n)], nil
}

// write writes to a connection, now or when its socket takes more.
func (p *poller) write(c *conn, b []byte) error {
	if len(c.unsent) > 0 {
		c.unsent = append(c.unsent, b...)
		return nil
	}
	n, err := p.tryWrite(c, b)
	if err != nil || n == len(b) {
		return err
	}
	c.unsent = append(c.unsent, b[n:]...)
	return p.watch(c, unix.EPOLLIN|unix.EPOLLOUT)
}

// writable writes what a socket did not take before.
func (p *poller) writable(c *conn) error {
	n, err := p.tryWrite(c, c.unsent)
	if err != nil {
		return err
	}
	if c.unsent = append(c.unsent[:0], c.unsent[n:]...); len(c.unsent) > 0 {
		return nil
	}
	return p.watch(c, unix.EPOLLIN)
}

// tryWrite returns how many bytes a socket took.
func (p *poller) tryWrite(c *conn, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(c.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR:
		return 0, nil
	case errno == unix.EPIPE, errno == unix.ECONNRESET:
		return 0, errClosed
	case errno != 0:
		return 0, fmt.Errorf("load: writing: %w", errno)
	}
	return int(n), nil
}

func (p *poller) watch(c *conn, events uint32) error {
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_MOD, c.fd, &unix.EpollEvent{Events: events, Fd: c.index}); err != nil {
		return fmt.Errorf("load: epoll: %w", err)
	}
	return nil
}
