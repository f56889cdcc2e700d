package socketio

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
	"github.com/siogen/siogen/runtime/internal/group"
	"github.com/siogen/siogen/runtime/metrics"
)

// Server is a Socket.IO server: a driver.Server and an http.Handler. Its methods
// may be called from several goroutines at once.
type Server struct {
	o       Options
	engine  *engineio.Server
	running group.Group // connections and callbacks of namespaces
	invalid atomic.Uint64
	// recovery is nil where that is off.
	recovery *recovery

	// opening is held while a namespace is opened or closed, before mu.
	opening sync.Mutex

	mu         sync.RWMutex
	namespaces map[string]*namespace
	parents    []*parent // append only
	children   int       // how many of namespaces have a parent
	closed     bool
}

var _ driver.Server = (*Server)(nil)

// NewServer returns a server without namespaces: until Namespace is called it
// refuses every client.
func NewServer(o Options) *Server {
	s := &Server{o: o.withDefaults(), namespaces: make(map[string]*namespace)}
	if s.o.Recovery != nil {
		s.recovery = newRecovery(*s.o.Recovery, s.o.Engine)
	}
	s.engine = engineio.NewServer(s.o.Engine, func(c *engineio.Conn) engineio.Handler { return s.accept(c) })
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// Namespace implements driver.Server. A name without its leading "/" gets one. It
// fails with a *NamespaceError, or with driver.ErrClosed after Close.
func (s *Server) Namespace(name string, h driver.NamespaceHandler) (driver.Namespace, error) {
	name, err := namespaceName(name)
	if err != nil {
		return nil, err
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	s.mu.RLock()
	closed, taken := s.closed, s.namespaces[name] != nil
	s.mu.RUnlock()
	if closed {
		return nil, driver.ErrClosed
	}
	if taken {
		return nil, &NamespaceError{Name: name, Message: "served already"}
	}
	n := newNamespace(s, name)
	n.handler = h
	if n.reach, err = s.newReach(n.local); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.namespaces[name] = n
	return n, nil
}

// Close implements driver.Server. Clients are not told to leave their namespaces:
// they see the transport close, and those that reconnect come back to the next
// server.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	if s.recovery != nil {
		s.recovery.close()
	}
	err := s.engine.Close(ctx)
	if werr := s.running.Wait(ctx); err == nil {
		err = werr
	}
	return err
}

// InvalidPackets returns how many packets were so wrong that they ended their
// connection.
func (s *Server) InvalidPackets() uint64 { return s.invalid.Load() }

// count adds to a metric, if anybody measures.
func (s *Server) count(m metrics.Metric, n int, label string) {
	if r := s.o.Engine.Metrics; r != nil {
		r.Add(m, int64(n), metrics.Labels{label})
	}
}

func (s *Server) namespace(name []byte) *namespace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.namespaces[string(name)]
}

func (s *Server) accept(c conn) *serverConn {
	s.running.Start()
	return newServerConn(s, c)
}
