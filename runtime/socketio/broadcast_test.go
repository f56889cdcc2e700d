package socketio

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/siogen/siogen/runtime/driver"
)

func TestBroadcastReachesItsTargetOnce(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{event: echo}
	ns := s.serve("/", a)
	clients := make([]*rawClient, 4)
	ids := make([]string, 4)
	for i, rooms := range [][]string{{"a"}, {"a", "b"}, {"b", "c"}, {}} {
		var m *member
		clients[i], m = joined(t, s, a)
		m.Join(rooms...)
		ids[i] = m.ID()
	}
	many := make([]string, 0, 20)
	for i := range 20 {
		many = append(many, string(rune('a'+i)))
	}
	tests := []struct {
		name          string
		rooms, except []string
		want          []int
	}{
		{"everybody", nil, nil, []int{0, 1, 2, 3}},
		{"a room", []string{"a"}, nil, []int{0, 1}},
		{"a room twice", []string{"a", "a"}, nil, []int{0, 1}},
		{"several rooms", []string{"a", "b", "c"}, nil, []int{0, 1, 2}},
		{"very many rooms", many, []string{"c"}, []int{0, 1}},
		{"a room that nobody is in", []string{"z"}, nil, nil},
		{"a socket's own room", []string{ids[3]}, nil, []int{3}},
		{"all but a room", nil, []string{"b"}, []int{0, 3}},
		{"all but a socket", nil, []string{ids[0]}, []int{1, 2, 3}},
		{"a room but another", []string{"a"}, []string{"b", "z"}, []int{0}},
		{"rooms but a socket", []string{"a", "b"}, []string{ids[1]}, []int{0, 2}},
		{"a room but itself", []string{"a"}, []string{"a"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			target := driver.Target{Rooms: test.rooms, Except: test.except}
			if err := ns.Broadcast(target, event(`["news",{"_placeholder":true,"num":0}]`, test.name)); err != nil {
				t.Fatal(err)
			}
			for i, c := range clients {
				c.t = t
				if slices.Contains(test.want, i) {
					c.want(`51-["news",{"_placeholder":true,"num":0}]`, "b"+test.name)
				}
				c.wantAlive("/")
			}
			list, err := ns.Sockets(context.Background(), target)
			if err != nil {
				t.Fatal(err)
			}
			var found []int
			for _, remote := range list {
				found = append(found, slices.Index(ids, remote.ID))
				if !slices.Contains(remote.Rooms, remote.ID) || remote.Handshake == nil || remote.Local.(*member).ID() != remote.ID {
					t.Errorf("incomplete: %+v", remote)
				}
			}
			slices.Sort(found)
			want(t, "Sockets", fmt.Sprint(found), fmt.Sprint(test.want))
		})
	}
}

func TestBroadcastInANamespaceStaysThere(t *testing.T) {
	s := newTestServer(t, Options{})
	a, admin := &app{event: echo}, &app{}
	s.serve("/", a)
	ns := s.serve("/admin", admin)
	c, m := joined(t, s, a)
	m.Join("room")
	c.join("/admin")
	admin.member(t, 0).wantLog(t, "connected")
	admin.member(t, 0).Join("room")
	if err := ns.Broadcast(driver.Target{Rooms: []string{"room"}}, event(`["x"]`)); err != nil {
		t.Fatal(err)
	}
	c.want(`2/admin,["x"]`)
	c.wantAlive("/")
}

// collected is a BroadcastAckWaiter that notes what it gets.
type collected chan string

func (c collected) Acked(id string, p driver.Payload) {
	if c != nil {
		c <- fmt.Sprintf("%s %s %q", id, p.JSON, p.Attachments)
	}
}

func (c collected) Gone(id string) {
	if c != nil {
		c <- id + " gone"
	}
}

