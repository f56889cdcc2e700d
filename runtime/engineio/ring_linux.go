//go:build linux && (amd64 || arm64 || riscv64 || loong64 || ppc64le) && !race && !msan && !asan

package engineio

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// ring is io_uring (io_uring_setup(2)): it has the kernel do many reads or writes of
// sockets in one call. None of them waits (MSG_DONTWAIT), so all are done when the call
// returns, and nothing of the application's memory is used by the kernel afterwards.
//
// What is awkward about io_uring elsewhere, that work goes on between the calls, does not
// happen here. One goroutine at a time may use a ring.
type ring struct {
	fd      int
	rings   []byte // both queues, shared with the kernel
	entries []sqe
	tail    *uint32 // of the submission queue; the kernel reads it
	head    *uint32 // of the completion queue; the kernel reads it
	ended   *uint32 // tail of the completion queue; the kernel writes it
	done    []cqe
	// refused: whoever runs the process allows rings to be made, but not to be used.
	refused bool
}

// What follows is of linux/io_uring.h.

const (
	sysIOUringSetup = 425
	sysIOUringEnter = 426

	opSend = 26
	opRecv = 27

	enterGetEvents = 1 << 0
	// featSingleMap: both queues are in one piece of memory. featLinkedFile came with
	// Linux 5.18: what older kernels have of io_uring is left alone.
	featSingleMap  = 1 << 0
	featLinkedFile = 1 << 12

	offRings   = 0
	offEntries = 0x10000000
)

// sqe is struct io_uring_sqe.
type sqe struct {
	opcode   uint8
	flags    uint8
	ioprio   uint16
	fd       int32
	off      uint64
	addr     uint64
	len      uint32
	msgFlags uint32
	userData uint64
	_        [3]uint64
}

// cqe is struct io_uring_cqe.
type cqe struct {
	userData uint64
	res      int32
	flags    uint32
}

// ringParams is struct io_uring_params.
type ringParams struct {
	sqEntries, cqEntries, flags, sqThreadCPU, sqThreadIdle, features, wqFD uint32
	_                                                                      [3]uint32
	sq                                                                     struct {
		head, tail, ringMask, ringEntries, flags, dropped, array, _ uint32
		_                                                           uint64
	}
	cq struct {
		head, tail, ringMask, ringEntries, overflow, cqes, flags, _ uint32
		_                                                           uint64
	}
}

// newRing returns nil where there is no io_uring. passing: that may change, for the
// process was only short of something. Else the kernel is too old, or who runs the process
// does not allow it.
func newRing() (r *ring, passing bool) {
	var p ringParams
	fd, _, errno := syscall.Syscall(sysIOUringSetup, gatherMost, uintptr(unsafe.Pointer(&p)), 0)
	if errno != 0 {
		return nil, errno == syscall.EMFILE || errno == syscall.ENFILE || errno == syscall.ENOMEM
	}
	r = &ring{fd: int(fd)}
	const need = featSingleMap | featLinkedFile
	if p.features&need != need {
		r.close()
		return nil, false
	}
	if !r.mapQueues(&p) {
		r.close()
		return nil, true
	}
	return r, false
}

func (r *ring) mapQueues(p *ringParams) bool {
	const protection, shared = syscall.PROT_READ | syscall.PROT_WRITE, syscall.MAP_SHARED | syscall.MAP_POPULATE
	size := max(p.sq.array+p.sqEntries*4, p.cq.cqes+p.cqEntries*uint32(unsafe.Sizeof(cqe{})))
	var err error
	if r.rings, err = syscall.Mmap(r.fd, offRings, int(size), protection, shared); err != nil {
		return false
	}
	entries, err := syscall.Mmap(r.fd, offEntries, int(p.sqEntries)*int(unsafe.Sizeof(sqe{})), protection, shared)
	if err != nil {
		return false
	}
	r.entries = unsafe.Slice((*sqe)(unsafe.Pointer(&entries[0])), p.sqEntries)
	word := func(offset uint32) *uint32 { return (*uint32)(unsafe.Pointer(&r.rings[offset])) }
	r.tail, r.head, r.ended = word(p.sq.tail), word(p.cq.head), word(p.cq.tail)
	r.done = unsafe.Slice((*cqe)(unsafe.Pointer(&r.rings[p.cq.cqes])), p.cqEntries)
	// Entries are used in the order in which they are stored.
	order := unsafe.Slice(word(p.sq.array), p.sqEntries)
	for i := range order {
		order[i] = uint32(i)
	}
	return true
}

func (r *ring) close() {
	if r.entries != nil {
		first := (*byte)(unsafe.Pointer(&r.entries[0]))
		_ = syscall.Munmap(unsafe.Slice(first, len(r.entries)*int(unsafe.Sizeof(sqe{}))))
	}
	if r.rings != nil {
		_ = syscall.Munmap(r.rings)
	}
	_ = syscall.Close(r.fd)
}

// read does what rawRead does for each of ops, of which there are gatherMost at most.
func (r *ring) read(ops []ringOp) { r.do(opRecv, syscall.MSG_DONTWAIT, ops) }

// write does what rawWrite does for each of ops, of which there are gatherMost at most.
func (r *ring) write(ops []ringOp) { r.do(opSend, syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, ops) }

func (r *ring) do(opcode uint8, flags uint32, ops []ringOp) {
	tail := *r.tail
	for i := range ops {
		op := &ops[i]
		op.tried = false
		r.entries[(tail+uint32(i))%uint32(len(r.entries))] = sqe{
			opcode:   opcode,
			fd:       int32(op.fd),
			addr:     uint64(uintptr(unsafe.Pointer(&op.b[0]))),
			len:      uint32(len(op.b)),
			msgFlags: flags,
			userData: uint64(i),
		}
	}
	atomic.StoreUint32(r.tail, tail+uint32(len(ops)))
	taken, done := 0, 0
	for taken < len(ops) {
		n, _, errno := syscall.RawSyscall6(sysIOUringEnter, uintptr(r.fd), uintptr(len(ops)-taken), 0, 0, 0, 0)
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 || n == 0 {
			// Short of memory, or not allowed: what was not taken is not to be done later.
			r.refused = errno == syscall.EPERM || errno == syscall.EACCES || errno == syscall.ENOSYS
			atomic.StoreUint32(r.tail, tail+uint32(taken))
			break
		}
		taken += int(n)
	}
	for done += r.reap(ops); done < taken; done += r.reap(ops) {
		// The kernel says of none of these that it can come to this.
		_, _, _ = syscall.Syscall6(sysIOUringEnter, uintptr(r.fd), 0, uintptr(taken-done), enterGetEvents, 0, 0)
	}
	runtime.KeepAlive(ops)
}

// reap takes the results that are there, and returns how many.
func (r *ring) reap(ops []ringOp) int {
	head, ended := *r.head, atomic.LoadUint32(r.ended)
	for i := head; i != ended; i++ {
		result := &r.done[i%uint32(len(r.done))]
		op := &ops[result.userData]
		op.tried = true
		if op.n, op.errno = int(result.res), 0; result.res < 0 {
			op.n, op.errno = 0, syscall.Errno(-result.res)
		}
	}
	atomic.StoreUint32(r.head, ended)
	return int(ended - head)
}
