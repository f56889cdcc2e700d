package snippets

import (
	"context"
	"net/http"
	"regexp"

	clients "github.com/zishang520/socket.io/clients/socket/v3"
	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/socketio"
	"github.com/siogen/siogen/runtime/zishang520"
)

func overTheirServer() {
	options := socket.DefaultServerOptions() // with your adapter, and so on
	options.SetParser(zishang520.NewParser(socketio.Limits{}))
	io := socket.NewServer(nil, options)

	server := runtime.NewServer(runtime.ServerOptions{Engine: zishang520.Server(io)})
	srv := chatio.NewServer(server)
	http.Handle("/socket.io/", server)
	_ = srv
}

func sideBySide(io *socket.Server, srv *chatio.Server) {
	srv.OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
		s.OnLeave(func(_ context.Context, room chatio.Room) error { s.Leave(string(room)); return nil })
		return nil
	})
	_ = io.On("connection", func(args ...any) {
		s := args[0].(*socket.Socket)
		_ = s.On("legacy", func(args ...any) { _ = s.Emit("legacy", args...) })
	})
}

func dynamicOverTheirServer(options *socket.ServerOptions, pattern *regexp.Regexp) *chatio.AdminServer {
	options.SetCleanupEmptyChildNamespaces(true)
	io := socket.NewServer(nil, options)

	server := runtime.NewServer(runtime.ServerOptions{Engine: zishang520.Server(io)})
	srv := chatio.NewDynamicAdminServer(server, runtime.NamespacePattern(pattern))
	return srv
}

func overTheirClient(ctx context.Context) error {
	options := clients.DefaultManagerOptions()
	options.SetAutoConnect(false)
	options.SetParser(zishang520.NewParser(socketio.Limits{}))
	manager := clients.NewManager("https://example.com", options)

	c := chatio.NewClient("", runtime.ClientOptions{Engine: zishang520.Client(manager)})
	return c.Connect(ctx)
}

var _ = []any{overTheirServer, sideBySide, dynamicOverTheirServer, overTheirClient}
