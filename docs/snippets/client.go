package snippets

import (
	"context"
	"errors"
	"log/slog"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
)

func connect(ctx context.Context) error {
	c := chatio.NewClient("https://example.com", runtime.ClientOptions{})
	c.SetAuthFunc(func(ctx context.Context) (chatio.HandshakeAuth, error) {
		token, err := freshToken(ctx) // asked for each attempt
		return chatio.HandshakeAuth{Token: token}, err
	})
	c.OnTyping(func(ctx context.Context, user chatio.User, room chatio.Room) error {
		slog.Info("typing", "user", user.Name)
		return nil
	})
	c.OnWithAck(func(ctx context.Context, d string) (int, error) {
		return 42, nil // what the server gets
	})
	defer c.Close()

	err := c.Connect(ctx)
	var refused *runtime.RefusedError
	if errors.As(err, &refused) {
		slog.Error("refused", "message", refused.Message, "data", string(refused.Data.Raw()))
	}
	if err != nil {
		return err
	}

	members, err := c.EmitJoin(ctx, "lobby")
	var declared *chatio.JoinError
	if errors.As(err, &declared) {
		slog.Error("can't join", "code", declared.Code)
	}
	slog.Info("joined", "members", len(members))
	return err
}

func namespaces(ctx context.Context) error {
	m := runtime.NewManager("https://example.com", runtime.ClientOptions{})
	defer m.Close(ctx)
	c, admin := chatio.NewManagedClient(m), chatio.NewManagedAdminClient(m)
	return errors.Join(c.Connect(ctx), admin.Connect(ctx))
}

func freshToken(context.Context) (string, error) { return "secret", nil }
