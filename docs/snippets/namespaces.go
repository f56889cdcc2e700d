package snippets

import (
	"context"
	"log/slog"
	"regexp"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
)

func dynamicByPattern(server *runtime.Server) {
	pattern := regexp.MustCompile(`^/tenant-\d+$`)
	srv := chatio.NewDynamicAdminServer(server, runtime.NamespacePattern(pattern))

	srv.OnConnection(func(ctx context.Context, s *chatio.AdminServerSocket) error {
		slog.Info("connected", "namespace", s.Namespace())
		return nil
	})
}

func dynamicByFunction(server *runtime.Server) {
	srv := chatio.NewDynamicAdminServer(server, func(ctx context.Context, name string, h *runtime.Handshake) (bool, error) {
		return tenantExists(ctx, name)
	})
	_ = srv
}

func dynamicBroadcast(srv *chatio.AdminServer) error {
	if err := srv.DisconnectSockets(false); err != nil { // in all of them
		return err
	}
	return srv.Of("/tenant-7").DisconnectSockets(false) // in one
}

func dynamicClient(ctx context.Context, manager *runtime.Manager) error {
	seven := chatio.NewManagedAdminClientOf(manager, "/tenant-7")
	return seven.Connect(ctx)
}

func roomEvents(srv *chatio.Server) {
	srv.OnCreateRoom(func(ctx context.Context, e runtime.RoomEvent) {
		slog.Info("created", "room", e.Room)
	})
	srv.OnJoinRoom(func(ctx context.Context, e runtime.RoomEvent) {
		slog.Info("joined", "room", e.Room, "socket", e.SocketID)
	})
}

func changeData(s *chatio.ServerSocket, user chatio.User) {
	s.UpdateData(func(data *chatio.SocketData) { data.User = user })
}

func tenantExists(context.Context, string) (bool, error) { return true, nil }

var _ = []any{dynamicByPattern, dynamicByFunction, dynamicBroadcast, dynamicClient, roomEvents, changeData}
