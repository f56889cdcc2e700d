package metrics_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync"

	"github.com/siogen/siogen/examples/quickstart/quickstart"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/metrics"
)

// sums adds up what is counted, over all labels, and forgets how long things took.
type sums struct {
	mu sync.Mutex
	of map[metrics.Metric]int64
}

func (s *sums) Add(m metrics.Metric, n int64, _ metrics.Labels) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of[m] += n
}

func (s *sums) Observe(metrics.Metric, float64, metrics.Labels) {}

// A Recorder of one's own, for a system of metrics that has no package here.
func ExampleRecorder() {
	recorder := &sums{of: make(map[metrics.Metric]int64)}
	server := runtime.NewServer(runtime.ServerOptions{Metrics: recorder})
	quickstart.NewServer(server)
	web := httptest.NewServer(server)
	defer web.Close()

	ctx := context.Background()
	client := quickstart.NewClient(web.URL, runtime.ClientOptions{})
	client.SetAuth(quickstart.HandshakeAuth{Token: "secret"})
	fmt.Println(client.Connect(ctx))
	client.Close()
	fmt.Println(server.Close(ctx))
	for _, m := range []metrics.Metric{metrics.SocketsConnected, metrics.Sockets} {
		info := m.Info()
		fmt.Printf("%s: %d (%s)\n", info.Name, recorder.of[m], info.Help)
	}
	// Output:
	// <nil>
	// <nil>
	// sockets.connected: 1 (Sockets that joined a namespace.)
	// sockets: 0 (Sockets that have joined a namespace.)
}
