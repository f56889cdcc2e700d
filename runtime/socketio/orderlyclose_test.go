package socketio

import (
	"context"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/rawpeer"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

// TestNobodyWaitsForAClientThatDoesNotAnswerTheClose: the application knows of an
// end as soon as this side has decided it, as with the reference.
func TestNobodyWaitsForAClientThatDoesNotAnswerTheClose(t *testing.T) {
	for _, test := range []struct {
		name, reason string
		// close has the server close the connection; last is what else the client gets.
		close func(*testServer, *rawpeer.WebSocket, driver.Socket)
		last  []string
	}{
		{"the application disconnects it", reasonServerDisconnect,
			func(_ *testServer, _ *rawpeer.WebSocket, s driver.Socket) { s.Disconnect(true) }, []string{"41", "41/admin,"}},
		{"it sends what is out of place", reasonForcedServerClose,
			func(_ *testServer, ws *rawpeer.WebSocket, _ driver.Socket) { ws.Send(`42/elsewhere,["event"]`) }, nil},
		{"the server is closed", engineio.ReasonServerShutdown,
			func(s *testServer, _ *rawpeer.WebSocket, _ driver.Socket) { go func() { _ = s.Close(t.Context()) }() }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newTestServer(t, Options{Engine: engineio.ServerOptions{CloseTimeout: time.Hour}})
			a, admin := &app{}, &app{}
			s.serve("/", a)
			s.serve("/admin", admin)
			ws := rawpeer.At(s.url, "/socket.io/").OpenWebSocket(t)
			ws.Send("40", "40/admin,")
			ws.Next()
			ws.Next()
			m, n := a.member(t, 0), admin.member(t, 0)
			n.Join("room")
			test.close(s, ws, m)
			m.wantLog(t, "connected", "disconnected: "+test.reason+" [own]")
			n.wantLog(t, "connected", "disconnected: "+test.reason+" [own room]")
			ws.Want(test.last...)
			ws.Want("close:")
			ws.Close() // without an answer: the end is no news any more
			eventually(t, "the end of the connection", func() bool { return s.engine.Len() == 0 })
			want(t, "further calls", len(m.log)+len(n.log), 0)
		})
	}
}

// TestAnOrderlyCloseEndsMiddlewares: who has not joined yet is not waited for.
func TestAnOrderlyCloseEndsMiddlewares(t *testing.T) {
	s := newTestServer(t, Options{Engine: engineio.ServerOptions{CloseTimeout: time.Hour}})
	a := &app{}
	s.serve("/", a)
	begun, ended := make(chan struct{}), make(chan struct{})
	slow := &app{connect: func(ctx context.Context, _ driver.Socket) error {
		close(begun)
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	}}
	s.serve("/slow", slow)
	ws := rawpeer.At(s.url, "/socket.io/").OpenWebSocket(t)
	ws.Send("40", "40/slow,")
	receive(t, begun, "the middleware")
	a.member(t, 0).Disconnect(true)
	receive(t, ended, "the end of its context")
	ws.Close()
}
