//go:build !race && !msan && !asan && !386 && !s390x

package engineio

import (
	"syscall"
	"unsafe"
)

// The calls of the kernel that a loop makes never wait. So the scheduler need not know of
// them, which costs as much as the rest of a short call. That they don't wait must be
// beyond doubt, for one that did would hold up the garbage collector and with it
// everything: they say so themselves (MSG_DONTWAIT), whatever mode the socket is in.
// Who has a File of it may have changed that.

// rawRead is syscall.Read for a socket, without waiting. p is not empty.
func rawRead(fd int, p []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), syscall.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

// rawWrite is syscall.Write for a socket, without waiting. p is not empty.
func rawWrite(fd int, p []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
	return int(n), errno
}

// rawPoll is syscall.EpollWait without waiting.
func rawPoll(fd int, events []syscall.EpollEvent) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	return int(n), errno
}

// rawRearm is syscall.EpollCtl with EPOLL_CTL_MOD.
func rawRearm(epoll, fd int, events uint32) syscall.Errno {
	event := syscall.EpollEvent{Events: events}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_CTL, uintptr(epoll), syscall.EPOLL_CTL_MOD, uintptr(fd), uintptr(unsafe.Pointer(&event)), 0, 0)
	return errno
}
