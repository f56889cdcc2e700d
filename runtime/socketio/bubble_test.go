package socketio

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/siogen/siogen/runtime/engineio"
)

// pipes is a network in memory: a net.Listener, and what dials it.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	end   sync.Once

	mu   sync.Mutex
	open []net.Conn
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.end.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		p.mu.Lock()
		defer p.mu.Unlock()
		p.open = append(p.open, server)
		return client, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// cut ends what is open.
func (p *pipes) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		_ = c.Close()
	}
	p.open = nil
}

// inABubble runs a test of timeouts where no machine is slow: in a bubble of
// testing/synctest. The namespace "/" has a's sockets, and u is connected to it.
func inABubble(t *testing.T, a *app, o ClientOptions, test func(t *testing.T, u *user, network *pipes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &testServer{Server: NewServer(Options{Logger: slog.New(slog.DiscardHandler)}), t: t, url: "http://memory"}
		network := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		web := &http.Server{Handler: s}
		served := make(chan struct{})
		go func() { defer close(served); _ = web.Serve(network) }()
		t.Cleanup(func() {
			if err := s.Close(context.Background()); err != nil {
				t.Errorf("Close: %v", err)
			}
			_ = web.Close()
			<-served
		})
		s.serve("/", a)
		o.Engine = engineio.DialOptions{DialContext: network.dial, Transports: []string{engineio.WebSocket}}
		u := join(t, newTestClient(t, s.url, o), "/", &user{})
		u.mustConnect(t)
		test(t, u, network)
	})
}
