package conformance

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/siogen/siogen/internal/rawpeer"
	"github.com/siogen/siogen/internal/testjs"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
	"github.com/siogen/siogen/runtime/socketio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reference: the tests are to run against the reference implementation.
var reference = os.Getenv("SIOGEN_REFERENCE") != ""

// differs skips a test, or a case, in which the reference does not do what the
// protocol demands, or we do more.
func differs(t *testing.T, how string) {
	t.Helper()
	if reference {
		t.Skip("the reference: " + how)
	}
}

// options are what tests vary. Zero fields are the defaults of both
// implementations. The JSON is for the reference's.
type options struct {
	PingInterval   int `json:"pingInterval,omitempty"` // all in milliseconds
	PingTimeout    int `json:"pingTimeout,omitempty"`
	ConnectTimeout int `json:"connectTimeout,omitempty"`
	MaxPayload     int `json:"maxHttpBufferSize,omitempty"` // in bytes

	Recovery *recovery `json:"connectionStateRecovery,omitempty"`
}

// recovery turns connection state recovery on.
type recovery struct{}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// engine serves Engine.IO: every message comes back.
func engine(t *testing.T, o options) rawpeer.Server {
	t.Helper()
	if reference {
		return startReference(t, "engine", o, "/engine.io/")
	}
	server := engineio.NewServer(engineOptions(o), func(c *engineio.Conn) engineio.Handler { return echo{c} })
	return listen(t, server, "/engine.io/", server.Close)
}

func engineOptions(o options) engineio.ServerOptions {
	return engineio.ServerOptions{PingInterval: ms(o.PingInterval), PingTimeout: ms(o.PingTimeout), MaxPayload: o.MaxPayload}
}

// echo sends every message back.
type echo struct{ conn *engineio.Conn }

// Message implements engineio.Handler. An error is the end of the connection,
// which the test sees.
func (e echo) Message(data []byte, binary bool) {
	if binary {
		_ = e.conn.SendBinary(data, engineio.Flags{})
		return
	}
	_ = e.conn.Send(data, nil, engineio.Flags{})
}

// Closed implements engineio.Handler.
func (echo) Closed(string, error) {}

// socket serves Socket.IO, with the namespaces "/" and "/custom".
func socket(t *testing.T, o options) rawpeer.Server {
	t.Helper()
	if reference {
		return startReference(t, "socket", o, "/socket.io/")
	}
	settings := socketio.Options{
		Engine: engineOptions(o), ConnectTimeout: ms(o.ConnectTimeout), Logger: slog.New(slog.DiscardHandler),
	}
	if o.Recovery != nil {
		settings.Recovery = &socketio.RecoveryOptions{}
	}
	server := socketio.NewServer(settings)
	for _, name := range []string{"/", "/custom"} {
		if _, err := server.Namespace(name, &namespace{}); err != nil {
			t.Fatal(err)
		}
	}
	return listen(t, server, "/socket.io/", server.Close)
}

func listen(t *testing.T, h http.Handler, path string, closeServer func(context.Context) error) rawpeer.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(path, h)
	web := httptest.NewServer(mux)
	t.Cleanup(func() {
		// Sessions that a test left are cut off, which is no mistake.
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := closeServer(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Close: %v", err)
		}
		web.Close()
	})
	return rawpeer.At(web.URL, path)
}

// startReference runs the reference's server.
func startReference(t *testing.T, suite string, o options, path string) rawpeer.Server {
	t.Helper()
	testjs.Modules(t)
	settings, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(testjs.Node(t), "reference.mjs", suite, string(settings))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no URL: %v", err)
	}
	return rawpeer.At(strings.TrimSpace(url), path)
}

// namespace is the application: what it does is said in member.Event.
type namespace struct {
	members atomic.Int64 // sockets that are connected
}

// Connect implements driver.NamespaceHandler: it refuses who says so.
func (n *namespace) Connect(_ context.Context, s driver.Socket) (driver.SocketHandler, error) {
	var auth struct{ Refuse string }
	if a := s.Handshake().Auth; len(a) > 0 && json.Unmarshal(a, &auth) == nil && auth.Refuse != "" {
		return nil, &driver.RefusedError{Message: auth.Refuse, Data: []byte(`{"code":401}`)}
	}
	return &member{s, n}, nil
}

