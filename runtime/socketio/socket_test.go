package socketio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

// joined returns a client that has joined the main namespace and the server's side
// of it.
func joined(t *testing.T, s *testServer, a *app) (*rawClient, *member) {
	t.Helper()
	a.mu.Lock()
	n := len(a.members)
	a.mu.Unlock()
	c := dialRaw(t, s)
	c.join("/")
	m := a.member(t, n)
	m.wantLog(t, "connected")
	return c, m
}

func TestEventsArriveInOrder(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	s.serve("/", a)
	c, m := joined(t, s, a)
	c.send(`2["none"]`,
		`2["args",1,{"a":[true,null]},"x"]`,
		`52-["binary",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]`, "b\x00", "b\xff\xfe",
		`2["quoted \"n\u00e4me\""]`,
		`27["ack"]`,
		`51-8["both",{"_placeholder":true,"num":0}]`, "b",
		`2["data",{"_placeholder":true,"num":0}]`)
	m.wantLog(t,
		`none ["none"]`,
		`args ["args",1,{"a":[true,null]},"x"]`,
		`binary ["binary",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}] ["\x00" "\xff\xfe"]`,
		`quoted "näme" ["quoted \"n\u00e4me\""]`,
		`ack ["ack"] ?`,
		`both ["both",{"_placeholder":true,"num":0}] [""] ?`,
		`data ["data",{"_placeholder":true,"num":0}]`)
}

func TestEventBehindTheConnectPacketIsHandledAfterConnected(t *testing.T) {
	s := newTestServer(t, Options{})
	release := make(chan struct{})
	a := &app{connected: func(driver.Socket) { <-release }}
	s.serve("/", a)
	c := dialRaw(t, s)
	c.join("/")
	c.send(`2["first"]`)
	m := a.member(t, 0)
	m.wantLog(t, "connected")
	want(t, "events while Connected runs", len(m.log), 0)
	close(release)
	m.wantLog(t, `first ["first"]`)
}

func TestEmit(t *testing.T) {
	s := newTestServer(t, Options{})
	for _, name := range []string{"/", "/admin"} {
		t.Run(name, func(t *testing.T) {
			a := &app{}
			s.serve(name, a)
			c := dialRaw(t, s)
			c.join(name)
			m := a.member(t, 0)
			prefix := map[string]string{"/": "", "/admin": "/admin,"}[name]
			for _, step := range []struct {
				payload driver.Payload
				frames  []string
			}{
				{event(`["x",1]`), []string{"2" + prefix + `["x",1]`}},
				{event(`["x",{"_placeholder":true,"num":0}]`, "\x01\x02"), []string{"51-" + prefix + `["x",{"_placeholder":true,"num":0}]`, "b\x01\x02"}},
			} {
				m.Cork()
				err := m.Emit(step.payload, driver.Flags{NoCompress: true})
				m.Uncork()
				if err != nil {
					t.Fatal(err)
				}
				c.want(step.frames...)
			}
		})
	}
}

func TestAcknowledgementsFromTheClient(t *testing.T) {
	s := newTestServer(t, Options{Limits: Limits{MaxPendingAcks: 2}})
	a := &app{}
	s.serve("/", a)
	c, m := joined(t, s, a)
	got := make(answers, 10)
	emit := func() (int64, error) { return m.EmitAck(event(`["q"]`), driver.Flags{}, got) }

	if _, err := emit(); err != nil {
		t.Fatal(err)
	}
	c.want(`20["q"]`)
	c.send(`30["a",1]`)
	want(t, "answer", receive(t, got, "the answer"), `["a",1]`)
	c.send(`30["again"]`, `399["nobody asked"]`) // no harm

	id, _ := emit()
	c.want(`21["q"]`)
	if !m.CancelAck(id) || m.CancelAck(id) {
		t.Error("CancelAck: want true for a pending acknowledgement and then false")
	}
	c.send(`31["late"]`)

	emit()
	c.want(`22["q"]`)
	c.send(`61-2[{"_placeholder":true,"num":0}]`, "bblob")
	want(t, "binary answer", receive(t, got, "the answer"), `[{"_placeholder":true,"num":0}] ["blob"]`)

	emit()
	emit()
	if _, err := emit(); !errors.Is(err, driver.ErrTooManyAcks) {
		t.Errorf("third pending acknowledgement: %v, want %v", err, driver.ErrTooManyAcks)
	}
	m.Disconnect(false)
	for range 2 {
		want(t, "answer after the end", receive(t, got, "the error"), "error: socket is closed")
	}
	if _, err := emit(); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("EmitAck after the end: %v, want %v", err, driver.ErrClosed)
	}
	want(t, "answers too many", len(got), 0)
}

