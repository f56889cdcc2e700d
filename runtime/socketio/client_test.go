package socketio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

// user is a namespace of a client and notes what its handler is called for.
type user struct {
	driver.ClientSocket
	auth func(context.Context) ([]byte, error)
	// event, unless nil, is called for each event.
	event func(u *user, e driver.Event)
	log   chan string
}

// userHandler is how the client reaches a user.
type userHandler struct{ *user }

func (u userHandler) Auth(ctx context.Context) ([]byte, error) {
	if u.auth == nil {
		return nil, nil
	}
	return u.auth(ctx)
}
func (u userHandler) Connected(bool) { u.log <- "connected" }
func (u userHandler) Event(e driver.Event) {
	u.log <- describe(e)
	if u.event != nil {
		u.event(u.user, e)
	}
}
func (u userHandler) Disconnected(reason string) { u.log <- "disconnected: " + reason }
func (u userHandler) ConnectError(err error) {
	var refused *driver.RefusedError
	if errors.As(err, &refused) {
		u.log <- fmt.Sprintf("refused: %s %s", refused.Message, refused.Data)
		return
	}
	u.log <- "connect error"
}
func (u userHandler) Reconnecting(n int) { u.log <- fmt.Sprintf("reconnecting: %d", n) }
func (u userHandler) ReconnectFailed()   { u.log <- "reconnect failed" }

func (u *user) wantLog(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		want(t, "call", receive(t, u.log, line), line)
	}
}

func newTestClient(t *testing.T, url string, o ClientOptions) *Client {
	t.Helper()
	o.Logger = slog.New(slog.DiscardHandler)
	c, err := NewClient(url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return c
}

func join(t *testing.T, c *Client, name string, u *user) *user {
	t.Helper()
	u.log = make(chan string, 10_000)
	s, err := c.Namespace(name, userHandler{u})
	if err != nil {
		t.Fatal(err)
	}
	u.ClientSocket = s
	return u
}

func (u *user) mustConnect(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if err := u.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	u.wantLog(t, "connected")
}

// quick makes a client reconnect without the wait that real ones need.
var quick = ClientOptions{ReconnectionDelay: time.Millisecond, ReconnectionDelayMax: 5 * time.Millisecond}

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

// proxy passes connections on and can cut them.
type proxy struct {
	listener net.Listener
	mu       sync.Mutex
	target   string // none: refuse
	open     []net.Conn
	busy     sync.WaitGroup
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l}
	p.to(target)
	p.busy.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.cut()
		p.busy.Wait()
	})
	return p
}

func (p *proxy) url() string { return "http://" + p.listener.Addr().String() }

func (p *proxy) to(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = strings.TrimPrefix(target, "http://")
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		c.Close()
	}
	p.open = nil
}

func (p *proxy) accept() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		out, err := net.Dial("tcp", p.target)
		if p.target == "" || err != nil {
			in.Close()
			p.mu.Unlock()
			continue
		}
		p.open = append(p.open, in, out)
		p.mu.Unlock()
		for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
			p.busy.Go(func() {
				_, _ = io.Copy(way[0], way[1])
				way[0].Close()
			})
		}
	}
}

func TestClientReconnectsAndSendsWhatWasHeld(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{event: func(s driver.Socket, e driver.Event) {
		if e.AckID != driver.NoAck {
			_ = s.Ack(e.AckID, event(`["answer"]`))
		}
	}}
	s.serve("/", a)
	p := newProxy(t, s.url)
	c := newTestClient(t, p.url(), quick)
	attempt := 0
	u := join(t, c, "/", &user{auth: func(context.Context) ([]byte, error) {
		attempt++
		return fmt.Appendf(nil, `{"attempt":%d}`, attempt), nil
	}})
	if err := u.Emit(event(`["before"]`), driver.Flags{}); err != nil {
		t.Fatal(err)
	}
	u.mustConnect(t)
	a.member(t, 0).wantLog(t, "connected", `before ["before"]`)

	p.to("")
	p.cut()
	u.wantLog(t, "disconnected: transport close", "reconnecting: 1", "connect error", "reconnecting: 2")
	var sent []string
	for i := range 100 {
		if err := u.Emit(event(fmt.Sprintf(`["held",%d]`, i)), driver.Flags{}); err != nil {
			t.Fatal(err)
		}
		sent = append(sent, fmt.Sprintf(`held ["held",%d]`, i))
	}
	if err := u.Emit(event(`["volatile"]`), driver.Flags{Volatile: true}); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("volatile Emit: %v, want %v", err, driver.ErrClosed)
	}
	got := make(answers, 2)
	cancelled, _ := u.EmitAck(event(`["cancelled"]`), driver.Flags{}, got)
	if _, err := u.EmitAck(event(`["acked"]`), driver.Flags{}, got); err != nil {
		t.Fatal(err)
	}
	if !u.CancelAck(cancelled) {
		t.Error("CancelAck of a held event: false")
	}
	p.to(s.url)
	m := a.member(t, 1)
	m.wantLog(t, append(append([]string{"connected"}, sent...), `acked ["acked"] ?`)...)
	want(t, "answer", receive(t, got, "it"), `["answer"]`)
	want(t, "auth", string(m.Handshake().Auth), `{"attempt":2}`)
	eventually(t, "the client to be connected", u.Connected)
	want(t, "id", u.ID(), m.ID())
}

