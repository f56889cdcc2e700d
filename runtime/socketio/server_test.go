package socketio

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

func TestClientJoinsTheMainNamespace(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	s.serve("/", a)
	c := dialRaw(t, s)
	sid := c.join("/")
	m := a.member(t, 0)
	want(t, "id", m.ID(), sid)
	m.wantLog(t, "connected")
	if len(sid) < 20 {
		t.Errorf("session id %q has too few random bits", sid)
	}
}

func TestHandshakeShowsTheFirstRequestAndAuth(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	s.serve("/", a)
	s.serve("/admin", a)
	c := dialRaw(t, s)
	c.send(`0{"token":"123"}`)
	c.next()
	h := a.member(t, 0).Handshake()
	want(t, "auth", string(h.Auth), `{"token":"123"}`)
	want(t, "query", h.Query.Get("who"), "test")
	want(t, "url", h.URL, "/socket.io/?EIO=4&transport=websocket&who=test")
	want(t, "upgrade header", strings.ToLower(h.Header.Get("Upgrade")), "websocket")
	want(t, "secure", h.Secure, false)
	if h.RemoteAddr == "" || h.Time.IsZero() {
		t.Errorf("handshake without address or time: %+v", h)
	}
	c.join("/admin")
	if auth := a.member(t, 1).Handshake().Auth; auth != nil {
		t.Errorf("auth of a CONNECT without payload: %q, want nil", auth)
	}
}

func TestNamespacesShareAConnectionAndHaveIDsOfTheirOwn(t *testing.T) {
	s := newTestServer(t, Options{})
	main, admin := &app{event: echo}, &app{event: echo}
	s.serve("/", main)
	s.serve("admin", admin)
	c := dialRaw(t, s)
	if c.join("/") == c.join("/admin") {
		t.Error("two namespaces have the same session id")
	}
	c.wantAlive("/")
	c.wantAlive("/admin")
	admin.member(t, 0).wantLog(t, "connected", `alive ["alive"]`)
}

func TestQueryOfANamespaceIsNoPartOfItsName(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	s.serve("/admin", a)
	c := dialRaw(t, s)
	c.send("0/admin?token=1,{}")
	if got := c.next(); !strings.HasPrefix(got, `40/admin,{"sid":`) {
		t.Fatalf("answer: %s", got)
	}
}

