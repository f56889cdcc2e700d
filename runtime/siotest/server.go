package siotest

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"github.com/siogen/siogen/runtime"
)

// serverURL can't be reached over a real network (RFC 6761, section 6.4).
const serverURL = "http://siotest.invalid"

// Server is a server in memory, and the network around it. Its methods may be called
// from several goroutines at once.
type Server struct {
	// Server is what generated servers are made of: chatio.NewServer(s.Server). A test
	// may Close it, to see what clients make of that.
	*runtime.Server
	// URL is the server's for clients that have its ClientOptions.
	URL string

	t       testing.TB
	output  *output
	log     *slog.Logger
	network *network
	web     *http.Server
	serving sync.WaitGroup

	mu      sync.Mutex
	closers []func(context.Context) error
}

// NewServer starts a server. When the test ends it closes the clients that NewClient
// and Manager made, then the server, and waits, for at most
// [runtime.CloseTimeout] each, for what they do; what does not end by then fails the
// test. Without a Logger in o, it logs to the test's output.
//
// In a bubble of testing/synctest, t is the bubble's.
func NewServer(t testing.TB, o runtime.ServerOptions) *Server {
	t.Helper()
	s := &Server{URL: serverURL, t: t, output: &output{to: t.Output()}, network: newNetwork()}
	s.log = slog.New(slog.NewTextHandler(s.output, nil))
	if o.Logger == nil {
		o.Logger = s.log
	}
	s.Server = runtime.NewServer(o)
	s.web = &http.Server{Handler: s.Server, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn)}
	s.serving.Go(func() { _ = s.web.Serve(s.network) }) // the error is that it was closed
	t.Cleanup(s.end)
	return s
}

// end closes everything.
func (s *Server) end() {
	defer s.output.close()
	s.Stall(false) // or nobody could say goodbye
	s.mu.Lock()
	closers := s.closers
	s.mu.Unlock()
	for _, closeClient := range closers {
		s.await("closing a client", closeClient)
	}
	s.await("closing the server", s.Server.Close)
	_ = s.network.Close()
	s.await("closing the HTTP server", s.web.Shutdown)
	s.serving.Wait()
}

// await fails the test when something does not end.
func (s *Server) await(what string, f func(context.Context) error) {
	ctx, stop := context.WithTimeout(context.Background(), runtime.CloseTimeout)
	defer stop()
	if err := f(ctx); err != nil {
		s.t.Errorf("siotest: %s: %v", what, err)
	}
}

// Cut loses all connections, with what is on its way, as when a router restarts: both
// ends see a transport error at once. Clients may come back.
func (s *Server) Cut() { s.network.cut() }

// Down, with on set, loses all connections as Cut does, and has all attempts to
// connect refused until it is called with false.
func (s *Server) Down(on bool) { s.network.setDown(on) }

// Stall, with on set, lets nothing arrive any more, on connections of now and those
// that are opened: neither bytes nor the end of a connection. When it is called with
// false, all of it arrives. Both ends see nothing of it but that the other one is
// silent; 64 KiB each way may be sent meanwhile, and more waits.
func (s *Server) Stall(on bool) { s.network.stall(on) }
