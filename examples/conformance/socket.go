package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/siogen/siogen/examples/conformance/echo"
	"github.com/siogen/siogen/runtime"
)

// newSocketServer returns a server of the namespaces "/" and "/custom" that
// tells clients what they sent as auth, and on "/" sends events back.
func newSocketServer() *runtime.Server {
	server := runtime.NewServer(runtime.ServerOptions{
		PingInterval:   pingInterval,
		PingTimeout:    pingTimeout,
		ConnectTimeout: time.Second,
		MaxPayload:     maxPayload,
		Origins:        []string{"*"},
	})

	root := echo.NewServer(server)
	root.OnConnection(func(_ context.Context, s *echo.ServerSocket) error {
		return tellAuth(s.Handshake(), s.EmitAuth)
	})
	root.Handle(echoEvents{})

	custom := echo.NewCustomServer(server)
	custom.OnConnection(func(_ context.Context, s *echo.CustomServerSocket) error {
		return tellAuth(s.Handshake(), s.EmitAuth)
	})
	return server
}

// connectGap lies between the answer to CONNECT and the first event. The suite
// waits for one message, then for the next. Its WebSocket client, npm's ws, reports
// both at once, by default since allowSynchronousEvents, when they come in one read,
// and then the second is lost. npm's socket.io writes them a tenth of a millisecond
// apart, and fails as soon as the client is slower than that; without a gap this
// server, which is faster, nearly always would. Clients of Socket.IO need none.
const connectGap = 20 * time.Millisecond

// tellAuth emits what a client sent as auth; nothing counts as {}.
func tellAuth(h *runtime.Handshake, emit func(payload runtime.Any) error) error {
	payload := json.RawMessage("{}")
	if len(h.Auth) > 0 {
		payload = h.Auth
	}
	auth, err := runtime.AnyOf(payload)
	if err != nil {
		return err
	}
	time.Sleep(connectGap)
	return emit(auth)
}

// echoEvents sends the events of "/" back. It implements echo.ServerHandler.
type echoEvents struct{}

// Message answers with an event.
func (echoEvents) Message(_ context.Context, s *echo.ServerSocket, values ...runtime.Any) error {
	return s.EmitMessageBack(values...)
}

// MessageWithAck answers with the acknowledgement.
func (echoEvents) MessageWithAck(_ context.Context, _ *echo.ServerSocket, values ...runtime.Any) ([]runtime.Any, error) {
	return values, nil
}
