package engineio

import (
	"syscall"
	"testing"
)

// TestBellRingsForWhoWaits: Go's poller is told once, and not of what comes while nobody
// waits.
func TestBellRingsForWhoWaits(t *testing.T) {
	e, err := newEpoll()
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	var ends [3][2]int
	for i := range ends {
		ends[i], err = syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(ends[i][0])
		defer syscall.Close(ends[i][1])
		if err := e.add(ends[i][0], int32(i)); err != nil {
			t.Fatal(err)
		}
	}
	say := func(i int) {
		t.Helper()
		if _, err := syscall.Write(ends[i][1], []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	rings := func() bool {
		var events [1]syscall.EpollEvent
		n, err := syscall.EpollWait(e.bell, events[:], 0) // takes what it tells of, as e does
		if err != nil {
			t.Fatal(err)
		}
		return n > 0
	}
	look := func(slots ...int32) {
		t.Helper()
		var events [4]syscall.EpollEvent
		n := e.look(events[:])
		if n != len(slots) {
			t.Fatalf("%d sockets are ready, want %d", n, len(slots))
		}
		for i, slot := range slots {
			want(t, events[i].Fd, slot)
		}
	}

	look()
	for range 2 {
		say(0)
		if !e.await() {
			t.Fatal("the wait was ended")
		}
		look(0)
		say(1)
		if rings() {
			t.Fatal("it rings while nobody waits")
		}
		say(2)
		look(1, 2)
	}
	say(1)
	if !e.await() { // it came before
		t.Fatal("the wait was ended")
	}
	look(1)
	waited := make(chan bool, 1)
	go func() { waited <- e.await() }()
	say(2)
	want(t, receive(t, waited, "the end of the wait"), true)
	look(2)
	for range 2 {
		go func() { waited <- e.await() }()
		e.knock()
		want(t, receive(t, waited, "the end of the wait"), true)
		look(knocked)
	}
	go func() { waited <- e.await() }()
	e.end()
	want(t, receive(t, waited, "the end of the wait"), false)
}
