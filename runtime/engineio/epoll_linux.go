package engineio

import (
	"os"
	"syscall"
	"time"
)

const (
	epollET = 1 << 31 // syscall's constant is negative
	// epollEnded is what tells of an end of the connection, at least of the peer's half.
	epollEnded = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR
)

// epoll tells which of many sockets are ready, each time that they become so (epoll(7),
// "edge-triggered"). Go's own poller waits for it as it does for a socket.
type epoll struct {
	fd     int
	file   *os.File
	conn   syscall.RawConn
	events [loopEvents]syscall.EpollEvent
	n      int
	poll   func(fd uintptr) bool // pollOnce, bound once
}

func newEpoll() (*epoll, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if err := syscall.SetNonblock(fd, true); err != nil { // os.NewFile has Go wait for it then
		_ = syscall.Close(fd)
		return nil, err
	}
	e := &epoll{fd: fd, file: os.NewFile(uintptr(fd), "epoll")}
	e.poll = e.pollOnce
	// A deadline can be set on what Go can wait for.
	if err = e.file.SetReadDeadline(time.Time{}); err == nil {
		e.conn, err = e.file.SyscallConn()
	}
	if err != nil {
		_ = e.file.Close()
		return nil, err
	}
	return e, nil
}

// end ends wait. Only close may be called afterwards.
func (e *epoll) end() { _ = e.file.SetReadDeadline(longAgo) }

// close is for the caller of wait, which has ended.
func (e *epoll) close() { _ = e.file.Close() }

// add has wait tell, with slot, when fd can be read from.
func (e *epoll) add(fd int, slot int32) error {
	return e.control(syscall.EPOLL_CTL_ADD, fd, slot, syscall.EPOLLIN)
}

// wantWritable has wait also tell when fd can be written to again.
func (e *epoll) wantWritable(fd int, slot int32) {
	_ = e.control(syscall.EPOLL_CTL_MOD, fd, slot, syscall.EPOLLIN|syscall.EPOLLOUT) // fails for nothing that was added
}

func (e *epoll) remove(fd int) {
	_ = syscall.EpollCtl(e.fd, syscall.EPOLL_CTL_DEL, fd, nil)
}

func (e *epoll) control(op, fd int, slot int32, events uint32) error {
	return syscall.EpollCtl(e.fd, op, fd, &syscall.EpollEvent{Events: events | syscall.EPOLLRDHUP | epollET, Fd: slot})
}

// wait waits for events, whose Fd is the slot. They are valid until the next call. It
// reports false after end. slept: there was none at once.
func (e *epoll) wait() (events []syscall.EpollEvent, slept, ok bool) {
	if !e.pollOnce(uintptr(e.fd)) { // mostly there is something: a busy loop does not bother Go's poller
		slept = true
		if err := e.conn.Read(e.poll); err != nil {
			return nil, true, false
		}
	}
	return e.events[:e.n], slept, true
}

// pollOnce does not wait.
func (e *epoll) pollOnce(fd uintptr) bool {
	n, errno := rawPoll(int(fd), e.events[:])
	for errno == syscall.EINTR {
		n, errno = rawPoll(int(fd), e.events[:])
	}
	e.n = max(n, 0)
	return e.n > 0
}
