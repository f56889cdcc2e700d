package snippets

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
)

func watch(c *chatio.Client) {
	c.OnDisconnect(func(ctx context.Context, reason runtime.DisconnectReason) {
		slog.Warn("disconnected", "reason", reason, "comes back", c.Active())
	})
	c.OnReconnectAttempt(func(ctx context.Context, attempt int) {
		slog.Info("reconnecting", "attempt", attempt)
	})
	c.OnConnectError(func(ctx context.Context, err error) {
		slog.Warn("that failed", "error", err)
	})
	c.OnReconnect(func(ctx context.Context, attempt int) {
		slog.Info("back", "attempts", attempt)
	})
}

func stay(ctx context.Context, c *chatio.Client) error {
	back := make(chan struct{}, 1)
	c.OnReconnect(func(ctx context.Context, attempt int) {
		select {
		case back <- struct{}{}: // don't wait for the answer here
		default: // it has been told already
		}
	})
	if err := c.Connect(ctx); err != nil {
		return err
	}
	for {
		if _, err := c.EmitJoin(ctx, "lobby"); err != nil {
			slog.Warn("not in the lobby", "error", err)
		}
		select {
		case <-back:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func retry(ctx context.Context) error {
	c := chatio.NewClient("https://example.com", runtime.ClientOptions{
		Retries:    10,
		AckTimeout: 5 * time.Second,
	})
	defer c.Close()
	c.OnError(func(ctx context.Context, event string, err error) {
		var lost *runtime.AckTimeoutError
		if errors.As(err, &lost) {
			slog.Error("did not reach the server", "event", event, "tries", lost.Tries)
		}
	})
	if err := c.Connect(ctx); err != nil {
		return err
	}
	if err := c.EmitLeave("lobby"); err != nil { // returns at once: too much is waiting, or closed
		return err
	}
	_, err := c.EmitChatMessage(ctx, "lobby", "hello") // waits, over reconnections too
	return err
}

func byProxy() (*chatio.Client, error) {
	proxy, err := url.Parse("http://user:password@proxy.example.com:3128")
	if err != nil {
		return nil, err
	}
	return chatio.NewClient("https://example.com", runtime.ClientOptions{
		Dial: engineio.DialOptions{
			Transports:       []string{engineio.WebSocket, engineio.Polling},
			TryAllTransports: true,
			Proxy:            http.ProxyURL(proxy),
		},
	}), nil
}

var _ = []any{watch, stay, retry, byProxy}
