package main

import (
	"net/http"

	"github.com/zishang520/socket.io/servers/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/socketio"
	zishang "github.com/siogen/siogen/runtime/zishang520"
)

// zishangOptions are the library's defaults, with compression if it is asked for.
func zishangOptions(o options) *socket.ServerOptions {
	zo := socket.DefaultServerOptions()
	if o.deflate {
		zo.SetPerMessageDeflate(&types.PerMessageDeflate{Threshold: compressFrom})
	}
	return zo
}

// zishangHandler is the most complete Socket.IO server in Go before this one.
func zishangHandler(o options) http.Handler {
	server := socket.NewServer(nil, zishangOptions(o))
	_ = server.On("connection", func(clients ...any) {
		s := clients[0].(*socket.Socket)
		s.Join(room)
		_ = s.On("echo", func(args ...any) { _ = s.Emit("echo", args...) })
		_ = s.On("blob", func(args ...any) { _ = s.Emit("blob", args...) })
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
func overZishangHandler(o options) http.Handler {
	zo := zishangOptions(o)
	zo.SetParser(zishang.NewParser(socketio.Limits{}))
	return generatedHandler(runtime.ServerOptions{Engine: zishang.Server(socket.NewServer(nil, zo))})
}