func TestUnknownNamespaceIsRefused(t *testing.T) {
	s := newTestServer(t, Options{})
	s.serve("/", &app{event: echo})
	c := dialRaw(t, s)
	c.send("0/random,")
	c.want(`4/random,{"message":"Invalid namespace"}`)
	c.join("/")
	c.wantAlive("/")
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"with a message", errors.New("no \"entry\""), `4{"message":"no \"entry\""}`},
		{"with data", &driver.RefusedError{Message: "denied", Data: []byte(`{"code":401}`)}, `4{"message":"denied","data":{"code":401}}`},
		{"with data that is no JSON", &driver.RefusedError{Message: "denied", Data: []byte(`{`)}, `4{"message":"denied"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newTestServer(t, Options{})
			s.serve("/", &app{connect: func(context.Context, driver.Socket) error { return test.err }})
			c := dialRaw(t, s)
			c.send("0")
			c.want(test.want)
			c.send("0") // and it may try again
			c.want(test.want)
		})
	}
}

func TestConnectionWithoutANamespaceIsClosed(t *testing.T) {
	const soon = 30 * time.Millisecond
	t.Run("when none was ever joined", func(t *testing.T) {
		s := newTestServer(t, Options{ConnectTimeout: soon})
		s.serve("/", &app{})
		dialRaw(t, s).wantClosed()
	})
	t.Run("when the middleware takes longer than that", func(t *testing.T) {
		s := newTestServer(t, Options{ConnectTimeout: soon})
		ended := make(chan struct{})
		a := &app{connect: func(ctx context.Context, _ driver.Socket) error {
			<-ctx.Done()
			close(ended)
			return nil
		}}
		s.serve("/", a)
		c := dialRaw(t, s)
		c.send("0")
		c.wantClosed()
		receive(t, ended, "the end of the middleware's context")
		want(t, "sockets that were connected", len(a.members), 0)
	})
	t.Run("when the last one was left", func(t *testing.T) {
		s := newTestServer(t, Options{ConnectTimeout: soon})
		s.serve("/", &app{})
		c := dialRaw(t, s)
		c.join("/")
		c.send("1")
		c.wantClosed()
	})
	t.Run("but not when one is joined", func(t *testing.T) {
		s := newTestServer(t, Options{ConnectTimeout: soon})
		s.serve("/", &app{event: echo})
		c := dialRaw(t, s)
		c.join("/")
		time.Sleep(3 * soon)
		c.wantAlive("/")
	})
}

func TestPacketsThatEndTheConnection(t *testing.T) {
	deep := `2["x",` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "]"
	tests := []struct {
		name   string
		send   []string
		reason string
	}{
		{"nothing at all", []string{""}, "parse error"},
		{"unknown type", []string{"7"}, "parse error"},
		{"a letter as type", []string{"abc"}, "parse error"},
		{"no number of attachments", []string{`5-["x"]`}, "parse error"},
		{"attachments that are no number", []string{`5x-["x"]`}, "parse error"},
		{"no attachments in a binary packet", []string{`50-["x"]`}, "parse error"},
		{"attachments without a dash", []string{`51["x"]`}, "parse error"},
		{"more attachments than allowed", []string{`51001-["x"]`}, "parse error"},
		{"a million attachments", []string{`51000000-["x"]`}, "parse error"},
		{"more digits of attachments than a number has", []string{"5" + strings.Repeat("9", 100) + `-["x"]`}, "parse error"},
		{"binary that nothing announced", []string{"b\x01"}, "parse error"},
		{"text while attachments are missing", []string{`51-["x",{"_placeholder":true,"num":0}]`, `2["y"]`}, "parse error"},
		{"a placeholder out of range", []string{`51-["x",{"_placeholder":true,"num":1}]`}, "parse error"},
		{"a placeholder twice", []string{`52-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]`}, "parse error"},
		{"an attachment without a placeholder", []string{`51-["x"]`}, "parse error"},
		{"an ack id that is no number", []string{`2abc["x"]`}, "parse error"},
		{"an ack id beyond 2^53", []string{`29007199254740992["x"]`}, "parse error"},
		{"an endless ack id", []string{"2" + strings.Repeat("9", 1000) + `["x"]`}, "parse error"},
		{"an event without payload", []string{"2"}, "parse error"},
		{"an event that is no JSON", []string{`2["x"`}, "parse error"},
		{"an event followed by something", []string{`2["x"]x`}, "parse error"},
		{"an event that is an object", []string{`2{"x":1}`}, "parse error"},
		{"an event without a name", []string{"2[]"}, "parse error"},
		{"an event whose name is a number", []string{"2[1]"}, "parse error"},
		{"an event whose name is an object", []string{`2[{"toString":"x"}]`}, "parse error"},
		{"a reserved event name", []string{`2["disconnecting"]`}, "parse error"},
		{"a reserved event name with escapes", []string{`2["\u0063onnect"]`}, "parse error"},
		{"an event nested too deep", []string{deep}, "parse error"},
		{"an ack without an id", []string{"3[]"}, "parse error"},
		{"an ack without a payload", []string{"31"}, "parse error"},
		{"an ack that is no array", []string{"31{}"}, "parse error"},
		{"a disconnect with a payload", []string{"1{}"}, "parse error"},
		{"a disconnect with an ack id", []string{"15"}, "parse error"},
		{"a connect with an array", []string{"0/other,[]"}, "parse error"},
		{"a connect with a string", []string{`0/other,"x"`}, "parse error"},
		{"a connect with null", []string{`0/other,null`}, "parse error"},
		{"a connect with an ack id", []string{`0/other,1{}`}, "parse error"},
		{"a connect error from a client", []string{`4{"message":"x"}`}, "forced server close"},
		{"a second connect", []string{"0"}, "forced server close"},
		{"an event for a namespace not joined", []string{`2/other,["x"]`}, "forced server close"},
		{"an ack for a namespace not joined", []string{`3/other,1[]`}, "forced server close"},
		{"a disconnect for a namespace not joined", []string{`1/other,`}, "forced server close"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newTestServer(t, Options{})
			a := &app{}
			s.serve("/", a)
			s.serve("/other", &app{})
			c := dialRaw(t, s)
			c.join("/")
			c.send(test.send...)
			c.wantClosed()
			a.member(t, 0).wantLog(t, "connected", "disconnected: "+test.reason+" [own]")
			want(t, "invalid packets counted", s.InvalidPackets(), 1)
		})
	}
}

func TestPacketsBeforeTheAnswerEndTheConnection(t *testing.T) {
	for _, packet := range []string{`2["early"]`, "1", "30[]"} {
		t.Run(packet, func(t *testing.T) {
			s := newTestServer(t, Options{})
			entered, decided := make(chan struct{}, 2), make(chan struct{})
			a := &app{connect: func(ctx context.Context, s driver.Socket) error {
				entered <- struct{}{}
				<-ctx.Done()
				close(decided)
				return nil
			}}
			s.serve("/", a)
			c := dialRaw(t, s)
			c.send("0")
			receive(t, entered, "middleware")
			c.send(packet)
			c.wantClosed()
			receive(t, decided, "the end of the middleware")
			want(t, "sockets that were connected", len(a.members), 0)
		})
	}
}

func TestSecondConnectBeforeTheAnswerIsForTheSame(t *testing.T) {
	s := newTestServer(t, Options{})
	entered, release := make(chan struct{}, 2), make(chan struct{})
	s.serve("/", &app{event: echo, connect: func(context.Context, driver.Socket) error {
		entered <- struct{}{}
		<-release
		return nil
	}})
	s.serve("/other", &app{})
	c := dialRaw(t, s)
	c.send("0")
	receive(t, entered, "middleware")
	c.send("0", "0/unknown,")
	c.want(`4/unknown,{"message":"Invalid namespace"}`) // the second was read
	close(release)
	if answer := c.next(); !strings.HasPrefix(answer, `40{"sid":`) {
		t.Fatalf("answer: %s", answer)
	}
	c.wantAlive("/")
	want(t, "calls of the middleware too many", len(entered), 0)
}

func TestClientThatGoesWhileTheMiddlewareRunsIsForgotten(t *testing.T) {
	s := newTestServer(t, Options{})
	entered, ended := make(chan driver.Socket, 1), make(chan struct{})
	a := &app{connect: func(ctx context.Context, s driver.Socket) error {
		s.Join("room")
		entered <- s
		<-ctx.Done()
		close(ended)
		return nil
	}}
	ns := s.serve("/", a)
	c := dialRaw(t, s)
	c.send("0")
	socket := receive(t, entered, "middleware")
	c.ws.NetConn().Close()
	receive(t, ended, "the end of the middleware")
	socket.Join("another")
	if err := socket.Emit(event(`["x"]`), driver.Flags{}); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("Emit: %v, want %v", err, driver.ErrClosed)
	}
	list, _ := ns.Sockets(context.Background(), driver.Target{})
	want(t, "sockets", len(list), 0)
	want(t, "rooms", len(socket.Rooms()), 0)
}

func TestNamespacesPerConnectionAreLimited(t *testing.T) {
	s := newTestServer(t, Options{MaxNamespaces: 2})
	for _, name := range []string{"/", "/a", "/b"} {
		s.serve(name, &app{event: echo})
	}
	c := dialRaw(t, s)
	c.join("/")
	c.join("/a")
	c.send("0/b,")
	c.want(`4/b,{"message":"Too many namespaces"}`)
	c.send("1/a,")
	c.join("/b")
	c.wantAlive("/b")
}

func TestNamesOfNamespaces(t *testing.T) {
	s := newTestServer(t, Options{})
	for given, name := range map[string]string{"": "/", "chat": "/chat", "/a/b c": "/a/b c"} {
		want(t, "name", s.serve(given, &app{}).Name(), name)
	}
	for name, message := range map[string]string{
		"/":    `namespace "/": served already`,
		"chat": `namespace "/chat": served already`,
		"/a,b": `namespace "/a,b": not a namespace's name`,
		"/a?b": `namespace "/a?b": not a namespace's name`,
	} {
		_, err := s.Namespace(name, &app{})
		var ne *NamespaceError
		if !errors.As(err, &ne) {
			t.Fatalf("Namespace(%q): %v", name, err)
		}
		want(t, "error", err.Error(), message)
	}
}

func TestCloseTellsEverybody(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	s.serve("/", a)
	c := dialRaw(t, s)
	c.join("/")
	m := a.member(t, 0)
	got := make(answers, 1)
	if _, err := m.EmitAck(event(`["question"]`), driver.Flags{}, got); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	m.wantLog(t, "connected", "disconnected: server shutting down [own]")
	want(t, "pending acknowledgement", receive(t, got, "it"), "error: socket is closed")
	c.want(`20["question"]`)
	c.wantClosed()
	if _, err := s.Namespace("/late", a); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("Namespace after Close: %v, want %v", err, driver.ErrClosed)
	}
}

func TestCloseWaitsForMiddlewareUntilItsContextEnds(t *testing.T) {
	s := newTestServer(t, Options{})
	entered, release := make(chan struct{}), make(chan struct{})
	s.serve("/", &app{connect: func(context.Context, driver.Socket) error {
		close(entered)
		<-release
		return nil
	}})
	c := dialRaw(t, s)
	c.send("0")
	receive(t, entered, "middleware")
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer stop()
	if err := s.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close: %v, want %v", err, context.DeadlineExceeded)
	}
	close(release)
	if err := s.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
}