func TestAcknowledgementsFailWhenTheConnectionIsLost(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	s.serve("/", a)
	p := newProxy(t, s.url)
	c := newTestClient(t, p.url(), quick)
	asked := make(chan int64, 1)
	u := join(t, c, "/", &user{event: func(_ *user, e driver.Event) { asked <- e.AckID }})
	u.mustConnect(t)
	got := make(answers, 2)
	if _, err := u.EmitAck(event(`["q"]`), driver.Flags{}, got); err != nil {
		t.Fatal(err)
	}
	m := a.member(t, 0)
	m.wantLog(t, "connected", `q ["q"] ?`)
	if _, err := m.EmitAck(event(`["q"]`), driver.Flags{}, make(answers, 1)); err != nil {
		t.Fatal(err)
	}
	id := receive(t, asked, "the event")
	p.cut()
	if got := receive(t, got, "the error"); !strings.HasPrefix(got, "error: ") {
		t.Errorf("answer: %s, want an error", got)
	}
	eventually(t, "the client to be back", u.Connected)
	if err := u.Ack(id, event(`[]`)); !errors.As(err, new(*AckError)) {
		t.Errorf("answer to an event of a lost connection: %v, want an *AckError", err)
	}
}

func TestAttemptsAreUsedUp(t *testing.T) {
	s := newTestServer(t, Options{})
	s.serve("/", &app{})
	p := newProxy(t, s.url)
	o := quick
	o.ReconnectionAttempts = 2
	c := newTestClient(t, p.url(), o)
	u := join(t, c, "/", &user{})
	u.mustConnect(t)
	p.to("")
	p.cut()
	u.wantLog(t, "disconnected: transport close", "reconnecting: 1", "connect error", "reconnecting: 2", "connect error", "reconnect failed")
	if err := u.Emit(event(`["x"]`), driver.Flags{}); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("Emit: %v, want %v", err, driver.ErrClosed)
	}
	p.to(s.url)
	u.mustConnect(t)
}

func TestClientWithoutReconnection(t *testing.T) {
	s := newTestServer(t, Options{})
	s.serve("/", &app{})
	p := newProxy(t, s.url)
	c := newTestClient(t, p.url(), ClientOptions{NoReconnection: true})
	u := join(t, c, "/", &user{})
	u.mustConnect(t)
	p.cut()
	u.wantLog(t, "disconnected: transport close")
	if err := u.Emit(event(`["x"]`), driver.Flags{}); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("Emit: %v, want %v", err, driver.ErrClosed)
	}
	u.mustConnect(t)
}

