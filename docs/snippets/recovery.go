package snippets

import (
	"context"
	"log/slog"
	"time"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
)

func recovering() *chatio.Server {
	server := runtime.NewServer(runtime.ServerOptions{
		Recovery: &runtime.RecoveryOptions{
			MaxDisconnection: 2 * time.Minute,
		},
	})
	srv := chatio.NewServer(server)
	srv.OnConnection(func(ctx context.Context, s *chatio.ServerSocket) error {
		if !s.Recovered() {
			s.Join("lobby") // one that comes back is in its rooms
		}
		return nil
	})
	return srv
}

func recovered(c *chatio.Client) {
	c.OnConnect(func(ctx context.Context) {
		if !c.Recovered() {
			slog.Info("begin anew: fetch what there is")
		}
	})
}

var _ = []any{recovering, recovered}
