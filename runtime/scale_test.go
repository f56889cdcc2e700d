package runtime_test

import (
	"context"
	"fmt"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"

	"github.com/siogen/siogen/internal/testscale"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
)

func TestManyConnectsOneAfterAnother(t *testing.T) {
	n := testscale.N(t, 50)
	for _, kind := range servers {
		var log told
		p := startServer(t, kind, processOptions{}, &log)
		for _, transports := range [][]string{byWebSocket, byPolling, byBoth} {
			t.Run(kind+" "+strings.Join(transports, "+"), func(t *testing.T) {
				for i := range n {
					if err := connectOnce(t, p.url, transports, i); err != nil {
						t.Fatalf("connect %d: %v", i, err)
					}
				}
			})
		}
	}
}

// connectOnce connects, asks once, and leaves.
func connectOnce(t *testing.T, url string, transports []string, i int) error {
	c := newClientAt(t, url, runtime.ClientOptions{NoReconnection: true, Dial: engineio.DialOptions{Transports: transports}})
	down := make(chan runtime.DisconnectReason, 1)
	c.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) { down <- reason })
	if err := c.Connect(testContext(t)); err != nil {
		return err
	}
	if answer, err := ask(testContext(t), c, "ask", fmt.Sprint(i)); err != nil || answer != fmt.Sprint("re: ", i) {
		return fmt.Errorf("ask: %q, %w", answer, err)
	}
	if err := c.Close(); err != nil {
		return err
	}
	if reason := wait(t, down, "disconnection"); reason != runtime.IOClientDisconnect {
		return fmt.Errorf("disconnected: %s", reason)
	}
	return nil
}

// An idle client costs one goroutine on a WebSocket, and on polling two more, which
// are net/http's. Memory is reported.
func TestIdleClients(t *testing.T) {
	n := testscale.N(t, 100)
	var log told
	p := startServer(t, "ours", processOptions{}, &log)
	for _, test := range []struct {
		transports []string
		goroutines int
	}{{byWebSocket, 1}, {byPolling, 3}, {byBoth, 1}} {
		t.Run(strings.Join(test.transports, "+"), func(t *testing.T) {
			goroutines, bytes := goruntime.NumGoroutine(), inUse()
			clients := make([]*client, n)
			var busy sync.WaitGroup
			turns := make(chan struct{}, 50)
			for i := range clients {
				clients[i] = newClientAt(t, p.url, runtime.ClientOptions{Dial: engineio.DialOptions{Transports: test.transports}})
				busy.Go(func() {
					turns <- struct{}{}
					defer func() { <-turns }()
					if err := clients[i].Connect(context.Background()); err != nil {
						t.Error(err)
					}
				})
			}
			busy.Wait()
			await(t, "the clients to be idle", func() bool { return goruntime.NumGoroutine()-goroutines <= test.goroutines*n })
			t.Logf("each of %d idle clients: %.2f goroutines, %.1f KiB", n,
				float64(goruntime.NumGoroutine()-goroutines)/float64(n), float64(inUse()-bytes)/1024/float64(n))
			for _, c := range clients {
				busy.Go(func() { _ = c.Disconnect() })
			}
			busy.Wait()
			goruntime.KeepAlive(clients)
		})
	}
}

// inUse returns the bytes of heap and stacks that are in use.
func inUse() uint64 {
	var m goruntime.MemStats
	goruntime.GC()
	goruntime.GC()
	goruntime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