func TestAcknowledgementsToTheClient(t *testing.T) {
	s := newTestServer(t, Options{Limits: Limits{MaxOwedAcks: 2}})
	ids := make(chan int64, 10)
	a := &app{event: func(_ driver.Socket, e driver.Event) { ids <- e.AckID }}
	s.serve("/", a)
	c, m := joined(t, s, a)

	c.send(`29007199254740991["q"]`)
	id := receive(t, ids, "event")
	if err := m.Ack(id, event(`["a"]`)); err != nil {
		t.Fatal(err)
	}
	c.want(`39007199254740991["a"]`)
	var twice *AckError
	if err := m.Ack(id, event(`["b"]`)); !errors.As(err, &twice) || twice.ID != id {
		t.Errorf("second answer: %v, want an *AckError", err)
	}

	c.send(`21["q"]`, `22["q"]`, `23["q"]`)
	first, second, third := receive(t, ids, "event"), receive(t, ids, "event"), receive(t, ids, "event")
	if err := m.Ack(first, event(`[]`)); !errors.As(err, &twice) {
		t.Errorf("answer to an event that too many followed: %v, want an *AckError", err)
	}
	if err := errors.Join(m.Ack(third, event(`[{"_placeholder":true,"num":0}]`, "x")), m.Ack(second, event(`[]`))); err != nil {
		t.Fatal(err)
	}
	c.want(`61-3[{"_placeholder":true,"num":0}]`, "bx", `32[]`)

	m.Disconnect(false)
	if err := m.Ack(third, event(`[]`)); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("answer after the end: %v, want %v", err, driver.ErrClosed)
	}
}

func TestClientLeavesANamespace(t *testing.T) {
	s := newTestServer(t, Options{})
	a, admin := &app{}, &app{event: echo}
	s.serve("/", a)
	s.serve("/admin", admin)
	c, m := joined(t, s, a)
	c.join("/admin")
	m.Join("room")
	c.send("1")
	m.wantLog(t, "disconnected: client namespace disconnect [own room]")
	if err := m.Emit(event(`["x"]`), driver.Flags{}); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("Emit: %v, want %v", err, driver.ErrClosed)
	}
	c.wantAlive("/admin")
	c.join("/") // and comes back
	a.member(t, 1).wantLog(t, "connected")
}

func TestServerDisconnectsASocket(t *testing.T) {
	s := newTestServer(t, Options{})
	a, admin := &app{}, &app{event: echo}
	s.serve("/", a)
	s.serve("/admin", admin)
	c, m := joined(t, s, a)
	c.join("/admin")
	m.Disconnect(false)
	m.Disconnect(false)
	m.wantLog(t, "disconnected: server namespace disconnect [own]")
	c.want("1")
	// What the client sent before it knew must not cost it the connection.
	c.send(`2["under way"]`, `31[]`, "1")
	c.wantAlive("/admin")
	c.join("/")
	a.member(t, 1).wantLog(t, "connected")
}

func TestServerClosesTheConnection(t *testing.T) {
	s := newTestServer(t, Options{})
	a, admin := &app{}, &app{}
	s.serve("/", a)
	s.serve("/admin", admin)
	c, m := joined(t, s, a)
	c.join("/admin")
	admin.member(t, 0).wantLog(t, "connected")
	m.Disconnect(true)
	c.want("1", "1/admin,")
	c.wantClosed()
	m.wantLog(t, "disconnected: server namespace disconnect [own]")
	admin.member(t, 0).wantLog(t, "disconnected: server namespace disconnect [own]")
}

func TestTransportThatEndsIsReportedOnce(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	s.serve("/", a)
	c, m := joined(t, s, a)
	c.ws.NetConn().Close()
	m.wantLog(t, "disconnected: transport close [own]")
	m.Disconnect(true)
	want(t, "further calls", len(m.log), 0)
}

func TestHandlerMayDisconnectItsOwnSocket(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{event: func(s driver.Socket, e driver.Event) {
		s.Disconnect(false)
		s.(*member).log <- "event returns"
	}}
	s.serve("/", a)
	c, m := joined(t, s, a)
	c.send(`2["x"]`, `2["never"]`)
	m.wantLog(t, `x ["x"]`, "event returns", "disconnected: server namespace disconnect [own]")
	c.want("1")
	want(t, "further calls", len(m.log), 0)
}

