package zishang520_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/examples/quickstart/quickstart"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/zishang520"
)

// Generated code over a server of the library that an application has already.
func Example() {
	io := socket.NewServer(nil, socket.DefaultServerOptions())
	server := runtime.NewServer(runtime.ServerOptions{Engine: zishang520.Server(io)})
	srv := quickstart.NewServer(server)
	srv.OnConnection(func(ctx context.Context, s *quickstart.ServerSocket) error {
		s.OnJoin(func(ctx context.Context, room string) ([]string, error) { return []string{"Ann"}, nil })
		return nil
	})
	web := httptest.NewServer(server)
	defer web.Close()

	ctx := context.Background()
	defer server.Close(ctx)
	client := quickstart.NewClient(web.URL, runtime.ClientOptions{})
	defer client.Close()
	client.SetAuth(quickstart.HandshakeAuth{Token: "secret"})
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client.EmitJoin(ctx, "lobby"))
	// Output: [Ann] <nil>
}
