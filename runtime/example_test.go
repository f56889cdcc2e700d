package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"

	"github.com/siogen/siogen/examples/quickstart/quickstart"
	"github.com/siogen/siogen/runtime"
)

// A server and a client of generated code (examples/quickstart).
func Example() {
	server := runtime.NewServer(runtime.ServerOptions{})
	srv := quickstart.NewServer(server)
	srv.Use(func(ctx context.Context, s *quickstart.ServerSocket) error {
		if s.Auth().Token != "secret" {
			return runtime.Refuse("who are you?", map[string]any{"code": 401})
		}
		return nil
	})
	srv.OnConnection(func(ctx context.Context, s *quickstart.ServerSocket) error {
		s.OnJoin(func(ctx context.Context, room string) ([]string, error) {
			if room != "lobby" {
				return nil, &quickstart.JoinError{Code: quickstart.JoinErrorCodeUnknownRoom, Message: "there is only a lobby"}
			}
			return []string{"Ann"}, nil
		})
		return nil
	})
	web := httptest.NewServer(server)
	defer web.Close()

	ctx := context.Background()
	defer server.Close(ctx)
	client := quickstart.NewClient(web.URL, runtime.ClientOptions{})
	defer client.Close()
	client.SetAuth(quickstart.HandshakeAuth{Token: "wrong"})
	var refused *runtime.RefusedError
	if err := client.Connect(ctx); errors.As(err, &refused) {
		fmt.Println(refused.Message, string(refused.Data.Raw()))
	}
	client.SetAuth(quickstart.HandshakeAuth{Token: "secret"})
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println(client.EmitJoin(ctx, "lobby"))
	_, err := client.EmitJoin(ctx, "attic")
	var declared *quickstart.JoinError
	if errors.As(err, &declared) {
		fmt.Println(declared.Code)
	}
	// Output:
	// who are you? {"code":401}
	// [Ann] <nil>
	// unknown_room
}