func TestBroadcastWithAcknowledgements(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	ns := s.serve("/", a)
	first, m1 := joined(t, s, a)
	second, m2 := joined(t, s, a)
	third, m3 := joined(t, s, a)
	m1.Join("room")
	m2.Join("room")
	_ = m3
	got := make(collected, 10)
	asked, cancel, err := ns.BroadcastAck(t.Context(), driver.Target{Rooms: []string{"room"}}, event(`["q"]`), got)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(asked)
	all := []string{m1.ID(), m2.ID()}
	slices.Sort(all)
	want(t, "asked", strings.Join(asked, " "), strings.Join(all, " "))
	first.want(`20["q"]`)
	second.want(`20["q"]`)
	third.send(`30["not asked"]`)
	first.send(`30[1]`, `30["again"]`)
	want(t, "first answer", receive(t, got, "an answer"), m1.ID()+` [1] []`)
	second.send(`61-0[{"_placeholder":true,"num":0}]`, "bx")
	want(t, "second answer", receive(t, got, "an answer"), m2.ID()+` [{"_placeholder":true,"num":0}] ["x"]`)
	cancel()

	_, cancel, _ = ns.BroadcastAck(t.Context(), driver.Target{}, event(`["q"]`), got)
	first.want(`21["q"]`)
	cancel()
	first.send(`31["too late"]`, `2["last"]`)
	m1.wantLog(t, `last ["last"]`)
	want(t, "answers too many", len(got), 0)
	want(t, "broadcasts still waited for", len(ns.(*namespace).broadcasts.waiting), 0)
}

func TestASocketThatDisconnectsDoesNotAnswer(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	ns := s.serve("/", a)
	first, m1 := joined(t, s, a)
	second, m2 := joined(t, s, a)
	got := make(collected, 10)
	asked, cancel, err := ns.BroadcastAck(t.Context(), driver.Target{}, event(`["q"]`), got)
	if err != nil || len(asked) != 2 {
		t.Fatalf("asked %q, %v", asked, err)
	}
	defer cancel()
	first.want(`20["q"]`)
	first.send("1")
	want(t, "of the first", receive(t, got, "the end of the first"), m1.ID()+" gone")
	second.send(`30[1]`, "1")
	want(t, "of the second", receive(t, got, "an answer"), m2.ID()+" [1] []")
	m2.wantLog(t, "disconnected: client namespace disconnect [own]")
	want(t, "calls after the answer", len(got), 0)
}

// TestNoBroadcastWaitsForASocketThatHasEnded has sockets end while they are asked.
func TestNoBroadcastWaitsForASocketThatHasEnded(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	ns := s.serve("/", a)
	for range 50 {
		c, _ := joined(t, s, a)
		got := make(collected, 10)
		go c.ws.NetConn().Close()
		asked, cancel, err := ns.BroadcastAck(t.Context(), driver.Target{}, event(`["q"]`), got)
		if err != nil {
			t.Fatal(err)
		}
		for range asked {
			receive(t, got, "the end of a socket")
		}
		cancel()
	}
}

func TestOperationsOnTheSocketsOfATarget(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	ns := s.serve("/", a)
	c1, m1 := joined(t, s, a)
	c2, m2 := joined(t, s, a)
	rooms := func(m *member) string {
		r := slices.DeleteFunc(m.Rooms(), func(r string) bool { return r == m.ID() })
		slices.Sort(r)
		return fmt.Sprint(r)
	}
	all := driver.Target{}
	if err := ns.JoinRooms(all, []string{"a", "b"}); err != nil {
		t.Fatal(err)
	}
	if err := ns.LeaveRooms(driver.Target{Rooms: []string{m2.ID()}}, []string{"a"}); err != nil {
		t.Fatal(err)
	}
	want(t, "rooms of the first", rooms(m1), "[a b]")
	want(t, "rooms of the second", rooms(m2), "[b]")
	if err := ns.DisconnectSockets(driver.Target{Rooms: []string{"a"}}, false); err != nil {
		t.Fatal(err)
	}
	c1.want("1")
	m1.wantLog(t, "disconnected: server namespace disconnect ["+"own a b]")
	if err := ns.DisconnectSockets(all, true); err != nil {
		t.Fatal(err)
	}
	c2.want("1")
	c2.wantClosed()
}

func TestThereAreNoOtherServers(t *testing.T) {
	s := newTestServer(t, Options{})
	ns := s.serve("/", &app{})
	asked, err := ns.ServerEmit(context.Background(), event(`["x"]`), collected(nil))
	if len(asked) != 0 || err != nil {
		t.Errorf("ServerEmit: %q, %v, want nobody", asked, err)
	}
}
