package socketio

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxzan/gws"
	"go.uber.org/goleak"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

// patience bounds every wait of a test; it is no measure of speed.
const patience = 20 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s:\n got %v\nwant %v", what, got, want)
	}
}

// eventually waits until ok reports true.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// testServer is a server under test on a port of its own.
type testServer struct {
	*Server
	t   *testing.T
	url string // http://…
}

func newTestServer(t *testing.T, o Options) *testServer {
	t.Helper()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := NewServer(o)
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), patience)
		defer stop()
		if err := s.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		web.Close()
	})
	return &testServer{Server: s, t: t, url: web.URL}
}

func (s *testServer) serve(name string, h *app) driver.Namespace {
	s.t.Helper()
	n, err := s.Namespace(name, h)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// app is a namespace's handler that accepts everybody and notes what happens.
type app struct {
	// connect, unless nil, decides about a client.
	connect func(ctx context.Context, s driver.Socket) error
	// event, unless nil, is called for each event, with what is gone afterwards.
	event     func(s driver.Socket, e driver.Event)
	connected func(s driver.Socket)

	mu      sync.Mutex
	members []*member
}

// member is a joined socket as its handler sees it.
type member struct {
	driver.Socket
	app *app
	// log is what was called, in order.
	log chan string
}

func (a *app) Connect(ctx context.Context, s driver.Socket) (driver.SocketHandler, error) {
	if a.connect != nil {
		if err := a.connect(ctx, s); err != nil {
			return nil, err
		}
	}
	return &member{Socket: s, app: a, log: make(chan string, 10_000)}, nil
}

func (a *app) ServerEvent(driver.Event, func(driver.Payload) error) {}

func (a *app) RoomEvent(driver.RoomEvent) {}

func (m *member) Connected() {
	m.app.mu.Lock()
	m.app.members = append(m.app.members, m)
	m.app.mu.Unlock()
	m.log <- "connected"
	if m.app.connected != nil {
		m.app.connected(m)
	}
}

func (m *member) Event(e driver.Event) {
	m.log <- describe(e)
	if m.app.event != nil {
		m.app.event(m, e)
	}
}

func (m *member) Disconnected(reason string, rooms []string) {
	for i, room := range rooms {
		if room == m.ID() {
			rooms[i] = "own"
		}
	}
	m.log <- fmt.Sprintf("disconnected: %s %v", reason, rooms)
}

func (m *member) Wait(context.Context) error { return nil }

func (m *member) Data() (driver.Payload, error) {
	return driver.Payload{JSON: []byte(`"data of ` + m.ID() + `"`)}, nil
}

// describe writes down an event as name, arguments, attachments and ?, if it asks
// for an acknowledgement.
func describe(e driver.Event) string {
	text := fmt.Sprintf("%s %s", e.Name, e.JSON)
	if len(e.Attachments) > 0 {
		text += fmt.Sprintf(" %q", e.Attachments)
	}
	if e.AckID != driver.NoAck {
		text += " ?"
	}
	return text
}

// member waits for the nth socket (from 0) to be connected.
func (a *app) member(t *testing.T, n int) *member {
	t.Helper()
	var m *member
	eventually(t, fmt.Sprintf("socket %d", n), func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		if len(a.members) > n {
			m = a.members[n]
		}
		return m != nil
	})
	return m
}

// wantLog checks the next calls.
func (m *member) wantLog(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		want(t, "call", receive(t, m.log, line), line)
	}
}

// rawClient speaks Engine.IO over a WebSocket by hand. It shows what comes as the
// frames' text, binary ones as "b" and their bytes; pings are answered.
type rawClient struct {
	t      *testing.T
	ws     *gws.Conn
	frames chan string
	closed chan struct{}
	// over is closed at the end of the test: frames that come then are dropped.
	over chan struct{}
	// stall, unless nil, is waited for before the event "stall" is taken.
	stall chan struct{}
}

func dialRaw(t *testing.T, s *testServer) *rawClient {
	t.Helper()
	c := &rawClient{t: t, frames: make(chan string, 10_000), closed: make(chan struct{}), over: make(chan struct{})}
	ws, _, err := gws.NewClient(c, &gws.ClientOption{
		Addr: "ws" + strings.TrimPrefix(s.url, "http") + "/socket.io/?EIO=4&transport=websocket&who=test",
	})
	if err != nil {
		t.Fatal(err)
	}
	c.ws = ws
	go ws.ReadLoop()
	t.Cleanup(func() {
		close(c.over)
		ws.NetConn().Close()
		for { // what comes may be more than frames holds
			select {
			case <-c.closed:
				return
			case <-c.frames:
			}
		}
	})
	if open := c.next(); !strings.HasPrefix(open, "0{") {
		t.Fatalf("handshake: %s", open)
	}
	return c
}

