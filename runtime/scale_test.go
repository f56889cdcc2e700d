package runtime_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
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

// idleCase is a way to connect, and the goroutines that an idle client costs: at
// most one is ours, the others are net/http's.
type idleCase struct {
	name       string
	server     processOptions
	dial       engineio.DialOptions
	goroutines int
}

// idleCases returns the ways to connect, none of which may cost more than two
// goroutines. shared makes the requests of all clients of the last two; over HTTP/2 it
// has one network connection for them.
func idleCases(shared *http.Client, anyone *tls.Config) []idleCase {
	return []idleCase{
		{"websocket", processOptions{}, engineio.DialOptions{Transports: byWebSocket}, 1},
		{"polling", processOptions{}, engineio.DialOptions{Transports: byPolling}, 1},
		{"upgrade", processOptions{}, engineio.DialOptions{Transports: byBoth}, 1},
		{"websocket, TLS", processOptions{TLS: true}, engineio.DialOptions{Transports: byWebSocket, TLSConfig: anyone}, 1},
		{"polling, TLS", processOptions{TLS: true}, engineio.DialOptions{Transports: byPolling, TLSConfig: anyone}, 1},
		{"polling, HTTPClient", processOptions{}, engineio.DialOptions{Transports: byPolling, HTTPClient: shared}, 1},
		{"polling, HTTP/2", processOptions{TLS: true}, engineio.DialOptions{Transports: byPolling, HTTPClient: shared}, 2},
	}
}

// Memory is reported.
func TestIdleClients(t *testing.T) {
	n := testscale.N(t, 100)
	anyone := &tls.Config{InsecureSkipVerify: true} // the certificate is httptest's
	transport := &http.Transport{TLSClientConfig: anyone.Clone(), ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	for _, test := range idleCases(&http.Client{Transport: transport}, anyone) {
		t.Run(test.name, func(t *testing.T) { testIdle(t, test, n) })
	}
}

func testIdle(t *testing.T, test idleCase, n int) {
	var log told
	p := startServer(t, "ours", test.server, &log)
	goroutines, bytes := goruntime.NumGoroutine(), inUse()
	clients := make([]*client, n)
	var busy sync.WaitGroup
	turns := make(chan struct{}, 50)
	for i := range clients {
		clients[i] = newClientAt(t, p.url, runtime.ClientOptions{Dial: test.dial})
		busy.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			if err := clients[i].Connect(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	busy.Wait()
	limit := test.goroutines * n
	if test.dial.HTTPClient != nil {
		limit += n / 10 // what the network connections cost that many clients share
	}
	await(t, "the clients to be idle", func() bool {
		return goruntime.NumGoroutine()-goroutines <= limit && ownGoroutines() <= n
	})
	t.Logf("each of %d idle clients: %.2f goroutines, %.2f of them ours, %.1f KiB", n,
		float64(goruntime.NumGoroutine()-goroutines)/float64(n), float64(ownGoroutines())/float64(n),
		float64(inUse()-bytes)/1024/float64(n))
	for _, c := range clients {
		busy.Go(func() { _ = c.Disconnect() })
	}
	busy.Wait()
	goruntime.KeepAlive(clients)
}

// ownGoroutines counts the goroutines that the runtime started.
func ownGoroutines() int {
	stacks := make([]byte, 1<<20)
	n := goruntime.Stack(stacks, true)
	for n == len(stacks) {
		stacks = make([]byte, 2*len(stacks))
		n = goruntime.Stack(stacks, true)
	}
	return strings.Count(string(stacks[:n]), "\ncreated by github.com/siogen/siogen/runtime/")
}

// inUse returns the bytes of heap and stacks that are in use.
func inUse() uint64 {
	var m goruntime.MemStats
	goruntime.GC()
	goruntime.GC()
	goruntime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
