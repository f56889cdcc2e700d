package socketio

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

// retrying makes a client send events until they are acknowledged.
func retrying(n int) ClientOptions {
	o := quick
	o.Retries, o.AckTimeout = n, patience
	return o
}

func (u *user) mustEmitAck(t *testing.T, json string, w driver.AckWaiter) int64 {
	t.Helper()
	id, err := u.EmitAck(event(json), driver.Flags{}, w)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// acknowledge answers an event with its arguments.
func acknowledge(s driver.Socket, e driver.Event) {
	if _, args, ok := strings.Cut(string(e.JSON), ","); ok {
		_ = s.Ack(e.AckID, event("["+args))
	} else {
		_ = s.Ack(e.AckID, event("[]"))
	}
}

func TestRetriedEventsAreUnderWayOneAtATime(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	s.serve("/", a)
	c := newTestClient(t, s.url, retrying(3))
	u := join(t, c, "/", &user{})
	got := make(answers, 3)
	u.mustEmitAck(t, `["q",1]`, got) // before Connect
	u.mustConnect(t)
	if err := u.Emit(event(`["plain",2]`), driver.Flags{}); err != nil {
		t.Fatal(err)
	}
	u.mustEmitAck(t, `["q",3]`, got)
	if err := u.Emit(event(`["volatile"]`), driver.Flags{Volatile: true}); err != nil {
		t.Fatal(err)
	}
	m := a.member(t, 0)
	m.wantLog(t, "connected", `q ["q",1] ?`, `volatile ["volatile"]`) // asks for no answer, waits for none
	for n, next := range []string{`plain ["plain",2] ?`, `q ["q",3] ?`} {
		time.Sleep(5 * time.Millisecond)
		want(t, "events too early", len(m.log), 0)
		if err := m.Ack(int64(n+1), event(fmt.Sprintf(`["answer %d"]`, n))); err != nil {
			t.Fatal(err)
		}
		m.wantLog(t, next)
	}
	want(t, "answer", receive(t, got, "it"), `["answer 0"]`)
	if err := m.Ack(3, event(`["last"]`)); err != nil {
		t.Fatal(err)
	}
	want(t, "answer", receive(t, got, "it"), `["last"]`)
}

func TestAnEventThatIsNotAcknowledgedInTimeIsSentAgain(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	a := &app{event: func(s driver.Socket, e driver.Event) {
		mu.Lock()
		defer mu.Unlock()
		if seen[string(e.JSON)]++; seen[string(e.JSON)] == 3 {
			acknowledge(s, e)
		}
	}}
	o := retrying(2)
	o.AckTimeout = time.Second
	inABubble(t, a, o, func(t *testing.T, u *user, _ *pipes) {
		start, got := time.Now(), make(answers, 10)
		for i := range 3 {
			u.mustEmitAck(t, fmt.Sprintf(`["q",%d]`, i), got)
		}
		m := a.member(t, 0)
		m.wantLog(t, "connected")
		for i := range 3 {
			want(t, "answer", receive(t, got, "it"), fmt.Sprintf("[%d]", i))
			want(t, "time of it", time.Since(start).Truncate(o.AckTimeout), time.Duration(i+1)*2*o.AckTimeout)
			for range 3 {
				m.wantLog(t, fmt.Sprintf(`q ["q",%d] ?`, i))
			}
		}
		time.Sleep(time.Minute)
		want(t, "events too many", len(m.log), 0)
	})
}

func TestRetriesAreUsedUp(t *testing.T) {
	a := &app{event: func(s driver.Socket, e driver.Event) {
		if string(e.Name) == "heard" {
			acknowledge(s, e)
		}
	}}
	o := retrying(2)
	o.AckTimeout = time.Second
	inABubble(t, a, o, func(t *testing.T, u *user, _ *pipes) {
		failed, heard := make(failures, 1), make(answers, 1)
		u.mustEmitAck(t, `["ignored"]`, failed)
		u.mustEmitAck(t, `["heard",1]`, heard)
		var used *driver.RetriesError
		if err := receive(t, failed, "the failure"); !errors.As(err, &used) || used.Tries != 3 {
			t.Errorf("got %v, want 3 tries", err)
		}
		want(t, "answer to the next one", receive(t, heard, "it"), "[1]")
		a.member(t, 0).wantLog(t, "connected", `ignored ["ignored"] ?`, `ignored ["ignored"] ?`, `ignored ["ignored"] ?`, `heard ["heard",1] ?`)
	})
}

// failures is an AckWaiter that notes errors.
type failures chan error

func (f failures) Acked(_ driver.Payload, err error) { f <- err }

func TestALateAcknowledgementIsOne(t *testing.T) {
	a := &app{}
	o := retrying(5)
	o.AckTimeout = time.Second
	inABubble(t, a, o, func(t *testing.T, u *user, _ *pipes) {
		got := make(answers, 2)
		u.mustEmitAck(t, `["slow"]`, got)
		m := a.member(t, 0)
		m.wantLog(t, "connected", `slow ["slow"] ?`, `slow ["slow"] ?`)
		for id := range int64(2) { // to the first try, and then to the second
			if err := m.Ack(id+1, event(fmt.Sprintf("[%d]", id))); err != nil {
				t.Fatal(err)
			}
		}
		want(t, "answer", receive(t, got, "it"), "[0]")
		u.mustEmitAck(t, `["next"]`, got)
		m.wantLog(t, `next ["next"] ?`)
		want(t, "answers too many", len(got), 0)
	})
}

func TestRetriedEventsSurviveReconnections(t *testing.T) {
	const n = 300
	s := newTestServer(t, Options{})
	var mu sync.Mutex
	var first []string // each event, where it came for the first time
	seen := map[string]bool{}
	a := &app{event: func(s driver.Socket, e driver.Event) {
		mu.Lock()
		if key := string(e.JSON); !seen[key] {
			seen[key] = true
			first = append(first, key)
		}
		mu.Unlock()
		acknowledge(s, e)
	}}
	s.serve("/", a)
	p := newProxy(t, s.url)
	c := newTestClient(t, p.url(), retrying(1000))
	u := join(t, c, "/", &user{})
	u.mustConnect(t)
	got := make(answers, n)
	stop := make(chan struct{})
	var cutting sync.WaitGroup
	cutting.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(3 * time.Millisecond):
				p.cut()
			}
		}
	})
	for i := range n {
		if i%2 == 0 {
			u.mustEmitAck(t, fmt.Sprintf(`["e",%d]`, i), got)
		} else if err := u.Emit(event(fmt.Sprintf(`["e",%d]`, i)), driver.Flags{}); err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	for i := 0; i < n; i += 2 {
		want(t, "answer", receive(t, got, "it"), fmt.Sprintf("[%d]", i))
	}
	close(stop)
	cutting.Wait()
	eventually(t, "the last event", func() bool { mu.Lock(); defer mu.Unlock(); return len(first) == n })
	for i, key := range first {
		want(t, "event", key, fmt.Sprintf(`["e",%d]`, i))
	}
}

