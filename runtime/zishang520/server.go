package zishang520

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/zishang520/socket.io/servers/engine/v3"
	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/internal/group"
)

// server is a driver.Server over a server of the library.
type server struct {
	io      *socket.Server
	parser  *Parser // nil: not ours
	running group.Group
	polls   polls
	// handler is the library's; its first use makes its engine.
	handler func() http.Handler

	mu         sync.Mutex
	closed     bool
	namespaces map[string]*namespace
	dynamic    *children // nil: no dynamic namespaces
	// conns are the connections that have, or ask for, a namespace of ours.
	conns map[engine.Socket]*conn
}

// Server returns the driver for a server of the library, which may have handlers
// of its own, also in the same namespaces: runtime.ServerOptions.Engine. It is to
// be called before the server takes connections, and so are the constructors of
// generated servers.
//
// Requests are best served through the runtime.Server: over
// io.Attach or io.ServeHandler everything else works, but packets that a client
// sends right behind its handshake can get lost. Closing the runtime.Server closes io.
func Server(io *socket.Server) driver.Server {
	s := &server{io: io, namespaces: make(map[string]*namespace), conns: make(map[engine.Socket]*conn)}
	s.parser, _ = io.Opts().Parser().(*Parser)
	s.handler = sync.OnceValue(func() http.Handler { return io.ServeHandler(nil) })
	return s
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		http.Error(w, "server is closed", http.StatusServiceUnavailable)
		return
	}
	h := s.handler()
	r, l := s.linked(r)
	switch {
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		gated := &gatedWriter{ResponseWriter: w, open: make(chan struct{}), link: l}
		defer close(gated.open)
		h.ServeHTTP(gated, r)
	case isPoll(r):
		r.Body = &linkedBody{r.Body, l}
		s.servePoll(h, w, r)
	default:
		h.ServeHTTP(w, r)
	}
}

// Namespace implements driver.Server.
func (s *server) Namespace(name string, h driver.NamespaceHandler) (driver.Namespace, error) {
	name, err := namespaceName(name)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, driver.ErrClosed
	}
	if s.namespaces[name] != nil {
		return nil, &NamespaceError{Name: name, Message: "served already"}
	}
	if s.dynamic != nil && s.dynamic.child(name) != nil {
		return nil, &NamespaceError{Name: name, Message: "served already, by a dynamic namespace"}
	}
	n := newNamespace(s, s.io.Of(name, nil))
	s.namespaces[name] = n
	n.nsp.Use(n.middleware)
	return n, n.serve(h)
}

// DynamicNamespace implements driver.Server. The library asks about each name that
// nobody serves, also about those that nobody wants: it must close empty namespaces
// (ServerOptions.SetCleanupEmptyChildNamespaces), or this fails with an
// *UnsupportedError.
func (s *server) DynamicNamespace(d driver.DynamicNamespace) (driver.ParentNamespace, error) {
	if !s.io.Opts().CleanupEmptyChildNamespaces() {
		return nil, &UnsupportedError{"dynamic namespaces that stay open", "set ServerOptions.SetCleanupEmptyChildNamespaces(true): clients may ask for any name"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, driver.ErrClosed
	}
	if s.dynamic == nil {
		var err error
		if s.dynamic, err = newChildren(s); err != nil {
			return nil, err
		}
	}
	return s.dynamic.serve(d)
}

func namespaceName(name string) (string, error) {
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	if strings.ContainsAny(name, ",?") {
		return "", &NamespaceError{Name: name, Message: "not a namespace's name"}
	}
	return name, nil
}

// Close implements driver.Server.
func (s *server) Close(ctx context.Context) error {
	s.mu.Lock()
	first, dynamic := !s.closed, s.dynamic
	s.closed = true
	s.mu.Unlock()
	if first {
		s.running.Spawn(func() {
			s.io.Close(nil)
			dynamic.close()
		})
	}
	return s.running.Wait(ctx)
}

// conn is a connection, shared by the sockets of its namespaces.
type conn struct {
	ctx      context.Context
	cancel   context.CancelCauseFunc
	sockets  atomic.Int32 // those that have joined or asked to
	inlet    inlet
	outgoing outgoing
}

// MaxNamespaces is how many namespaces of typed code a client may join, or ask to
// join, over one connection.
const MaxNamespaces = 100

// errConnEnded ends the contexts of a connection.
var errConnEnded = errors.New("connection ended")

// connOf returns what is kept for a connection. Its context has ended if the
// connection has.
func (s *server) connOf(c engine.Socket) *conn {
	s.mu.Lock()
	kept := s.conns[c]
	known := kept != nil
	if !known {
		kept = new(conn)
		kept.ctx, kept.cancel = context.WithCancelCause(context.Background())
		s.conns[c] = kept
		linkTo(c, kept)
	}
	s.mu.Unlock()
	if !known {
		_ = c.Once("close", func(...any) { s.ended(c) })
		// In another goroutine: the library holds a lock while it emits.
		kept.outgoing.watch(c, func() { s.running.Spawn(func() { c.Close(true) }) })
		if c.ReadyState() == "closed" { // before somebody listened
			s.ended(c)
		}
	}
	return kept
}

func (s *server) ended(c engine.Socket) {
	s.mu.Lock()
	kept := s.conns[c]
	delete(s.conns, c)
	s.mu.Unlock()
	if kept != nil {
		kept.cancel(errConnEnded)
	}
}
