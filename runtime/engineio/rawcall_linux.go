//go:build !race && !msan && !asan

package engineio

import (
	"syscall"
	"unsafe"
)

// The calls of the kernel that a loop makes never wait. So the scheduler need not know of
// them, which costs as much as the rest of a short call.

// rawRead is syscall.Read for a socket that does not block. p is not empty.
func rawRead(fd int, p []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
	return int(n), errno
}

// rawWrite is syscall.Write for a socket that does not block. p is not empty.
func rawWrite(fd int, p []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
	return int(n), errno
}

// rawPoll is syscall.EpollWait without waiting.
func rawPoll(fd int, events []syscall.EpollEvent) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	return int(n), errno
}