func TestARetriedEventCanBeCancelled(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	s.serve("/", a)
	c := newTestClient(t, s.url, retrying(1))
	u := join(t, c, "/", &user{})
	u.mustConnect(t)
	got := make(answers, 1)
	first, second := u.mustEmitAck(t, `["a"]`, got), u.mustEmitAck(t, `["b"]`, got)
	u.mustEmitAck(t, `["c"]`, got)
	m := a.member(t, 0)
	m.wantLog(t, "connected", `a ["a"] ?`)
	if !u.CancelAck(second) || !u.CancelAck(first) || u.CancelAck(first) {
		t.Error("CancelAck: want true for each, once")
	}
	m.wantLog(t, `c ["c"] ?`)
	want(t, "answers", len(got), 0)
}

func TestRetriedEventsFailWhenTheClientGivesUp(t *testing.T) {
	for name, end := range map[string]func(u *user, m *member){
		"client disconnects": func(u *user, _ *member) { _ = u.Disconnect() },
		"server disconnects": func(_ *user, m *member) { m.Disconnect(false) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestServer(t, Options{})
			a := &app{}
			s.serve("/", a)
			c := newTestClient(t, s.url, retrying(3))
			u := join(t, c, "/", &user{})
			u.mustConnect(t)
			failed := make(failures, 2)
			u.mustEmitAck(t, `["a"]`, failed)
			u.mustEmitAck(t, `["b"]`, failed)
			end(u, a.member(t, 0))
			for range 2 {
				if err := receive(t, failed, "the failure"); !errors.Is(err, driver.ErrClosed) {
					t.Errorf("got %v, want %v", err, driver.ErrClosed)
				}
			}
			if _, err := u.EmitAck(event(`["c"]`), driver.Flags{}, failed); !errors.Is(err, driver.ErrClosed) {
				t.Errorf("EmitAck: %v, want %v", err, driver.ErrClosed)
			}
			if call := receive(t, u.log, "the end"); !strings.HasPrefix(call, "disconnected: ") {
				t.Fatalf("got %s", call)
			}
			u.mustConnect(t)
			got := make(answers, 1)
			u.mustEmitAck(t, `["d"]`, got)
		})
	}
}

func TestRetriedEventsAreLimited(t *testing.T) {
	o := retrying(1)
	o.MaxBuffer, o.Limits = 1000, Limits{MaxPendingAcks: 3}
	c := newTestClient(t, "http://127.0.0.1:1", o)
	u := join(t, c, "/", &user{})
	big := event(`["x",{"_placeholder":true,"num":0}]`, strings.Repeat("x", 500))
	if err := u.Emit(big, driver.Flags{}); err != nil {
		t.Fatal(err)
	}
	if err := u.Emit(big, driver.Flags{}); !errors.Is(err, driver.ErrQueueFull) {
		t.Errorf("Emit: %v, want %v", err, driver.ErrQueueFull)
	}
	for range 2 {
		u.mustEmitAck(t, `["x"]`, make(answers, 1))
	}
	if _, err := u.EmitAck(event(`["x"]`), driver.Flags{}, make(answers, 1)); !errors.Is(err, driver.ErrTooManyAcks) {
		t.Errorf("EmitAck: %v, want %v", err, driver.ErrTooManyAcks)
	}
	if err := u.Emit(event(`["x"]`), driver.Flags{Volatile: true}); err == nil {
		t.Error("volatile event while not connected: no error")
	}
}
