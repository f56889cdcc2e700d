package snippets

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
)

// start serves on a port of its own and returns a client that is not connected yet.
func start(t *testing.T, serve func(*chatio.Server)) *chatio.Client {
	t.Helper()
	server := runtime.NewServer(runtime.ServerOptions{})
	serve(chatio.NewServer(server))
	web := httptest.NewServer(server)
	client := chatio.NewClient(web.URL, runtime.ClientOptions{NoReconnection: true})
	client.SetAuth(chatio.HandshakeAuth{Token: "secret"})
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		client.Close()
		if err := server.Close(ctx); err != nil { // waits for handlers
			t.Error(err)
		}
		web.Close()
	})
	return client
}

func TestJoinTellsWhoIsThere(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	client := start(t, func(srv *chatio.Server) {
		srv.OnConnection(func(ctx context.Context, s *chatio.ServerSocket) error {
			s.OnJoin(func(ctx context.Context, room chatio.Room) ([]chatio.User, error) {
				if room != "lobby" {
					return nil, &chatio.JoinError{Code: chatio.JoinErrorCodeUnknownRoom, Message: "no such room"}
				}
				return []chatio.User{}, s.EmitTyping(chatio.User{Name: "Ann", Role: chatio.RoleGuest}, room)
			})
			return nil
		})
	})
	typing := make(chan string, 1)
	client.OnTyping(func(ctx context.Context, user chatio.User, room chatio.Room) error {
		typing <- user.Name
		return nil
	})
	if err := client.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	members, err := client.EmitJoin(ctx, "lobby")
	if err != nil || len(members) != 0 {
		t.Errorf("members %v, error %v", members, err)
	}
	select {
	case name := <-typing:
		if name != "Ann" {
			t.Errorf("%s types", name)
		}
	case <-ctx.Done():
		t.Error("nobody types")
	}
}
