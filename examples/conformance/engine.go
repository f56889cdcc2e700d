package main

import "github.com/siogen/siogen/runtime/engineio"

// newEngineServer returns a server that sends every message back, text as text
// and binary as binary.
func newEngineServer() *engineio.Server {
	return engineio.NewServer(engineio.ServerOptions{
		PingInterval: pingInterval,
		PingTimeout:  pingTimeout,
		MaxPayload:   maxPayload,
		Origins:      []string{"*"},
	}, func(conn *engineio.Conn) engineio.Handler { return echoHandler{conn} })
}

// echoHandler sends a connection's messages back.
type echoHandler struct{ conn *engineio.Conn }

// Message implements engineio.Handler. A connection that takes no message any
// more is about to end: there is nobody left to tell.
func (h echoHandler) Message(data []byte, binary bool) {
	if binary {
		_ = h.conn.SendBinary(data, engineio.Flags{})
		return
	}
	_ = h.conn.Send(data, nil, engineio.Flags{})
}

// Closed implements engineio.Handler.
func (echoHandler) Closed(string, error) {}
