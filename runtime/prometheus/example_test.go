package prometheus_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/siogen/siogen/examples/quickstart/quickstart"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/prometheus"
)

// The server's metrics beside it, at /metrics.
func Example() {
	registry := client.NewRegistry()
	metrics, err := prometheus.New(prometheus.Options{Registerer: registry, ConstLabels: client.Labels{"app": "shop"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := runtime.NewServer(runtime.ServerOptions{Metrics: metrics})
	defer server.Close(context.Background())
	quickstart.NewServer(server)
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", server)
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))

	refused := httptest.NewRecorder()
	mux.ServeHTTP(refused, httptest.NewRequest(http.MethodGet, "/socket.io/?EIO=3&transport=polling", nil))
	scraped := httptest.NewRecorder()
	mux.ServeHTTP(scraped, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	fmt.Print(scraped.Body)
	// Output:
	// # HELP socketio_requests_refused_total HTTP requests refused, by the code of the answer: the protocol's (0 to 5), or the HTTP status (413, 431, 503).
	// # TYPE socketio_requests_refused_total counter
	// socketio_requests_refused_total{app="shop",code="5"} 1
}
