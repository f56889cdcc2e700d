package socketio

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

func TestWhoIsNotContinued(t *testing.T) {
	few := &RecoveryOptions{MaxPackets: 2}
	tests := []struct {
		name    string
		options *RecoveryOptions
		// between happens while the client is away; it returns the ticket to be shown.
		between func(t *testing.T, s *testServer, ns driver.Namespace, m *member, known knownSession, offset string) string
	}{
		{"unknown pid", nil, func(_ *testing.T, s *testServer, _ driver.Namespace, _ *member, _ knownSession, offset string) string {
			return knownSession{PID: newPID(s.recovery.mark)}.auth(offset)
		}},
		{"pid of another server", nil, func(_ *testing.T, _ *testServer, _ driver.Namespace, _ *member, _ knownSession, offset string) string {
			return knownSession{PID: newPID(newMark())}.auth(offset)
		}},
		{"offset of another server", nil, func(_ *testing.T, _ *testServer, _ driver.Namespace, _ *member, known knownSession, _ string) string {
			return known.auth(newMark() + ".1")
		}},
		{"offset hidden by an auth field", nil, func(_ *testing.T, _ *testServer, _ driver.Namespace, _ *member, known knownSession, _ string) string {
			return fmt.Sprintf(`{"pid":%q,"offset":7}`, known.PID)
		}},
		{"offset in the future", nil, func(_ *testing.T, s *testServer, _ driver.Namespace, _ *member, known knownSession, _ string) string {
			return known.auth(s.recovery.mark + ".zzzzzzzzzzzz")
		}},
		{"too many packets since", few, func(t *testing.T, _ *testServer, ns driver.Namespace, _ *member, known knownSession, offset string) string {
			for range 3 {
				broadcastTo(t, ns, event(`["x"]`), "elsewhere")
			}
			return known.auth(offset)
		}},
		{"too many bytes since", &RecoveryOptions{MaxBytes: 2000}, func(t *testing.T, _ *testServer, ns driver.Namespace, _ *member, known knownSession, offset string) string {
			broadcastTo(t, ns, event(`["x",{"_placeholder":true,"num":0}]`, strings.Repeat("x", 3000)), "elsewhere")
			return known.auth(offset)
		}},
		{"too many others away", &RecoveryOptions{MaxSessions: 1}, func(t *testing.T, s *testServer, _ driver.Namespace, m *member, known knownSession, offset string) string {
			c := dialRaw(t, s)
			c.joinSession("")
			other := m.app.member(t, 1)
			c.cut()
			other.wantLog(t, "connected", "disconnected: transport close [own]")
			return known.auth(offset)
		}},
		{"away for too long", &RecoveryOptions{MaxDisconnection: time.Millisecond}, func(_ *testing.T, _ *testServer, _ driver.Namespace, _ *member, known knownSession, offset string) string {
			time.Sleep(5 * time.Millisecond)
			return known.auth(offset)
		}},
		{"more missed than a client is sent at once", nil, func(t *testing.T, _ *testServer, ns driver.Namespace, _ *member, known knownSession, offset string) string {
			for range 5 {
				broadcastTo(t, ns, event(`["x",{"_placeholder":true,"num":0}]`, strings.Repeat("x", engineio.DefaultMaxQueue/8)))
			}
			return known.auth(offset)
		}},
		{"disconnected while away, by rooms", nil, func(t *testing.T, _ *testServer, ns driver.Namespace, _ *member, known knownSession, offset string) string {
			if err := ns.DisconnectSockets(driver.Target{Rooms: []string{"room"}}, true); err != nil {
				t.Fatal(err)
			}
			return known.auth(offset)
		}},
		{"disconnected while away, by its socket", nil, func(_ *testing.T, _ *testServer, _ driver.Namespace, m *member, known knownSession, offset string) string {
			m.Disconnect(false)
			return known.auth(offset)
		}},
		{"session of another namespace", nil, func(t *testing.T, s *testServer, _ driver.Namespace, _ *member, known knownSession, offset string) string {
			s.serve("/other", &app{})
			c := dialRaw(t, s)
			c.send("0/other," + known.auth(offset))
			if answer := c.next(); strings.Contains(answer, known.PID) || strings.Contains(answer, known.SID) {
				t.Errorf("continued in another namespace: %s", answer)
			}
			return known.auth(newMark() + ".1")
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := test.options
			if o == nil {
				o = &RecoveryOptions{}
			}
			s := newTestServer(t, Options{Recovery: o})
			a := &app{event: echo}
			ns := s.serve("/", a)
			c := dialRaw(t, s)
			known := c.joinSession("")
			m := a.member(t, 0)
			m.Join("room")
			broadcastTo(t, ns, event(`["one"]`))
			offset := c.offset(`2["one"]`)
			c.cut()
			m.wantLog(t, "connected", "disconnected: transport close [own room]")
			show := test.between(t, s, ns, m, known, offset)
			c = dialRaw(t, s)
			known.wantContinued(t, c.joinSession(show), false)
			c.send(`2["alive"]`)
			c.offset(`2["alive"]`) // and nothing before it
		})
	}
}

func TestWhoLeftOnPurposeIsNotContinued(t *testing.T) {
	for name, leave := range map[string]func(c *rawClient, m *member){
		"the client leaves the namespace": func(c *rawClient, _ *member) { c.send("1"); c.send("0") },
		"the server disconnects":          func(_ *rawClient, m *member) { m.Disconnect(false) },
		"the server closes":               func(_ *rawClient, m *member) { m.Disconnect(true) },
		"what is no packet":               func(c *rawClient, _ *member) { c.send("9") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestServer(t, recovering)
			a := &app{}
			s.serve("/", a)
			c := dialRaw(t, s)
			known := c.joinSession("")
			m := a.member(t, 0)
			leave(c, m)
			m.wantLog(t, "connected")
			receive(t, m.log, "the end")
			want(t, "Emit afterwards", m.Emit(event(`["x"]`), driver.Flags{}), driver.ErrClosed)
			c = dialRaw(t, s)
			known.wantContinued(t, c.joinSession(known.auth("")), false)
		})
	}
}

func TestMiddlewareThatRefusesLeavesTheSession(t *testing.T) {
	s := newTestServer(t, recovering)
	refuse := false
	a := &app{connect: func(context.Context, driver.Socket) error {
		if refuse {
			return errors.New("not now")
		}
		return nil
	}}
	ns := s.serve("/", a)
	c := dialRaw(t, s)
	known := c.joinSession("")
	m := a.member(t, 0)
	c.cut()
	m.wantLog(t, "connected", "disconnected: transport close [own]")
	broadcastTo(t, ns, event(`["missed"]`))
	refuse = true
	c = dialRaw(t, s)
	c.send("0" + known.auth(""))
	c.want(`4{"message":"not now"}`)
	refuse = false
	known.wantContinued(t, c.joinSession(known.auth("")), true)
	c.offset(`2["missed"]`)
}

func TestCloseForgetsSessions(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{}
	ns := s.serve("/", a)
	dialRaw(t, s).joinSession("")
	a.member(t, 0)
	broadcastTo(t, ns, event(`["x"]`))
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	want(t, "sessions", len(s.recovery.sessions)+s.recovery.away.Len()+len(s.recovery.log.entries), 0)
}
