package engineio

import (
	"encoding/binary"
	"os"
	"syscall"
	"time"
)

const (
	epollET      = 1 << 31 // syscall's constant is negative
	epollOneShot = 1 << 30 // syscall has none
	// epollEnded is what tells of an end of the connection, at least of the peer's half.
	epollEnded = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR
	// knocked is the slot of what knock does.
	knocked = -1
)

// epoll tells which of many sockets are ready, each time that they become so (epoll(7),
// "edge-triggered").
//
// Go's own poller waits for it, but not directly: everything that comes while nobody
// waits would wake a thread for nothing. Between them is another epoll, the bell, which
// rings once (EPOLLONESHOT), and is wound by who is about to wait.
type epoll struct {
	fd, bell int
	file     *os.File // of bell
	conn     syscall.RawConn
	wound    bool                    // belongs to who waits
	heard    func(bell uintptr) bool // hear, bound once
	door     int                     // what knock writes to: eventfd(2)
}

func newEpoll() (*epoll, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	e := &epoll{fd: fd, wound: true, door: -1}
	if err = e.hang(); err == nil {
		err = e.open()
	}
	if err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

// open makes what knock writes to.
func (e *epoll) open() error {
	const flags = syscall.O_NONBLOCK | syscall.O_CLOEXEC // of eventfd, too
	door, _, errno := syscall.RawSyscall(syscall.SYS_EVENTFD2, 0, flags, 0)
	if errno != 0 {
		return errno
	}
	e.door = int(door)
	return e.control(syscall.EPOLL_CTL_ADD, e.door, knocked, syscall.EPOLLIN)
}

// knock ends await, or the next one. (Nobody reads what is written: the kernel tells of
// each time, and 64 bits hold enough of them.)
func (e *epoll) knock() {
	_, _ = syscall.Write(e.door, binary.NativeEndian.AppendUint64(nil, 1))
}

// hang puts the bell between e and Go's poller.
func (e *epoll) hang() (err error) {
	e.bell, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	err = syscall.SetNonblock(e.bell, true) // os.NewFile has Go wait for it then
	e.file = os.NewFile(uintptr(e.bell), "epoll")
	if err != nil {
		return err
	}
	// A deadline can be set on what Go can wait for.
	if err = e.file.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	if e.conn, err = e.file.SyscallConn(); err != nil {
		return err
	}
	e.heard = e.hear
	return syscall.EpollCtl(e.bell, syscall.EPOLL_CTL_ADD, e.fd, &syscall.EpollEvent{Events: syscall.EPOLLIN | epollOneShot})
}

// end ends await. Only close may be called afterwards.
func (e *epoll) end() { _ = e.file.SetReadDeadline(longAgo) }

// close is for when await has ended, and nobody looks any more.
func (e *epoll) close() {
	if e.file != nil {
		_ = e.file.Close()
	}
	if e.door >= 0 {
		_ = syscall.Close(e.door)
	}
	_ = syscall.Close(e.fd)
}

// add has look tell, with slot, when fd can be read from.
func (e *epoll) add(fd int, slot int32) error {
	return e.control(syscall.EPOLL_CTL_ADD, fd, slot, syscall.EPOLLIN)
}

// wantWritable has look also tell when fd can be written to again.
func (e *epoll) wantWritable(fd int, slot int32) {
	_ = e.control(syscall.EPOLL_CTL_MOD, fd, slot, syscall.EPOLLIN|syscall.EPOLLOUT) // fails for nothing that was added
}

func (e *epoll) remove(fd int) {
	_ = syscall.EpollCtl(e.fd, syscall.EPOLL_CTL_DEL, fd, nil)
}

func (e *epoll) control(op, fd int, slot int32, events uint32) error {
	return syscall.EpollCtl(e.fd, op, fd, &syscall.EpollEvent{Events: events | syscall.EPOLLRDHUP | epollET, Fd: slot})
}

// look writes to events what there is, with the slot as Fd, and returns how many they
// are. It does not wait. Any goroutine may call it; each event is told once.
func (e *epoll) look(events []syscall.EpollEvent) int {
	for {
		n, errno := rawPoll(e.fd, events)
		if errno != syscall.EINTR {
			return max(n, 0)
		}
	}
}

// await waits until look has something to tell. One goroutine at a time may call it. It
// reports false after end.
func (e *epoll) await() bool { return e.conn.Read(e.heard) == nil }

// hear reports whether the bell has rung, and winds it if that was before.
func (e *epoll) hear(uintptr) bool {
	if e.wound {
		var rung [1]syscall.EpollEvent
		n, errno := rawPoll(e.bell, rung[:])
		for errno == syscall.EINTR {
			n, errno = rawPoll(e.bell, rung[:])
		}
		e.wound = n <= 0
		return !e.wound
	}
	// What came meanwhile rings it at once.
	e.wound = rawRearm(e.bell, e.fd, syscall.EPOLLIN|epollOneShot) == 0
	return !e.wound
}