func TestAttachmentsTogetherAreLimited(t *testing.T) {
	s := newTestServer(t, Options{Limits: Limits{MaxPacketSize: 1000}})
	a := &app{}
	s.serve("/", a)
	c, m := joined(t, s, a)
	c.send(`52-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "b"+strings.Repeat("x", 600), "b"+strings.Repeat("x", 600))
	c.wantClosed()
	m.wantLog(t, "disconnected: parse error [own]")
}

func TestClientThatReadsNothingIsDisconnected(t *testing.T) {
	s := newTestServer(t, Options{Engine: engineio.ServerOptions{MaxQueue: 1 << 16}})
	release := make(chan struct{})
	defer close(release)
	a := &app{}
	s.serve("/", a)
	c, m := joined(t, s, a)
	c.stall = release
	if err := m.Emit(event(`["stall"]`), driver.Flags{}); err != nil {
		t.Fatal(err)
	}
	big := event(`["x","` + strings.Repeat("x", 1<<16) + `"]`)
	var err error
	for err == nil {
		err = m.Emit(big, driver.Flags{Volatile: true})
	}
	want(t, "volatile event for a full queue", err, driver.ErrQueueFull)
	for err = nil; err == nil; {
		err = m.Emit(big, driver.Flags{})
	}
	if !errors.Is(err, driver.ErrQueueFull) && !errors.Is(err, driver.ErrClosed) {
		t.Errorf("event for a full queue: %v", err)
	}
	m.wantLog(t, "disconnected: transport error [own]")
}

func TestRoomsOfASocket(t *testing.T) {
	s := newTestServer(t, Options{MaxRooms: 4})
	a := &app{connect: func(_ context.Context, s driver.Socket) error {
		s.Join("early", "early", "gone")
		s.Leave("gone")
		return nil
	}}
	ns := s.serve("/", a)
	_, m := joined(t, s, a)
	rooms := func() string {
		r := m.Rooms()
		slices.Sort(r)
		return strings.ReplaceAll(fmt.Sprint(r), m.ID(), "own")
	}
	eventually(t, "the rooms", func() bool { return len(m.Rooms()) == 2 })
	m.Join("b", "a", "a")
	m.Join("a", "one too many")
	if got := len(m.Rooms()); got != 4 {
		t.Errorf("in %d rooms, want the limit of 4", got)
	}
	m.Leave("a")
	m.Leave("never entered")
	m.Leave(m.ID())
	want(t, "rooms", rooms(), "[b early]")
	list, err := ns.Sockets(context.Background(), driver.Target{Rooms: []string{m.ID()}})
	if err != nil || len(list) != 0 {
		t.Errorf("a socket that left its own room is found there: %v, %v", list, err)
	}
	m.Disconnect(false)
	m.Join("late")
	want(t, "rooms after the end", rooms(), "[]")
}

func TestManyConnectsAndDisconnects(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{event: echo, connect: func(_ context.Context, s driver.Socket) error { s.Join("room"); return nil }}
	ns := s.serve("/", a)
	s.serve("/admin", &app{})
	stop := make(chan struct{})
	var busy sync.WaitGroup
	busy.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				_ = ns.Broadcast(driver.Target{Rooms: []string{"room", "other"}}, event(`["x"]`))
				_, cancel, _ := ns.BroadcastAck(t.Context(), driver.Target{Rooms: []string{"room"}}, event(`["y"]`), collected(nil))
				cancel()
				_ = ns.JoinRooms(driver.Target{}, []string{"other"})
				_, _ = ns.Sockets(context.Background(), driver.Target{})
			}
		}
	})
	var clients sync.WaitGroup
	for worker := range 8 {
		clients.Go(func() {
			for n := range 10 {
				c := dialRaw(t, s)
				c.send("0")
				_ = c.trySend("0/admin,") // another's DisconnectSockets ends this one too
				switch (worker + n) % 4 {
				case 0:
					c.ws.NetConn().Close()
				case 1:
					_ = c.trySend("2broken")
				case 2:
					c.next()
					_ = ns.DisconnectSockets(driver.Target{}, n%2 == 0)
				case 3:
					c.next()
				}
				c.ws.NetConn().Close()
				receive(t, c.closed, "the end")
			}
		})
	}
	clients.Wait()
	close(stop)
	busy.Wait()
	eventually(t, "the last socket to end", func() bool {
		list, _ := ns.Sockets(context.Background(), driver.Target{})
		return len(list) == 0
	})
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	adapter := ns.(*namespace).adapter
	want(t, "rooms left behind", len(adapter.byRoom), 0)
	for _, m := range a.members {
		last := ""
		for len(m.log) > 0 {
			if strings.HasPrefix(last, "disconnected") {
				t.Fatalf("after %q came %q", last, <-m.log)
			}
			last = <-m.log
		}
		if !strings.HasPrefix(last, "disconnected") {
			t.Fatalf("the last call was %q", last)
		}
	}
}
