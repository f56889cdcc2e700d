package main

import (
	"net/http"

	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/socketio"
	zishang "github.com/siogen/siogen/runtime/zishang520"
)

// zishangHandler is the most complete Socket.IO server in Go before this one, with
// default options.
func zishangHandler() http.Handler {
	server := socket.NewServer(nil, nil)
	_ = server.On("connection", func(clients ...any) {
		s := clients[0].(*socket.Socket)
		s.Join(room)
		_ = s.On("echo", func(args ...any) { _ = s.Emit("echo", args...) })
		_ = s.On("req", func(args ...any) {
			if ack, ok := args[len(args)-1].(socket.Ack); ok {
				ack(args[:len(args)-1], nil)
			}
		})
		_ = s.On("bcast", func(args ...any) { _ = server.To(room).Emit("msg", args...) })
	})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", server.ServeHandler(nil))
	return mux
}

// overZishangHandler is what siogen generates, over that server.
func overZishangHandler() http.Handler {
	o := socket.DefaultServerOptions()
	o.SetParser(zishang.NewParser(socketio.Limits{}))
	return generatedHandler(runtime.ServerOptions{Engine: zishang.Server(socket.NewServer(nil, o))})
}
