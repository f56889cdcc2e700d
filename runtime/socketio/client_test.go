package socketio

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

func TestClientConnects(t *testing.T) {
	s := newTestServer(t, Options{})
	a, admin := &app{event: echo}, &app{event: echo}
	s.serve("/", a)
	s.serve("/admin", admin)
	c := newTestClient(t, s.url, ClientOptions{})
	u := join(t, c, "/", &user{auth: func(context.Context) ([]byte, error) { return []byte(`{"token":"1"}`), nil }})
	v := join(t, c, "admin", &user{})
	want(t, "connected before", u.Connected(), false)
	want(t, "id before", u.ID(), "")
	u.mustConnect(t)
	v.mustConnect(t)
	if err := u.Connect(context.Background()); err != nil {
		t.Errorf("Connect while connected: %v", err)
	}
	m := a.member(t, 0)
	want(t, "id", u.ID(), m.ID())
	want(t, "auth", string(m.Handshake().Auth), `{"token":"1"}`)
	want(t, "connected", u.Connected() && v.Connected(), true)
	if a.member(t, 0).Socket.(*socket).conn != admin.member(t, 0).Socket.(*socket).conn {
		t.Error("two namespaces use two connections")
	}
	for _, x := range []*user{u, v} {
		if err := x.Emit(event(`["alive",1]`), driver.Flags{}); err != nil {
			t.Fatal(err)
		}
		x.wantLog(t, `alive ["alive",1]`)
	}
}

func TestClientExchangesEventsAndAcknowledgements(t *testing.T) {
	s := newTestServer(t, Options{})
	ack := func(e driver.Event) driver.Payload {
		return driver.Payload{JSON: []byte("[" + strings.SplitN(string(e.JSON), ",", 2)[1]), Attachments: e.Attachments}
	}
	a := &app{event: func(s driver.Socket, e driver.Event) { _ = s.Ack(e.AckID, ack(e)) }}
	s.serve("/", a)
	c := newTestClient(t, s.url, ClientOptions{Limits: Limits{MaxPendingAcks: 1}})
	u := join(t, c, "/", &user{event: func(u *user, e driver.Event) { _ = u.Ack(e.AckID, ack(e)) }})
	u.mustConnect(t)
	m := a.member(t, 0)
	payload := event(`["q",{"_placeholder":true,"num":0}]`, "blob")
	answer := `[{"_placeholder":true,"num":0}] ["blob"]`
	for _, side := range []driver.Emitter{u, m} {
		got := make(answers, 1)
		if _, err := side.EmitAck(payload, driver.Flags{}, got); err != nil {
			t.Fatal(err)
		}
		want(t, "answer", receive(t, got, "the answer"), answer)
	}
	u.wantLog(t, `q ["q",{"_placeholder":true,"num":0}] ["blob"] ?`)

	a.event = nil
	got := make(answers, 1)
	u.Cork()
	id, err := u.EmitAck(event(`["unanswered"]`), driver.Flags{}, got)
	u.Uncork()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.EmitAck(event(`["one too many"]`), driver.Flags{}, got); !errors.Is(err, driver.ErrTooManyAcks) {
		t.Errorf("EmitAck: %v, want %v", err, driver.ErrTooManyAcks)
	}
	if !u.CancelAck(id) || u.CancelAck(id) {
		t.Error("CancelAck: want true, then false")
	}
	if err := u.Ack(12345, event(`[]`)); !errors.As(err, new(*AckError)) {
		t.Errorf("answer that nobody asked for: %v, want an *AckError", err)
	}
}

func TestClientIsRefused(t *testing.T) {
	s := newTestServer(t, Options{})
	refuse := true
	s.serve("/", &app{connect: func(context.Context, driver.Socket) error {
		if refuse {
			return &driver.RefusedError{Message: "no", Data: []byte(`{"code":401}`)}
		}
		return nil
	}})
	c := newTestClient(t, s.url, quick)
	u := join(t, c, "/", &user{})
	lost := make(answers, 1)
	if _, err := u.EmitAck(event(`["held"]`), driver.Flags{}, lost); err != nil {
		t.Fatal(err)
	}
	err := u.Connect(context.Background())
	var refused *driver.RefusedError
	if !errors.As(err, &refused) || refused.Message != "no" || string(refused.Data) != `{"code":401}` {
		t.Fatalf("Connect: %v, want the server's refusal", err)
	}
	u.wantLog(t, `refused: no {"code":401}`)
	want(t, "acknowledgement of what was held", receive(t, lost, "it"), "error: socket is closed")
	if err := u.Emit(event(`["x"]`), driver.Flags{}); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("Emit after a refusal: %v, want %v", err, driver.ErrClosed)
	}
	refuse = false
	u.mustConnect(t) // and it was not tried meanwhile
}

