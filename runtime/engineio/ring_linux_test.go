//go:build linux && (amd64 || arm64 || riscv64 || loong64 || ppc64le) && !race && !msan && !asan

package engineio

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// newRingOrSkip makes a ring, which ends with the test. A kernel that is too old, or a
// profile that forbids io_uring, is no fault of the server, which does without.
func newRingOrSkip(t *testing.T) *ring {
	t.Helper()
	r, _ := newRing()
	if r == nil {
		t.Skip("no io_uring here")
	}
	t.Cleanup(r.close)
	return r
}

// socketPair returns both ends of a stream.
func socketPair(t *testing.T) (a, b int) {
	t.Helper()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, fd := range pair {
			_ = syscall.Close(fd)
		}
	})
	return pair[0], pair[1]
}

// TestRing: each operation has the result that its call of the kernel would have. The
// sockets would wait (they are in no other mode), and nothing does.
func TestRing(t *testing.T) {
	r := newRingOrSkip(t)
	a, b := socketPair(t)
	halfA, halfB := socketPair(t)
	if err := syscall.Shutdown(halfB, syscall.SHUT_WR); err != nil {
		t.Fatal(err)
	}
	broken, brokenB := socketPair(t)
	if err := syscall.Shutdown(brokenB, syscall.SHUT_RD); err != nil {
		t.Fatal(err)
	}
	full, _ := socketPair(t)
	large := make([]byte, 4<<20)

	for round := range 3 * gatherMost { // the queues come round
		text := fmt.Appendf(nil, "round %d", round)
		writes := []ringOp{{fd: a, b: text}, {fd: broken, b: text}, {fd: full, b: large}, {fd: -1, b: text}}
		r.write(writes)
		wantOp(t, &writes[0], len(text), 0)
		wantOp(t, &writes[1], 0, syscall.EPIPE)
		if round == 0 {
			if n := writes[2].n; n == 0 || n == len(large) {
				t.Fatalf("%d of %d bytes were written", n, len(large))
			}
		} else {
			wantOp(t, &writes[2], 0, syscall.EAGAIN)
		}
		wantOp(t, &writes[3], 0, syscall.EBADF)

		into := make([]byte, 100)
		reads := []ringOp{{fd: b, b: into}, {fd: halfA, b: make([]byte, 1)}, {fd: a, b: make([]byte, 1)}}
		r.read(reads)
		wantOp(t, &reads[0], len(text), 0)
		want(t, string(into[:len(text)]), string(text))
		wantOp(t, &reads[1], 0, 0) // the end
		wantOp(t, &reads[2], 0, syscall.EAGAIN)
	}
	r.write(nil)
}

func wantOp(t *testing.T, op *ringOp, n int, errno syscall.Errno) {
	t.Helper()
	if !op.tried || op.n != n || op.errno != errno {
		t.Fatalf("tried %t, %d bytes, %v; want %d, %v", op.tried, op.n, op.errno, n, errno)
	}
}

func TestRingDoesAsMuchAsItHoldsAtOnce(t *testing.T) {
	r := newRingOrSkip(t)
	a, b := socketPair(t)
	ops := make([]ringOp, gatherMost)
	var all strings.Builder
	for i := range ops {
		ops[i] = ringOp{fd: a, b: fmt.Appendf(nil, "%d,", i)}
		all.Write(ops[i].b)
	}
	r.write(ops)
	for i := range ops {
		wantOp(t, &ops[i], len(ops[i].b), 0)
	}
	got := make([]byte, 2*all.Len())
	n, err := syscall.Read(b, got)
	if err != nil {
		t.Fatal(err)
	}
	want(t, string(got[:n]), all.String())
}

// TestRingThatFails: what the kernel does not take is not done, and not done later.
func TestRingThatFails(t *testing.T) {
	r := newRingOrSkip(t)
	a, b := socketPair(t)
	fd := r.fd
	r.fd = a // io_uring_enter fails
	ops := []ringOp{{fd: a, b: []byte("not sent")}, {fd: a, b: []byte("nor this")}}
	r.write(ops)
	for i := range ops {
		want(t, ops[i].tried, false)
	}
	r.fd = fd
	ops = []ringOp{{fd: a, b: []byte("sent")}}
	r.write(ops)
	wantOp(t, &ops[0], 4, 0)
	got := make([]byte, 100)
	n, _ := syscall.Read(b, got)
	want(t, string(got[:n]), "sent")
}

// ringsOpen returns how many rings this process has.
func ringsOpen(t *testing.T) (n int) {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range open {
		if to, _ := os.Readlink("/proc/self/fd/" + fd.Name()); strings.Contains(to, "io_uring") {
			n++
		}
	}
	return n
}

// broadcast sends to some new connections.
func broadcast(t *testing.T, h *harness) []*rawWS {
	t.Helper()
	m := Frame([]byte("to all"), nil)
	g := NewGather()
	var open []*rawWS
	for range 5 {
		open = append(open, h.openRaw(t))
		want(t, h.conn(t).conn.SendFramed(m, Flags{}, g), nil)
	}
	g.Flush()
	for _, w := range open {
		want(t, w.next(t), "4to all")
	}
	return open
}

func TestNoRingIsKeptWithoutConnections(t *testing.T) {
	newRingOrSkip(t)
	before := ringsOpen(t)
	h := newHarness(t, ServerOptions{})
	for range 3 {
		open := broadcast(t, h)
		if n := ringsOpen(t); n <= before {
			t.Fatalf("%d rings are open, %d were before: the broadcast used none", n, before)
		}
		for _, w := range open {
			_ = w.NetConn().Close()
		}
		eventually(t, "no ring is open", func() bool { return ringsOpen(t) == before })
	}
}

func TestDisableIOURing(t *testing.T) {
	newRingOrSkip(t) // else there is nothing to disable
	before := ringsOpen(t)
	h := newHarness(t, ServerOptions{DisableIOURing: true})
	broadcast(t, h)
	want(t, ringsOpen(t), before)
}

// TestRingsThatMayNotBeUsed: they are tried once, and everything is sent otherwise.
func TestRingsThatMayNotBeUsed(t *testing.T) {
	newRingOrSkip(t)
	h := newHarness(t, ServerOptions{})
	h.openRaw(t)
	h.conn(t)
	rings := &h.set.loops.rings
	r := rings.take()
	fd := r.fd
	r.fd = -1
	r.write([]ringOp{{fd: 0, b: []byte("x")}}) // EBADF
	want(t, r.refused, false)
	r.fd, r.refused = fd, true
	rings.put(r)
	want(t, rings.take() == nil, true)
	broadcast(t, h)
}
