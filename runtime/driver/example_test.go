package driver_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/siogen/siogen/examples/quickstart/quickstart"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/socketio"
)

// told is an engine around another that tells what it is asked to serve.
type told struct{ driver.Server }

func (s told) Namespace(name string, h driver.NamespaceHandler) (driver.Namespace, error) {
	fmt.Println("serves", name)
	return s.Server.Namespace(name, h)
}

// Whatever implements driver.Server can be the engine of generated code: here one
// that leaves almost everything to the native engine.
func Example() {
	server := runtime.NewServer(runtime.ServerOptions{Engine: told{socketio.NewServer(socketio.Options{})}})
	quickstart.NewServer(server)
	web := httptest.NewServer(server)
	defer web.Close()

	ctx := context.Background()
	defer server.Close(ctx)
	client := quickstart.NewClient(web.URL, runtime.ClientOptions{})
	defer client.Close()
	client.SetAuth(quickstart.HandshakeAuth{Token: "secret"})
	fmt.Println(client.Connect(ctx))
	// Output:
	// serves /
	// <nil>
}
