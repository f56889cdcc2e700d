package socketio_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/siogen/siogen/examples/quickstart/quickstart"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/socketio"
)

// The native engine, made by hand: runtime.NewServer makes one of its options
// where none is given.
func Example() {
	engine := socketio.NewServer(socketio.Options{MaxRooms: 100})
	server := runtime.NewServer(runtime.ServerOptions{Engine: engine})
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
