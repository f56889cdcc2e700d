package snippets

import (
	"context"
	"errors"
	"log/slog"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/cluster"
)

// channel is what a client library offers: a topic that one publishes to.
type channel interface {
	Publish(ctx context.Context, message []byte) error
	Listen(ctx context.Context) (<-chan []byte, error)
}

type pubsub struct{ channel channel }

func (p pubsub) Publish(ctx context.Context, message []byte) error {
	return p.channel.Publish(ctx, message)
}

func (p pubsub) Subscribe(ctx context.Context, receive func(message []byte)) error {
	messages, err := p.channel.Listen(ctx)
	if err != nil {
		return err
	}
	for m := range messages {
		receive(m)
	}
	return ctx.Err()
}

func clustered(ctx context.Context, c channel) error {
	adapter := cluster.New(pubsub{c}, cluster.Options{})
	server := runtime.NewServer(runtime.ServerOptions{Adapter: adapter.NewAdapter})
	srv := chatio.NewServer(server)
	_ = srv

	<-ctx.Done()
	limit := context.Background()
	return errors.Join(server.Close(limit), adapter.Close(limit))
}

func acrossServers(ctx context.Context, srv *chatio.Server) error {
	sockets, err := srv.To("lobby").Sockets(ctx) // of all servers
	var lost *runtime.ServersError
	if errors.As(err, &lost) {
		slog.Warn("some servers did not answer", "servers", lost.Missing)
	} else if err != nil {
		return err
	}
	for _, s := range sockets {
		slog.Info("in the lobby", "socket", s.ID(), "user", s.Data.User.Name)
	}
	return srv.Local().DisconnectSockets(false) // of this server only
}

var _ = []any{clustered, acrossServers}