func TestWhatIsHeldIsLimited(t *testing.T) {
	c := newTestClient(t, "http://127.0.0.1:1", ClientOptions{MaxBuffer: 1000})
	u := join(t, c, "/", &user{})
	big := event(`["x",{"_placeholder":true,"num":0}]`, strings.Repeat("x", 500))
	if err := u.Emit(big, driver.Flags{}); err != nil {
		t.Fatal(err)
	}
	if err := u.Emit(big, driver.Flags{}); !errors.Is(err, driver.ErrQueueFull) {
		t.Errorf("Emit: %v, want %v", err, driver.ErrQueueFull)
	}
	if _, err := u.EmitAck(big, driver.Flags{}, make(answers, 1)); !errors.Is(err, driver.ErrQueueFull) {
		t.Errorf("EmitAck: %v, want %v", err, driver.ErrQueueFull)
	}
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

// badServer is an Engine.IO server that answers a CONNECT packet with frames of
// the test's choice.
func badServer(t *testing.T, frames ...string) string {
	t.Helper()
	engine := engineio.NewServer(engineio.ServerOptions{}, func(c *engineio.Conn) engineio.Handler { return &script{c, frames} })
	web := httptest.NewServer(engine)
	t.Cleanup(func() {
		_ = engine.Close(context.Background())
		web.Close()
	})
	return web.URL
}

type script struct {
	conn   *engineio.Conn
	frames []string
}

func (s *script) Message([]byte, bool) {
	for _, f := range s.frames {
		_ = s.conn.Send([]byte(f), nil, engineio.Flags{})
	}
	s.frames = nil
}
func (s *script) Closed(string, error) {}

func TestServersThatAnswerStrangely(t *testing.T) {
	many := make([]string, 100)
	for i := range many {
		many[i] = `2["early","` + strings.Repeat("x", 100) + `"]`
	}
	tests := []struct {
		name   string
		frames []string
		want   string // of Connect's error
	}{
		{"garbage", []string{"garbage"}, "parse error"},
		{"an old server", []string{"0"}, "parse error"},
		{"no session id", []string{`0{"sid":1}`}, "parse error"},
		{"a binary packet cut short", []string{`51-["x",{"_placeholder":true,"num":0}]`, `0{"sid":"1"}`}, "parse error"},
		{"too many events before the answer", many, "parse error"},
		{"a refusal that is just text", []string{`4"go away"`}, "go away"},
		{"a refusal that is something else", []string{`4[1]`}, "[1]"},
		{"another namespace's packets first", []string{`0/x,{"sid":"1"}`, `2/x,["y"]`, `1/x,`, `1`, `35[]`, `4{"message":"no"}`}, "no"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newTestClient(t, badServer(t, test.frames...), ClientOptions{MaxBuffer: 5000})
			u := join(t, c, "/", &user{})
			err := u.Connect(context.Background())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Connect: %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestEventsBeforeTheAnswerAreDeliveredAfterIt(t *testing.T) {
	c := newTestClient(t, badServer(t, `2["early",1]`, `23["early",2]`, `0{"sid":"abc"}`, `2["then"]`), quick)
	u := join(t, c, "/", &user{})
	u.mustConnect(t)
	u.wantLog(t, `early ["early",1]`, `early ["early",2] ?`, `then ["then"]`)
	want(t, "id", u.ID(), "abc")
}

func TestDelaysBetweenAttempts(t *testing.T) {
	o := ClientOptions{}.withDefaults()
	steady := ClientOptions{RandomizationFactor: -1}.withDefaults()
	for n, want := range []time.Duration{1: 1, 2: 2, 3: 4, 4: 5, 5: 5, 100: 5} {
		if n == 0 || want == 0 {
			continue
		}
		want *= time.Second
		if got := steady.delay(n); got != want {
			t.Errorf("without jitter: attempt %d after %v, want %v", n, got, want)
		}
		for range 100 {
			if got := o.delay(n); got < want/2 || got > min(want*3/2, 5*time.Second) {
				t.Fatalf("attempt %d after %v, want %v and up to half of it more or less, at most 5 s", n, got, want)
			}
		}
	}
}

func TestClientUnderManyCuts(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{event: echo}
	s.serve("/", a)
	s.serve("/admin", a)
	p := newProxy(t, s.url)
	c := newTestClient(t, p.url(), quick)
	u := join(t, c, "/", &user{})
	v := join(t, c, "/admin", &user{})
	u.mustConnect(t)
	stop := make(chan struct{})
	var busy sync.WaitGroup
	got := make(answers, 100_000)
	asked := 0
	busy.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
			}
			_ = u.Emit(event(`["x"]`), driver.Flags{})
			if _, err := u.EmitAck(event(`["y"]`), driver.Flags{}, got); err == nil {
				asked++
			}
		}
	})
	busy.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Millisecond)
			_ = v.Connect(ctx)
			cancel()
			v.Disconnect()
		}
	})
	for range 50 {
		time.Sleep(5 * time.Millisecond)
		p.cut()
	}
	close(stop)
	busy.Wait()
	eventually(t, "the client to be connected", u.Connected)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, "acknowledgements that got an answer or an error", len(got), asked)
	state := ""
	for len(u.log) > 0 {
		call, _, _ := strings.Cut(<-u.log, ":")
		if call == "connected" || call == "disconnected" {
			if call == state {
				t.Fatalf("%s twice in a row", call)
			}
			state = call
		}
	}
	want(t, "last call", state, "disconnected")
}