// OnOpen implements gws.Event.
func (c *rawClient) OnOpen(*gws.Conn)             {}
func (c *rawClient) OnPing(*gws.Conn, []byte)     {}
func (c *rawClient) OnPong(*gws.Conn, []byte)     {}
func (c *rawClient) OnClose(_ *gws.Conn, _ error) { close(c.closed) }
func (c *rawClient) OnMessage(ws *gws.Conn, m *gws.Message) {
	defer m.Close()
	text := m.Data.String()
	if text == `42["stall"]` {
		<-c.stall
	}
	switch {
	case m.Opcode == gws.OpcodeBinary:
		c.note("b" + text)
	case text == "2":
		_ = ws.WriteMessage(gws.OpcodeText, []byte("3"))
	default:
		c.note(text)
	}
}

func (c *rawClient) note(frame string) {
	select {
	case c.frames <- frame:
	case <-c.over:
	}
}

// send sends messages: text, or binary if it begins with "b".
func (c *rawClient) send(messages ...string) {
	c.t.Helper()
	for _, m := range messages {
		if err := c.trySend(m); err != nil {
			c.t.Fatalf("sending %s: %v", m, err)
		}
	}
}

// trySend is send where the server may have closed the connection.
func (c *rawClient) trySend(m string) error {
	op, data := gws.OpcodeText, "4"+m
	if strings.HasPrefix(m, "b") {
		op, data = gws.OpcodeBinary, m[1:]
	}
	return c.ws.WriteMessage(op, []byte(data))
}

func (c *rawClient) next() string {
	c.t.Helper()
	return receive(c.t, c.frames, "a frame")
}

// want checks the next frames, messages without their "4".
func (c *rawClient) want(messages ...string) {
	c.t.Helper()
	for _, m := range messages {
		if !strings.HasPrefix(m, "b") {
			m = "4" + m
		}
		want(c.t, "frame", c.next(), m)
	}
}

// wantClosed checks that the connection ends with nothing but these messages.
func (c *rawClient) wantClosed() {
	c.t.Helper()
	receive(c.t, c.closed, "the end of the connection")
	for len(c.frames) > 0 {
		if f := <-c.frames; f != "1" {
			c.t.Fatalf("before the end came %s", f)
		}
	}
}

// wantAlive checks that nothing else comes, and that the namespace, whose
// application echoes the event, still works.
func (c *rawClient) wantAlive(namespace string) {
	c.t.Helper()
	if namespace != "/" {
		namespace += ","
	} else {
		namespace = ""
	}
	c.send("2" + namespace + `["alive"]`)
	c.want("2" + namespace + `["alive"]`)
}

// join joins a namespace and returns the session id.
func (c *rawClient) join(namespace string) string {
	c.t.Helper()
	prefix := "0" + namespace + ","
	if namespace == "/" {
		prefix = "0"
	}
	c.send(prefix)
	answer := c.next()
	var sid struct{ SID string }
	if err := json.Unmarshal(bytes.TrimPrefix([]byte(answer), []byte("4"+prefix)), &sid); err != nil || sid.SID == "" {
		c.t.Fatalf("answer to CONNECT: %s (%v)", answer, err)
	}
	return sid.SID
}

// echo answers "alive" and nothing else.
func echo(s driver.Socket, e driver.Event) {
	if string(e.Name) == "alive" {
		_ = s.Emit(e.Payload, driver.Flags{})
	}
}

func event(json string, attachments ...string) driver.Payload {
	p := driver.Payload{JSON: []byte(json)}
	for _, a := range attachments {
		p.Attachments = append(p.Attachments, []byte(a))
	}
	return p
}

// answers is an AckWaiter that notes what it gets.
type answers chan string

func (a answers) Acked(p driver.Payload, err error) {
	if err != nil {
		a <- "error: " + err.Error()
		return
	}
	text := string(p.JSON)
	if len(p.Attachments) > 0 {
		text += fmt.Sprintf(" %q", p.Attachments)
	}
	a <- text
}

// nowhere is a conn that takes everything.
type nowhere struct{ conn }

func (nowhere) Send([]byte, [][]byte, engineio.Flags) error { return nil }
