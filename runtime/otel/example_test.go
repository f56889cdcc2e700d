package otel_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/siogen/siogen/examples/quickstart/quickstart"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/otel"
)

// A span for each event that a client sends.
func ExampleTracing() {
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	server := runtime.NewServer(runtime.ServerOptions{
		Interceptors: []runtime.Interceptor{otel.Tracing(provider)},
	})
	srv := quickstart.NewServer(server)
	srv.OnConnection(func(ctx context.Context, s *quickstart.ServerSocket) error {
		s.OnJoin(func(ctx context.Context, room string) ([]string, error) { return []string{"Ann"}, nil })
		return nil
	})
	web := httptest.NewServer(server)
	defer web.Close()

	ctx := context.Background()
	client := quickstart.NewClient(web.URL, runtime.ClientOptions{})
	client.SetAuth(quickstart.HandshakeAuth{Token: "secret"})
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client.EmitJoin(ctx, "lobby"))
	client.Close()
	fmt.Println(server.Close(ctx))
	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name, span.SpanKind)
	}
	// Output:
	// [Ann] <nil>
	// <nil>
	// receive join server
}
