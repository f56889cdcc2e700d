package cluster_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"sync"

	"github.com/siogen/siogen/examples/quickstart/quickstart"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/cluster"
)

// channel is a PubSub within one process. A real one publishes to Redis, NATS or
// the like, through their client library.
type channel struct {
	mu          sync.Mutex
	subscribers []chan []byte
	subscribed  chan struct{}
}

func (c *channel) Publish(ctx context.Context, message []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.subscribers {
		select {
		case s <- bytes.Clone(message):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (c *channel) Subscribe(ctx context.Context, receive func(message []byte)) error {
	messages := make(chan []byte, 100)
	c.mu.Lock()
	c.subscribers = append(c.subscribers, messages)
	c.mu.Unlock()
	c.subscribed <- struct{}{}
	for {
		select {
		case m := <-messages:
			receive(m)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Two servers: what one broadcasts reaches the clients of the other.
func Example() {
	ctx := context.Background()
	shared := &channel{subscribed: make(chan struct{}, 2)}
	var servers [2]*quickstart.Server
	var urls [2]string
	for i := range servers {
		adapter := cluster.New(shared, cluster.Options{})
		defer adapter.Close(ctx)
		server := runtime.NewServer(runtime.ServerOptions{Adapter: adapter.NewAdapter})
		defer server.Close(ctx)
		servers[i] = quickstart.NewServer(server)
		web := httptest.NewServer(server)
		defer web.Close()
		urls[i] = web.URL
		<-shared.subscribed
	}

	client := quickstart.NewClient(urls[1], runtime.ClientOptions{})
	defer client.Close()
	client.SetAuth(quickstart.HandshakeAuth{Token: "secret"})
	heard := make(chan string, 1)
	client.OnMessage(func(ctx context.Context, from, text string) error {
		heard <- from + ": " + text
		return nil
	})
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	if err := servers[0].EmitMessage("the first server", "hello"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-heard)
	// Output: the first server: hello
}
