package socketio

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

// TestNothingIsLostOrDoubledWhileComingBack broadcasts and emits all the time, while
// the client loses its connection again and again.
func TestNothingIsLostOrDoubledWhileComingBack(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{connect: func(context.Context, driver.Socket) error { time.Sleep(time.Millisecond); return nil }}
	ns := s.serve("/", a)
	c := dialRaw(t, s)
	known := c.joinSession("")
	m := a.member(t, 0)
	m.Join("room")
	const rounds, batch = 30, 40
	var sent [3]int
	done := make(chan struct{}, len(sent))
	stop := make(chan struct{})
	for i := range sent {
		go func() {
			defer func() { done <- struct{}{} }()
			for running := true; running && sent[i] < 1_000_000; sent[i]++ {
				p := event(fmt.Sprintf(`["n",%d,%d]`, i, sent[i]))
				var err error
				if i == 0 {
					err = m.Emit(p, driver.Flags{})
				} else {
					err = ns.Broadcast(driver.Target{Rooms: []string{"room"}}, p)
				}
				if err != nil {
					t.Errorf("sending: %v", err)
				}
				select {
				case <-stop:
					running = false
				case <-time.After(100 * time.Microsecond):
				}
			}
		}()
	}
	offset := ""
	var got [len(sent)]int
	take := func() {
		var i, n int
		head, o, _ := cutLast(c.next())
		if _, err := fmt.Sscanf(head, `42["n",%d,%d]`, &i, &n); err != nil {
			t.Fatalf("%s: %v", head, err)
		}
		if n != got[i] {
			t.Fatalf("sender %d: got %d, want %d", i, n, got[i])
		}
		got[i]++
		offset = o
	}
	for round := range rounds {
		for range batch {
			take()
		}
		if round%2 == 0 {
			c.cut()
		} // else the server is yet to learn that the connection is dead
		c = dialRaw(t, s)
		known.wantContinued(t, c.joinSession(known.auth(offset)), true)
	}
	close(stop)
	for range sent {
		receive(t, done, "the end of the senders")
	}
	for got != sent {
		take()
	}
}

func TestVolatileEventThatEndsInAStringCarriesAValidOffset(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{}
	ns := s.serve("/", a)
	c := dialRaw(t, s)
	known := c.joinSession("")
	m := a.member(t, 0)
	volatile := driver.Flags{Volatile: true}
	for _, p := range []string{`["number",1]`, `["name"]`, `["text","hello"]`} {
		if err := m.Emit(event(p), volatile); err != nil {
			t.Fatal(err)
		}
	}
	c.want(`2["number",1]`)
	c.offset(`2["name"]`)
	broadcastTo(t, ns, event(`["noted"]`))
	if err := ns.Broadcast(driver.Target{Flags: volatile}, event(`["text","hello"]`)); err != nil {
		t.Fatal(err)
	}
	c.offset(`2["text","hello"]`)
	noted := c.offset(`2["noted"]`)
	want(t, "offset of a volatile event", c.offset(`2["text","hello"]`), noted)
	c.cut()
	m.wantLog(t, "connected", "disconnected: transport close [own]")
	broadcastTo(t, ns, event(`["missed"]`))
	c = dialRaw(t, s)
	known.wantContinued(t, c.joinSession(known.auth(noted)), true)
	c.offset(`2["missed"]`)
}

// TestNobodyJoinsInTheMiddleOfABroadcast: an event that is noted, and not yet queued,
// would come twice.
func TestNobodyJoinsInTheMiddleOfABroadcast(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{}
	ns := s.serve("/", a).(*namespace)
	c := dialRaw(t, s)
	known := c.joinSession("")
	m := a.member(t, 0)
	c.cut()
	m.wantLog(t, "connected", "disconnected: transport close [own]")
	c = dialRaw(t, s)
	ns.order.Lock()
	p := s.recovery.record("/", driver.Target{}, event(`["x"]`))
	c.send("0" + known.auth(""))
	time.Sleep(20 * time.Millisecond) // so that a server that doesn't wait is found out
	framed, err := s.o.Parser.frame(typeEvent, "/", driver.NoAck, p)
	if err != nil {
		t.Fatal(err)
	}
	ns.adapter.broadcast(driver.Target{}, &outgoing{framed: framed})
	ns.order.Unlock()
	want(t, "answer", c.next(), fmt.Sprintf(`40{"sid":%q,"pid":%q}`, known.SID, known.PID))
	c.offset(`2["x"]`)
	broadcastTo(t, ns, event(`["last"]`))
	c.offset(`2["last"]`)
}