// ServerEvent implements driver.NamespaceHandler.
func (*namespace) ServerEvent(driver.Event, func(driver.Payload) error) {}

// RoomEvent implements driver.NamespaceHandler.
func (*namespace) RoomEvent(driver.RoomEvent) {}

// member is one socket. Errors of sending are the end of its connection, which
// tests see.
type member struct {
	socket    driver.Socket
	namespace *namespace
}

// Event implements driver.SocketHandler.
func (m *member) Event(e driver.Event) {
	switch string(e.Name) {
	case "message": // comes back
		_ = m.socket.Emit(renamed("message-back", e.Payload), driver.Flags{})
	case "message-with-ack": // is acknowledged with its arguments
		_ = m.socket.Ack(e.AckID, arguments(e.Payload))
	case "ask": // makes the server ask a question; the answer comes back
		_, _ = m.socket.EmitAck(renamed("question", e.Payload), driver.Flags{}, answer{m})
	case "auth": // what the client sent as auth comes back
		auth := m.socket.Handshake().Auth
		if len(auth) == 0 {
			auth = []byte("{}")
		}
		_ = m.socket.Emit(driver.Payload{JSON: []byte(`["auth",` + string(auth) + `]`)}, driver.Flags{})
	case "enter": // joins the room "lobby"
		m.socket.Join("lobby")
	case "tell": // goes to everybody in the room, as "told"
		_ = m.socket.Namespace().Broadcast(driver.Target{Rooms: []string{"lobby"}}, renamed("told", e.Payload))
	case "count": // is acknowledged with the number of sockets
		_ = m.socket.Ack(e.AckID, driver.Payload{JSON: fmt.Appendf(nil, "[%d]", m.namespace.members.Load())})
	case "leave": // the server disconnects the socket
		m.socket.Disconnect(false)
	case "close": // the server closes the connection
		m.socket.Disconnect(true)
	}
}

// Connected implements driver.SocketHandler.
func (m *member) Connected() { m.namespace.members.Add(1) }

// Disconnected implements driver.SocketHandler.
func (m *member) Disconnected(string, []string) { m.namespace.members.Add(-1) }

// Data implements driver.SocketHandler: no other server asks.
func (*member) Data() (driver.Payload, error) { return driver.Payload{}, nil }

// Wait implements driver.SocketHandler: nothing runs beside Event.
func (*member) Wait(context.Context) error { return nil }

// answer sends the answer to a question back.
type answer struct{ *member }

// Acked implements driver.AckWaiter.
func (a answer) Acked(p driver.Payload, err error) {
	if err != nil {
		return // the connection has ended
	}
	args := append([]json.RawMessage{[]byte(`"answered"`)}, elements(p)...)
	_ = a.socket.Emit(payload(args, p), driver.Flags{})
}

// elements are the elements of a payload's array.
func elements(p driver.Payload) []json.RawMessage {
	var all []json.RawMessage
	if err := json.Unmarshal(p.JSON, &all); err != nil {
		panic(err) // the driver promises an array
	}
	return all
}

func payload(elements []json.RawMessage, like driver.Payload) driver.Payload {
	var array strings.Builder
	for i, e := range elements {
		array.WriteByte("[,"[min(i, 1)])
		array.Write(e)
	}
	if len(elements) == 0 {
		array.WriteByte('[')
	}
	return driver.Payload{JSON: []byte(array.String() + "]"), Attachments: like.Attachments}
}

func renamed(name string, p driver.Payload) driver.Payload {
	all := elements(p)
	all[0] = []byte(`"` + name + `"`)
	return payload(all, p)
}

func arguments(p driver.Payload) driver.Payload { return payload(elements(p)[1:], p) }

// want compares what is printed of two values.
func want[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got  %.300s\nwant %.300s", fmt.Sprint(got), fmt.Sprint(want))
	}
}
