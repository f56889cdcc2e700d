package socketio

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/internal/offset"
)

func TestClientContinuesWhereItWas(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{event: echo}
	ns := s.serve("/", a)
	c := dialRaw(t, s)
	known := c.joinSession(`{"token":"secret"}`)
	want(t, "length of the pid", len(known.PID), offset.PIDLength)
	m := a.member(t, 0)
	want(t, "recovered at first", m.Recovered() != nil, false)
	broadcastTo(t, ns, event(`["before the room"]`), "room")
	m.Join("room")
	if err := m.Emit(event(`["one",1]`), driver.Flags{}); err != nil {
		t.Fatal(err)
	}
	offset := c.offset(`2["one",1]`)
	c.cut()
	m.wantLog(t, "connected", "disconnected: transport close [own room]")

	broadcastTo(t, ns, event(`["two",{"_placeholder":true,"num":0}]`, "bytes"), "room")
	broadcastTo(t, ns, event(`["not mine"]`), "other")
	broadcastTo(t, ns, event(`["three"]`))
	if err := ns.Broadcast(driver.Target{Except: []string{known.SID}}, event(`["but for me"]`)); err != nil {
		t.Fatal(err)
	}
	if err := ns.Broadcast(driver.Target{Flags: driver.Flags{Volatile: true}}, event(`["volatile"]`)); err != nil {
		t.Fatal(err)
	}
	if _, cancel, err := ns.BroadcastAck(t.Context(), driver.Target{}, event(`["asked"]`), collected(nil)); err != nil {
		t.Fatal(err)
	} else {
		cancel()
	}
	if err := m.Emit(event(`["four"]`), driver.Flags{}); err != nil {
		t.Errorf("Emit to a client that is away: %v", err)
	}
	want(t, "volatile Emit to a client that is away", m.Emit(event(`["five"]`), driver.Flags{Volatile: true}), driver.ErrClosed)

	c = dialRaw(t, s)
	again := c.joinSession(fmt.Sprintf(`{"pid":%q,"offset":%q,"token":"secret"}`, known.PID, offset))
	known.wantContinued(t, again, true)
	c.offset(`51-["two",{"_placeholder":true,"num":0}]`)
	want(t, "attachment", c.next(), "bbytes")
	c.offset(`2["three"]`)
	offset = c.offset(`2["four"]`)
	back := a.member(t, 1)
	want(t, "what it continues", back.Recovered().Local, driver.SocketHandler(m))
	want(t, "rooms", fmt.Sprint(back.Rooms()), fmt.Sprint([]string{known.SID, "room"}))
	want(t, "auth", string(back.Handshake().Auth), `{"token":"secret"}`)

	broadcastTo(t, ns, event(`["live"]`), "room")
	c.offset(`2["live"]`)
	c.send(`2["alive"]`)
	c.offset(`2["alive"]`)
	c.cut()
	back.wantLog(t, "connected", `alive ["alive"]`, "disconnected: transport close [own room]")
	c = dialRaw(t, s)
	known.wantContinued(t, c.joinSession(known.auth(offset)), true) // a second time, and not all was received
	c.offset(`2["live"]`)
	c.offset(`2["alive"]`)
}

func TestClientThatReceivedNothingContinues(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{}
	ns := s.serve("/", a)
	broadcastTo(t, ns, event(`["before"]`))
	c := dialRaw(t, s)
	known := c.joinSession("")
	m := a.member(t, 0)
	c.cut()
	m.wantLog(t, "connected", "disconnected: transport close [own]")
	broadcastTo(t, ns, event(`["missed"]`))
	c = dialRaw(t, s)
	known.wantContinued(t, c.joinSession(known.auth("")), true)
	c.offset(`2["missed"]`)
	want(t, "auth", a.member(t, 1).Handshake().Auth == nil, true)
}

