package runtime

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/internal/loglimit"
	"github.com/siogen/siogen/runtime/metrics"
)

// Server serves Socket.IO over HTTP: it is an http.Handler for the path
// "/socket.io/" of any mux. Generated servers (NewServer of the generated
// package) serve its namespaces.
type Server struct {
	engine       driver.Server
	log          *slog.Logger
	logLimit     *loglimit.Handler // of log
	ackTimeout   time.Duration
	interceptors []Interceptor
	metrics      metrics.Recorder
	// everyMiddleware: middleware runs for sockets that were recovered, too.
	everyMiddleware bool
	tasks           tasks
	ctx             context.Context
	cancel          context.CancelFunc
}

// NewServer returns a server; the zero ServerOptions are good defaults.
func NewServer(o ServerOptions) *Server {
	s := &Server{engine: o.Engine, log: o.Logger, ackTimeout: o.AckTimeout, interceptors: slices.Clone(o.Interceptors), metrics: o.Metrics}
	s.everyMiddleware = o.Recovery != nil && o.Recovery.RunMiddleware
	if s.log == nil {
		s.log = slog.Default()
	}
	s.log, s.logLimit = loglimit.New(s.log)
	if s.engine == nil {
		s.engine = o.native(s.log)
	}
	if s.ackTimeout <= 0 {
		s.ackTimeout = DefaultAckTimeout
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// Close stops accepting, tells every client that the server is shutting down,
// and waits for what is queued to be sent and for handlers to return. When ctx
// ends first it returns the context's error; handlers see their contexts
// cancelled either way. It may be called again. A handler that calls it is waited
// for too, so that ctx must have an end.
func (s *Server) Close(ctx context.Context) error {
	err := s.engine.Close(ctx)
	s.cancel()
	if werr := s.tasks.wait(ctx); err == nil {
		err = werr
	}
	s.logLimit.Flush(ctx)
	return err
}
