package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

var recovering = Options{Recovery: &RecoveryOptions{}}

// knownSession is what a client knows of its session, from the answer to CONNECT.
type knownSession struct{ SID, PID string }

// joinSession sends CONNECT with an auth payload and returns the answer.
func (c *rawClient) joinSession(auth string) (s knownSession) {
	c.t.Helper()
	c.send("0" + auth)
	answer := c.next()
	if err := json.Unmarshal([]byte(strings.TrimPrefix(answer, "40")), &s); err != nil || s.SID == "" {
		c.t.Fatalf("answer to CONNECT: %s (%v)", answer, err)
	}
	return s
}

// offset checks the next event, which carries an offset, and returns that.
func (c *rawClient) offset(event string) string {
	c.t.Helper()
	frame := c.next()
	head, offset, _ := cutLast(frame)
	if head != "4"+event {
		c.t.Fatalf("frame: got %s, want %s with an offset", frame, event)
	}
	return offset
}

func cutLast(frame string) (head, last string, ok bool) {
	i := strings.LastIndex(frame, `,"`)
	if i < 0 || !strings.HasSuffix(frame, `"]`) {
		return frame, "", false
	}
	return frame[:i] + "]", frame[i+2 : len(frame)-2], true
}

// cut ends the connection as a lost network does.
func (c *rawClient) cut() {
	c.ws.NetConn().Close()
	<-c.closed
}

func (s knownSession) auth(offset string) string {
	if offset == "" {
		return fmt.Sprintf(`{"pid":%q}`, s.PID)
	}
	return fmt.Sprintf(`{"pid":%q,"offset":%q}`, s.PID, offset)
}

func (s knownSession) wantContinued(t *testing.T, again knownSession, continued bool) {
	t.Helper()
	want(t, "continued", again == s, continued)
	want(t, "one id without the other", again.SID == s.SID || again.PID == s.PID, continued)
}

// broadcastTo broadcasts an event to rooms, or to all.
func broadcastTo(t *testing.T, ns driver.Namespace, p driver.Payload, rooms ...string) {
	t.Helper()
	if err := ns.Broadcast(driver.Target{Rooms: rooms}, p); err != nil {
		t.Fatal(err)
	}
}

func TestClientContinuesWhereItWas(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{event: echo}
	ns := s.serve("/", a)
	c := dialRaw(t, s)
	known := c.joinSession(`{"token":"secret"}`)
	want(t, "length of the pid", len(known.PID), pidLength)
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
		"an invalid packet":               func(c *rawClient, _ *member) { c.send("9") },
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

func TestRecoveryForgetsWhatIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecovery(RecoveryOptions{}, engineio.ServerOptions{})
		x := &session{pid: newPID(r.mark), namespace: "/", id: "id"}
		s := &socket{id: "id", ns: &namespace{name: "/"}, handler: &member{}}
		if _, ok := r.admitted(s, x, 0, nil); !ok {
			t.Fatal("not admitted")
		}
		r.record("/", driver.Target{}, event(`["x"]`))
		r.released(s, x, true, "ping timeout")
		want(t, "known while away", r.knows(x), true)
		time.Sleep(r.o.MaxDisconnection + r.pace() + time.Second)
		want(t, "known later", r.knows(x), false)
		r.mu.Lock()
		want(t, "events before the end was noticed are kept longer", len(r.log.entries), 1)
		r.mu.Unlock()
		time.Sleep(r.keep)
		r.mu.Lock()
		defer r.mu.Unlock()
		want(t, "events", len(r.log.entries), 0)
		want(t, "bytes", r.log.bytes, 0)
		want(t, "the sweeper rests", r.sweeper == nil, true)
	})
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

func TestRecoveryThatIsOffCostsNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	s := NewServer(Options{})
	defer s.Close(context.Background())
	ns, err := s.Namespace("/", &app{})
	if err != nil {
		t.Fatal(err)
	}
	m := &socket{ns: ns.(*namespace), conn: &serverConn{server: s, conn: packetConn{conn: nowhere{}}}}
	m.state.Store(stateJoined)
	p := event(`["x",1]`)
	want(t, "recovery", s.recovery == nil && m.Recovered() == nil, true)
	want(t, "allocations of Emit", testing.AllocsPerRun(1000, func() { _ = m.Emit(p, driver.Flags{}) }), 0)
}

func TestSplitAuth(t *testing.T) {
	pid, offset := newPID("abcdefgh"), "abcdefgh.1z"
	tests := []struct{ payload, auth, pid, offset string }{
		{``, ``, "", ""},
		{`{}`, `{}`, "", ""},
		{`{"token":"x"}`, `{"token":"x"}`, "", ""},
		{`{"pid":"` + pid + `"}`, ``, pid, ""},
		{`{"pid":"` + pid + `","offset":"` + offset + `"}`, ``, pid, offset},
		{`{"pid":"` + pid + `","offset":"` + offset + `","token":"x"}`, `{"token":"x"}`, pid, offset},
		{`{"pid":"` + pid + `","offset":7}`, `{"offset":7}`, pid, noOffset},
		{`{"pid":"` + pid + `","offset":"mine"}`, `{"offset":"mine"}`, pid, noOffset},
		{`{"pid":"` + pid + `","offset":""}`, `{"offset":""}`, pid, noOffset},
		{`{"pid":"mine","offset":"mine"}`, `{"pid":"mine","offset":"mine"}`, "", ""},
		{`{"pid":7}`, `{"pid":7}`, "", ""},
		{`{"pid":null}`, `{"pid":null}`, "", ""},
	}
	for _, test := range tests {
		auth, got := splitAuth([]byte(test.payload))
		if string(auth) != test.auth || got != (ticket{test.pid, test.offset}) {
			t.Errorf("%s: got %s, %+v", test.payload, auth, got)
		}
	}
}

// TestOffsetsAscend: a client's last offset stands for all that came before it only
// if what is noted first is also queued first.
func TestOffsetsAscend(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{}
	ns := s.serve("/", a)
	c := dialRaw(t, s)
	c.joinSession("")
	m := a.member(t, 0)
	const senders, each = 8, 300
	for i := range senders {
		go func() {
			for range each {
				var err error
				if i%2 == 0 {
					err = ns.Broadcast(driver.Target{}, event(`["x"]`))
				} else {
					err = m.Emit(event(`["x"]`), driver.Flags{})
				}
				if err != nil {
					t.Errorf("sending: %v", err)
				}
			}
		}()
	}
	last := uint64(0)
	for range senders * each {
		number, ok := parseOffset(s.recovery.mark, c.offset(`2["x"]`))
		if !ok || number != last+1 {
			t.Fatalf("offset %d, %t after %d", number, ok, last)
		}
		last = number
	}
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
