package main

import (
	"context"
	"net/http"

	"github.com/siogen/siogen/bench/internal/events"
	"github.com/siogen/siogen/runtime"
)

// room is the room that every socket joins.
const room = "all"

// nativeHandler is a server as siogen generates it.
func nativeHandler(o options) http.Handler {
	return generatedHandler(runtime.ServerOptions{PerMessageDeflate: o.deflate})
}

// generatedHandler is a server as siogen generates it.
func generatedHandler(o runtime.ServerOptions) http.Handler {
	server := runtime.NewServer(o)
	srv := events.NewServer(server)
	srv.Handle(&native{everybody: srv.To(room)})
	srv.OnConnection(func(_ context.Context, s *events.ServerSocket) error {
		s.Join(room)
		return nil
	})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", server)
	return mux
}

// native handles the events of every socket.
type native struct{ everybody events.ServerBroadcast }

func (*native) Echo(_ context.Context, s *events.ServerSocket, msg events.Msg) error {
	return s.EmitEcho(msg)
}

func (*native) Req(_ context.Context, _ *events.ServerSocket, msg events.Msg) (events.Msg, error) {
	return msg, nil
}

func (n *native) Bcast(_ context.Context, _ *events.ServerSocket, msg events.Msg) error {
	return n.everybody.EmitMsg(msg)
}

func (*native) Blob(_ context.Context, s *events.ServerSocket, data []byte) error {
	return s.EmitBlob(data)
}

// Tick is for Go benchmarks; nobody sends it here.
func (*native) Tick(context.Context, *events.ServerSocket, int, bool) error { return nil }
