// Package snippets holds the Go of the documentation, so that it compiles.
package snippets

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
)

func serve(ctx context.Context) error {
	server := runtime.NewServer(runtime.ServerOptions{
		Origins: []string{"https://example.com"},
	})
	srv := chatio.NewServer(server)

	srv.Use(func(ctx context.Context, s *chatio.ServerSocket) error {
		user, err := logIn(ctx, s.Auth().Token)
		if err != nil {
			return runtime.Refuse("authentication error", map[string]any{"code": 401})
		}
		s.Data().User = user
		return nil
	})

	srv.OnConnection(func(ctx context.Context, s *chatio.ServerSocket) error {
		s.Join("lobby")
		s.OnTyping(func(ctx context.Context, room chatio.Room) error {
			return s.To(string(room)).Volatile().EmitTyping(s.Data().User, room)
		})
		s.OnDisconnect(func(ctx context.Context, reason runtime.DisconnectReason) {
			slog.Info("gone", "user", s.Data().User.Name, "reason", string(reason))
		})
		return nil
	})

	mux := http.NewServeMux()
	mux.Handle("/socket.io/", server)
	web := &http.Server{Addr: "127.0.0.1:3000", Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		limit, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		_ = server.Close(limit) // tells the clients, flushes, waits for handlers
		_ = web.Shutdown(limit)
	}()
	return web.ListenAndServe()
}

func joining(s *chatio.ServerSocket) {
	s.OnJoin(func(ctx context.Context, room chatio.Room) ([]chatio.User, error) {
		members, err := enter(ctx, room)
		if errors.Is(err, errFull) {
			return nil, &chatio.JoinError{Code: chatio.JoinErrorCodeFull, Message: "try later"}
		}
		return members, err
	})
}

func asking(ctx context.Context, srv *chatio.Server, s *chatio.ServerSocket) error {
	// One socket: the answer, or an error when it doesn't come.
	answer, err := s.EmitWithAck(ctx, "how many?")
	var timeout *runtime.AckTimeoutError
	if errors.As(err, &timeout) {
		slog.Warn("no answer", "after", timeout.After)
	}

	// Many sockets: the answers that came, and who did not answer.
	answers, err := srv.To("lobby").Timeout(2*time.Second).EmitWithAck(ctx, "how many?")
	var missing *runtime.BroadcastAckError
	if errors.As(err, &missing) {
		slog.Warn("some did not answer", "ids", missing.Missing)
	}

	slog.Info("answers", "one", answer, "many", answers)
	return nil
}

func askingLater(s *chatio.ServerSocket) {
	s.OnHello(func(ctx context.Context) error {
		go func() { // the client's next events don't wait for its answer
			answer, err := s.EmitWithAck(ctx, "how many?") // ctx ends when the socket disconnects
			if err != nil {
				slog.Warn("no answer", "error", err)
				return
			}
			slog.Info("answered", "user", s.Data().User.Name, "answer", answer)
		}()
		return nil
	})
}

func invalid(srv *chatio.Server) {
	srv.OnInvalid(func(ctx context.Context, s *chatio.ServerSocket, err *runtime.DecodeError) error {
		slog.Warn("invalid payload", "user", s.Data().User.Name, "error", err)
		if err.Event != "join" {
			return nil // nothing to answer with
		}
		return &chatio.JoinError{Code: chatio.JoinErrorCodeUnknownRoom, Message: err.Error()}
	})
}

func binary(srv *chatio.Server, s *chatio.ServerSocket) {
	s.OnSetAvatar(func(ctx context.Context, image []byte) error {
		s.Data().User.Avatar = image
		return srv.EmitAvatarChanged(s.Data().User.ID, image)
	})
}

func everywhere(ctx context.Context, srv *chatio.Server) error {
	sockets, err := srv.To("lobby").Sockets(ctx)
	if err != nil {
		return err
	}
	for _, s := range sockets {
		slog.Info("in the lobby", "user", s.Data.User.Name, "rooms", s.Rooms())
	}
	return errors.Join(
		srv.To("lobby").SocketsJoin("archive"),
		srv.To("lobby").SocketsLeave("lobby"),
		srv.To("banned").DisconnectSockets(true),
	)
}

var errFull = errors.New("full")

func logIn(context.Context, string) (chatio.User, error)        { return chatio.User{}, nil }
func enter(context.Context, chatio.Room) ([]chatio.User, error) { return nil, errFull }

// Nobody calls these: they are here to be compiled.
var _ = []any{serve, joining, asking, askingLater, invalid, binary, everywhere, connect, namespaces}
