package runtime_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
)

// memory is a network without a network: a net.Listener and what dials it.
type memory struct {
	conns chan net.Conn
	done  chan struct{}
	end   sync.Once

	mu   sync.Mutex
	open []net.Conn
}

func newMemory() *memory { return &memory{conns: make(chan net.Conn), done: make(chan struct{})} }

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}
func (m *memory) Close() error   { m.end.Do(func() { close(m.done) }); return nil }
func (m *memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case m.conns <- server:
		m.mu.Lock()
		defer m.mu.Unlock()
		m.open = append(m.open, client)
		return client, nil
	case <-m.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// cut ends what is open.
func (m *memory) cut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.open {
		_ = c.Close()
	}
	m.open = nil
}

// A client whose connections are in memory lives in the time of a synctest bubble:
// an hour of heartbeats, delays and timeouts takes no time.
func TestClientInABubble(t *testing.T) {
	for _, transports := range [][]string{byWebSocket, byPolling, byBoth} {
		t.Run(strings.Join(transports, "+"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { testBubble(t, transports) })
		})
	}
}

func testBubble(t *testing.T, transports []string) {
	quiet := slog.New(slog.DiscardHandler)
	base := runtime.NewServer(runtime.ServerOptions{Logger: quiet})
	srv := runtime.NewNamespace(base, runtime.NamespaceType[socket]{
		Name: "/",
		New: func(base *runtime.Socket) *socket {
			return &socket{Socket: base, emitter: emitter{base.AsTarget()}}
		},
	})
	srv.OnConnection(func(_ context.Context, s *socket) error {
		s.AsListener().On("fine", onAsk(func(_ context.Context, text string) (string, error) { return text, nil }))
		return nil
	})
	network := newMemory()
	web := &http.Server{Handler: base}
	var serving sync.WaitGroup
	serving.Go(func() { _ = web.Serve(network) })
	manager := runtime.NewManager("http://memory", runtime.ClientOptions{
		Logger: quiet,
		Dial:   engineio.DialOptions{DialContext: network.dial, Transports: transports},
	})
	c := &client{Client: runtime.NewManagedClient(manager, "/")}
	c.emitter = emitter{c.AsTarget()}
	var delays []time.Duration
	lost := time.Now()
	c.OnDisconnect(func(context.Context, runtime.DisconnectReason) { lost = time.Now() })
	c.OnReconnect(func(context.Context, int) { delays = append(delays, time.Since(lost)) })
	if err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Hour)
	synctest.Wait()
	if len(delays) > 0 || !c.Connected() {
		t.Errorf("reconnected %d times in a quiet hour, connected %v", len(delays), c.Connected())
	}
	network.cut()
	time.Sleep(time.Minute)
	synctest.Wait()
	if len(delays) != 1 || delays[0] < 500*time.Millisecond || delays[0] > 1500*time.Millisecond {
		t.Errorf("reconnected after %v, want once, after 1 s and up to half of it more or less", delays)
	}
	if answer, err := ask(t.Context(), c, "fine", "x"); err != nil || answer != "x" {
		t.Errorf("ask: %q, %v", answer, err)
	}
	start := time.Now()
	_, err := ask(t.Context(), c, "nobody answers")
	if took := time.Since(start); !errors.As(err, new(*runtime.AckTimeoutError)) || took != runtime.DefaultAckTimeout {
		t.Errorf("after %v: %v", took, err)
	}
	if err := errors.Join(manager.Close(t.Context()), base.Close(t.Context()), web.Close()); err != nil {
		t.Error(err)
	}
	serving.Wait()
}