func TestEndsThatAreContinued(t *testing.T) {
	for reason, end := range map[string]func(c *rawClient){
		"transport close":     func(c *rawClient) { c.cut() },
		"forced server close": func(c *rawClient) { c.send(`2/elsewhere,["x"]`); c.wantClosed() },
	} {
		t.Run(reason, func(t *testing.T) {
			s := newTestServer(t, recovering)
			a := &app{}
			s.serve("/", a)
			c := dialRaw(t, s)
			known := c.joinSession("")
			end(c)
			a.member(t, 0).wantLog(t, "connected", "disconnected: "+reason+" [own]")
			known.wantContinued(t, dialRaw(t, s).joinSession(known.auth("")), true)
		})
	}
}

func TestClientThatComesBackBeforeItIsMissed(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{}
	ns := s.serve("/", a)
	old := dialRaw(t, s)
	known := old.joinSession("")
	m := a.member(t, 0)
	broadcastTo(t, ns, event(`["one"]`))
	offset := old.offset(`2["one"]`)
	broadcastTo(t, ns, event(`["lost on the way"]`))
	c := dialRaw(t, s)
	known.wantContinued(t, c.joinSession(known.auth(offset)), true)
	c.offset(`2["lost on the way"]`)
	m.wantLog(t, "connected", "disconnected: transport close [own]")
	receive(t, old.closed, "the end of the old connection")
	list, err := ns.Sockets(context.Background(), driver.Target{})
	if err != nil || len(list) != 1 {
		t.Errorf("sockets: %v, %v, want one", list, err)
	}
}

func TestRoomsChangeWhileAway(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{}
	ns := s.serve("/", a)
	c := dialRaw(t, s)
	known := c.joinSession("")
	m := a.member(t, 0)
	m.Join("a", "b")
	c.cut()
	m.wantLog(t, "connected", "disconnected: transport close [own a b]")
	broadcastTo(t, ns, event(`["before"]`), "c")
	if err := ns.JoinRooms(driver.Target{Rooms: []string{"a"}}, []string{"c"}); err != nil {
		t.Fatal(err)
	}
	if err := ns.LeaveRooms(driver.Target{Rooms: []string{known.SID}}, []string{"b"}); err != nil {
		t.Fatal(err)
	}
	broadcastTo(t, ns, event(`["after"]`), "c")
	broadcastTo(t, ns, event(`["left"]`), "b")
	c = dialRaw(t, s)
	known.wantContinued(t, c.joinSession(known.auth("")), true)
	c.offset(`2["after"]`)
	want(t, "rooms", fmt.Sprint(a.member(t, 1).Rooms()), fmt.Sprint([]string{known.SID, "a", "c"}))
}

// waiting is a member that is handled for as long as it is told to.
type waiting struct {
	*app
	over chan struct{}
}

type waitingMember struct {
	driver.SocketHandler
	over chan struct{}
}

func (w waiting) Connect(ctx context.Context, s driver.Socket) (driver.SocketHandler, error) {
	h, err := w.app.Connect(ctx, s)
	return waitingMember{h, w.over}, err
}

func (m waitingMember) Wait(ctx context.Context) error {
	select {
	case <-m.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestHandlersOfTheSocketBeforeComeFirst(t *testing.T) {
	for _, inTime := range []bool{true, false} {
		o := &RecoveryOptions{PredecessorTimeout: patience}
		if !inTime {
			o.PredecessorTimeout = time.Millisecond
		}
		s := newTestServer(t, Options{Recovery: o})
		a := waiting{&app{}, make(chan struct{})}
		if _, err := s.Namespace("/", a); err != nil {
			t.Fatal(err)
		}
		c := dialRaw(t, s)
		known := c.joinSession("")
		m := a.member(t, 0)
		c.cut()
		m.wantLog(t, "connected", "disconnected: transport close [own]")
		c = dialRaw(t, s)
		c.send("0" + known.auth(""))
		if inTime {
			time.Sleep(20 * time.Millisecond) // so that a server that doesn't wait is found out
			want(t, "answers before the handlers are done", len(c.frames), 0)
			close(a.over)
		}
		var again knownSession
		if err := json.Unmarshal([]byte(strings.TrimPrefix(c.next(), "40")), &again); err != nil {
			t.Fatal(err)
		}
		known.wantContinued(t, again, inTime)
	}
}
