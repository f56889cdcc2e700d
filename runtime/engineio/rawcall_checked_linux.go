//go:build race || msan || asan || 386 || s390x

package engineio

import "syscall"

// With the race detector or a sanitizer package syscall makes the calls of a loop, for it
// tells them what is read and written, and that what was written comes before what is
// read of it. It does so too where these calls have no numbers of their own.

func rawRead(fd int, p []byte) (int, syscall.Errno) {
	n, err := syscall.Read(fd, p)
	return n, errnoOf(err)
}

func rawWrite(fd int, p []byte) (int, syscall.Errno) {
	n, err := syscall.Write(fd, p)
	return n, errnoOf(err)
}

func rawPoll(fd int, events []syscall.EpollEvent) (int, syscall.Errno) {
	n, err := syscall.EpollWait(fd, events, 0)
	return n, errnoOf(err)
}

func rawRearm(epoll, fd int, events uint32) syscall.Errno {
	return errnoOf(syscall.EpollCtl(epoll, syscall.EPOLL_CTL_MOD, fd, &syscall.EpollEvent{Events: events}))
}

func errnoOf(err error) syscall.Errno {
	if err == nil {
		return 0
	}
	return err.(syscall.Errno)
}