func TestConnectFails(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody.Close()
	silent := newTestServer(t, Options{})
	hold := func(ctx context.Context, _ driver.Socket) error { <-ctx.Done(); return nil }
	silent.serve("/", &app{connect: hold})
	bad := func(context.Context) ([]byte, error) { return nil, errors.New("no token") }
	tests := []struct {
		name, url string
		o         ClientOptions
		auth      func(context.Context) ([]byte, error)
		timeout   time.Duration
		want      string
		log       []string
	}{
		{"nobody listens", "http://" + nobody.Addr().String(), quick, nil, patience, "connection refused", []string{"connect error"}},
		{"the context ends", silent.url, quick, nil, 20 * time.Millisecond, "deadline exceeded", nil},
		{"the server never answers", silent.url, ClientOptions{AttemptTimeout: 200 * time.Millisecond}, nil, patience, "did not answer", []string{"connect error"}},
		{"there is no auth payload", silent.url, quick, bad, patience, "no token", []string{"connect error"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newTestClient(t, test.url, test.o)
			u := join(t, c, "/", &user{auth: test.auth})
			ctx, stop := context.WithTimeout(context.Background(), test.timeout)
			defer stop()
			if err := u.Connect(ctx); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("Connect: %v, want an error with %q", err, test.want)
			}
			u.wantLog(t, test.log...)
			time.Sleep(20 * time.Millisecond)
			want(t, "calls too many: nothing is tried any more", len(u.log), 0)
			eventually(t, "the connection to be given up", func() bool { return silent.engine.Len() == 0 })
		})
	}
}

func TestURLsThatAreNoServers(t *testing.T) {
	for _, url := range []string{"", "example.com", "ftp://example.com", "http://", "http://example.com/admin", "http://%zz"} {
		if _, err := NewClient(url, ClientOptions{}); err == nil {
			t.Errorf("NewClient(%q): no error", url)
		}
	}
}

func TestClientDisconnects(t *testing.T) {
	s := newTestServer(t, Options{})
	a, admin := &app{}, &app{}
	s.serve("/", a)
	s.serve("/admin", admin)
	c := newTestClient(t, s.url, quick)
	u := join(t, c, "/", &user{})
	v := join(t, c, "/admin", &user{event: func(u *user, _ driver.Event) { u.Disconnect() }})
	u.mustConnect(t)
	v.mustConnect(t)
	got := make(answers, 1)
	if _, err := u.EmitAck(event(`["q"]`), driver.Flags{}, got); err != nil {
		t.Fatal(err)
	}
	u.Disconnect()
	u.wantLog(t, "disconnected: io client disconnect")
	want(t, "pending acknowledgement", receive(t, got, "it"), "error: socket is closed")
	a.member(t, 0).wantLog(t, "connected", `q ["q"] ?`, "disconnected: client namespace disconnect [own]")
	if err := u.Emit(event(`["x"]`), driver.Flags{}); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("Emit: %v, want %v", err, driver.ErrClosed)
	}
	want(t, "the other namespace is connected", v.Connected(), true)
	if err := admin.member(t, 0).Emit(event(`["leave"]`), driver.Flags{}); err != nil {
		t.Fatal(err)
	}
	v.wantLog(t, `leave ["leave"]`, "disconnected: io client disconnect") // from its own handler
	eventually(t, "the connection to be closed", func() bool { return s.engine.Len() == 0 })
	want(t, "calls too many", len(u.log)+len(v.log), 0)
	u.mustConnect(t)
}

func TestServerDisconnectsTheClient(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	s.serve("/", a)
	c := newTestClient(t, s.url, quick)
	u := join(t, c, "/", &user{})
	u.mustConnect(t)
	a.member(t, 0).Disconnect(false)
	u.wantLog(t, "disconnected: io server disconnect")
	eventually(t, "the connection to be closed", func() bool { return s.engine.Len() == 0 })
	time.Sleep(20 * time.Millisecond)
	want(t, "calls too many: it does not come back by itself", len(u.log), 0)
	u.mustConnect(t)
}

func TestClosedClient(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	s.serve("/", a)
	c := newTestClient(t, s.url, quick)
	u := join(t, c, "/", &user{})
	u.mustConnect(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	u.wantLog(t, "disconnected: io client disconnect")
	a.member(t, 0).wantLog(t, "connected", "disconnected: client namespace disconnect [own]")
	if err := u.Connect(context.Background()); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("Connect: %v, want %v", err, driver.ErrClosed)
	}
	if _, err := c.Namespace("/late", userHandler{&user{}}); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("Namespace: %v, want %v", err, driver.ErrClosed)
	}
}
