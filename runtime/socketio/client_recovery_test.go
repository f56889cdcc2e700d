package socketio

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

// yeast makes an offset as the reference server does.
func yeast(at time.Time) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
	text := ""
	for ms := at.UnixMilli(); ms > 0; ms /= 64 {
		text = string(digits[ms%64]) + text
	}
	return text
}

func TestClientTellsOffsetsFromArguments(t *testing.T) {
	now := time.Now()
	ours := newPID("abcdefgh")
	const theirs = "dCkf7Q2wV1S3bX9kAAAB"
	stream, object := fmt.Sprintf("%d-0", now.UnixMilli()), fmt.Sprintf("%08x0123456789abcdef", now.Unix())
	tests := []struct {
		name, pid, json string
		ackID           int64
		wantJSON        string // "" is json as it is
		wantOffset      string
	}{
		{"ours", ours, `["x",1,"abcdefgh.1z"]`, driver.NoAck, `["x",1]`, "abcdefgh.1z"},
		{"ours, no argument", ours, `["x","abcdefgh.1z"]`, driver.NoAck, `["x"]`, "abcdefgh.1z"},
		{"ours, with spaces", ours, `[ "x" , 1 , "abcdefgh.1z" ] `, driver.NoAck, `[ "x" , 1 ]`, "abcdefgh.1z"},
		{"ours, another string", ours, `["x","abcdefgg.1z"]`, driver.NoAck, "", ""},
		{"ours, an event of that name", ours, `["abcdefgh.1z"]`, driver.NoAck, "", ""},
		{"ours, with a wish for an answer", ours, `["x","abcdefgh.1z"]`, 7, "", ""},
		{"no session", "", `["x","abcdefgh.1z"]`, driver.NoAck, "", ""},
		{"reference", theirs, `["x","` + yeast(now) + `"]`, driver.NoAck, `["x"]`, yeast(now)},
		{"reference, in the same millisecond", theirs, `["x",{},"` + yeast(now) + `.1"]`, driver.NoAck, `["x",{}]`, yeast(now) + ".1"},
		{"reference, a text of that length", theirs, `["x","quality"]`, driver.NoAck, "", "quality"},
		{"reference, another year", theirs, `["x","` + yeast(now.AddDate(-1, 0, 0)) + `"]`, driver.NoAck, "", yeast(now.AddDate(-1, 0, 0))},
		{"reference over Redis", theirs, `["x","` + stream + `"]`, driver.NoAck, `["x"]`, stream},
		{"reference over MongoDB", theirs, `["x","` + object + `"]`, driver.NoAck, `["x"]`, object},
		{"reference, a form of its own", theirs, `["x",1,"00.17/a"]`, driver.NoAck, "", "00.17/a"},
		{"reference, not a string", theirs, `["x","a",1]`, driver.NoAck, "", ""},
		{"reference, a quote in the string", theirs, `["x","a\",b"]`, driver.NoAck, "", ""},
		{"reference, a backslash", theirs, `["x","a\\b"]`, driver.NoAck, "", ""},
		{"reference, a string in a list", theirs, `["x",["a"]]`, driver.NoAck, "", ""},
		{"reference, an empty string", theirs, `["x",""]`, driver.NoAck, "", ""},
	}
	for _, test := range tests {
		c := clientRecovery{ticket: ticket{pid: test.pid}}
		r := received{packet: packet{json: []byte(test.json), ackID: test.ackID}}
		wantJSON := test.wantJSON
		if wantJSON == "" {
			wantJSON = test.json
		}
		if got := c.strip(r); string(got.json) != wantJSON || c.offset != test.wantOffset {
			t.Errorf("%s: got %s, offset %q; want %s, %q", test.name, got.json, c.offset, wantJSON, test.wantOffset)
		}
	}
}

func TestOnceOffsetsAreKnownOtherStringsAreNone(t *testing.T) {
	c := clientRecovery{ticket: ticket{pid: "theirs"}}
	offset := yeast(time.Now())
	for _, json := range []string{`["x","` + offset + `"]`, `["volatile","hello"]`} {
		c.strip(received{packet: packet{json: []byte(json), ackID: driver.NoAck}})
	}
	want(t, "offset", c.offset, offset)
}

func FuzzClientStrip(f *testing.F) {
	for _, json := range []string{`["x","abcdefgh.1z"]`, `["x"]`, `[ "x" , "a" ]`, `["\",\"a"]`, `"]`, `]`, ``} {
		f.Add([]byte(json))
	}
	pid := newPID("abcdefgh")
	f.Fuzz(func(t *testing.T, json []byte) {
		d := decoder{limits: Limits{}.withDefaults()}
		for _, pid := range []string{pid, "theirs"} {
			p := packet{typ: typeEvent, json: append([]byte(nil), json...), ackID: driver.NoAck}
			_, before := d.check(&p)
			c := clientRecovery{ticket: ticket{pid: pid}}
			r := c.strip(received{packet: p})
			if before != nil {
				continue
			}
			if _, err := d.check(&r.packet); err != nil {
				t.Errorf("%s became %s: %v", json, r.json, err)
			}
		}
	})
}

func FuzzSplitAuth(f *testing.F) {
	pid := newPID("abcdefgh")
	f.Add([]byte(`{"pid":"` + pid + `","offset":"abcdefgh.1","token":"x"}`))
	f.Add([]byte(`{"pid":1}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		auth, shown := splitAuth(payload)
		if shown.pid == "" {
			return
		}
		again, second := splitAuth(joinAuth(auth, shown))
		if string(again) != string(auth) || second != shown {
			t.Errorf("%s: %s and %+v, then %s and %+v", payload, auth, shown, again, second)
		}
	})
}

func TestJoinAuth(t *testing.T) {
	shown := ticket{"p", "o"}
	tests := []struct {
		auth string
		t    ticket
		want string
	}{
		{``, ticket{}, ``},
		{`{"a":1}`, ticket{}, `{"a":1}`},
		{``, shown, `{"pid":"p","offset":"o"}`},
		{`{}`, shown, `{"pid":"p","offset":"o"}`},
		{` { } `, shown, `{"pid":"p","offset":"o"}`},
		{`{"a":1}`, shown, `{"pid":"p","offset":"o","a":1}`},
		{`{"a":1}`, ticket{pid: "p"}, `{"pid":"p","a":1}`},
		{`[1]`, shown, `[1]`},
	}
	for _, test := range tests {
		want(t, test.auth, string(joinAuth([]byte(test.auth), test.t)), test.want)
	}
}

// returning is a client's namespace that notes whether its session was continued.
type returning struct{ userHandler }

func (r returning) Connected(recovered bool) {
	r.log <- fmt.Sprintf("connected, recovered: %t", recovered)
}

func joinReturning(t *testing.T, c *Client, u *user) *user {
	t.Helper()
	u.log = make(chan string, 10_000)
	s, err := c.Namespace("/", returning{userHandler{u}})
	if err != nil {
		t.Fatal(err)
	}
	u.ClientSocket = s
	connectAgain(t, u)
	u.wantLog(t, "connected, recovered: false")
	return u
}

func connectAgain(t *testing.T, u *user) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if err := u.Connect(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestOurClientContinuesItsSession(t *testing.T) {
	tests := []struct {
		transports []string
		parser     Parser
	}{
		{[]string{"websocket"}, ParserDefault},
		{[]string{"polling"}, ParserDefault},
		{[]string{"polling", "websocket"}, ParserDefault},
		{[]string{"websocket"}, ParserMsgpack},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.transports, test.parser), func(t *testing.T) {
			s := newTestServer(t, Options{Recovery: &RecoveryOptions{}, Parser: test.parser})
			a := &app{}
			ns := s.serve("/", a)
			p := newProxy(t, s.url)
			o := quick
			o.Engine.Transports, o.Parser = test.transports, test.parser
			u := joinReturning(t, newTestClient(t, p.url(), o), &user{auth: func(context.Context) ([]byte, error) { return []byte(`{"token":"x"}`), nil }})
			m := a.member(t, 0)
			id := u.ID()
			m.Join("room")
			broadcastTo(t, ns, event(`["one"]`))
			u.wantLog(t, `one ["one"]`)
			for round := 1; round <= 3; round++ {
				p.to("")
				p.cut() // the server may notice or not
				if line := receive(t, u.log, "the end"); !strings.HasPrefix(line, "disconnected: ") {
					t.Fatal(line) // a client on polling may have been between two requests
				}
				broadcastTo(t, ns, event(fmt.Sprintf(`["missed",%d,{"_placeholder":true,"num":0}]`, round), "bytes"), "room")
				p.to(s.url)
				for line := ""; line != "connected, recovered: true"; {
					line = receive(t, u.log, "the recovery")
				}
				u.wantLog(t, fmt.Sprintf(`missed ["missed",%d,{"_placeholder":true,"num":0}] ["bytes"]`, round))
				want(t, "id", u.ID(), id)
				m = a.member(t, round)
				want(t, "auth", string(m.Handshake().Auth), `{"token":"x"}`)
			}
		})
	}
}

func TestOurClientForgetsASessionThatIsOver(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{}
	s.serve("/", a)
	u := joinReturning(t, newTestClient(t, s.url, quick), &user{})
	a.member(t, 0) // the client may have the answer before the application is told
	if err := u.Disconnect(); err != nil {
		t.Fatal(err)
	}
	u.wantLog(t, "disconnected: io client disconnect")
	want(t, "pid", u.ClientSocket.(*clientSocket).session.pid, "")
	connectAgain(t, u)
	u.wantLog(t, "connected, recovered: false")
	a.member(t, 1).Disconnect(false)
	u.wantLog(t, "disconnected: io server disconnect")
	connectAgain(t, u)
	u.wantLog(t, "connected, recovered: false")
	want(t, "sockets that continue another", a.member(t, 2).Recovered() == nil, true)
}

func TestOurClientWithoutReconnectionContinuesWhenTold(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{}
	s.serve("/", a)
	p := newProxy(t, s.url)
	o := quick
	o.NoReconnection = true
	u := joinReturning(t, newTestClient(t, p.url(), o), &user{})
	p.cut()
	u.wantLog(t, "disconnected: transport close")
	connectAgain(t, u)
	u.wantLog(t, "connected, recovered: true")
}
