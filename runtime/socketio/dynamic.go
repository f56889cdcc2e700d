package socketio

import (
	"context"
	"errors"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/metrics"
)

// parent is a driver.DynamicNamespace that is served, with its children.
type parent struct {
	server *Server
	d      driver.DynamicNamespace
}

var _ driver.ParentNamespace = (*parent)(nil)

// maxNamespaceName bounds, in bytes, a name that a client may have a child opened
// by.
const maxNamespaceName = 256

// DynamicNamespace implements driver.Server. It fails with driver.ErrClosed after
// Close.
func (s *Server) DynamicNamespace(d driver.DynamicNamespace) (driver.ParentNamespace, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, driver.ErrClosed
	}
	p := &parent{server: s, d: d}
	s.parents = append(s.parents, p)
	return p, nil
}

// mayOpen reports whether a client may ask for a dynamic namespace of that name.
func (s *Server) mayOpen(name []byte) bool {
	if len(name) > maxNamespaceName || !isNamespaceName(string(name)) {
		return false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.parents) > 0
}

// match asks whether the socket may join its dynamic namespace, and opens that if
// need be. If not, it refuses the client.
func (s *socket) match(ctx context.Context) bool {
	server := s.conn.server
	ns, err := server.match(ctx, s.ns.name, s.handshake)
	if err != nil {
		s.conn.server.count(metrics.SocketsRefused, 1, metrics.Other)
		s.conn.remove(s, false)
		if s.end("") {
			s.conn.refuse(s.ns.name, err)
		}
		return false
	}
	if !s.attach(ns) {
		ns.release()
		return false
	}
	return true
}

// attach makes ns the socket's namespace, unless the socket has ended.
func (s *socket) attach(ns *namespace) bool {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Load() != stateJoining {
		return false
	}
	s.ns = ns
	return true
}

// match returns the child that a client asks for, in use.
func (s *Server) match(ctx context.Context, name string, h *driver.Handshake) (*namespace, error) {
	for _, p := range s.candidates(name) {
		ok, err := p.d.Match(ctx, name, h)
		if err != nil {
			return nil, err
		}
		if ok {
			return p.use(name)
		}
	}
	return nil, errInvalidNamespace
}

// candidates are whom to ask about a name: of a child, its parent alone.
func (s *Server) candidates(name string) []*parent {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if n := s.namespaces[name]; n != nil && n.parent != nil {
		return []*parent{n.parent}
	}
	return s.parents[:len(s.parents):len(s.parents)]
}

// errManyChildren refuses a client that would be the first of one child too many.
var errManyChildren = &driver.RefusedError{Message: "Too many namespaces"}

// use returns the child of that name, opened if need be. The caller releases it.
func (p *parent) use(name string) (*namespace, error) {
	s := p.server
	if n, err := p.used(name); n != nil || err != nil {
		return n, err
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	if n, err := p.used(name); n != nil || err != nil {
		return n, err
	}
	n := newNamespace(s, name)
	n.parent, n.users = p, 1
	n.handler = p.d.Open(n)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.namespaces[name] = n
	s.children++
	return n, nil
}

// used returns the child of that name if it is open, in use. It fails when none
// may be opened.
func (p *parent) used(name string) (*namespace, error) {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.namespaces[name]
	switch {
	case n != nil && n.parent != p:
		return nil, &NamespaceError{Name: name, Message: "served already"}
	case n != nil:
		n.users++
		return n, nil
	case s.closed:
		return nil, driver.ErrClosed
	case s.children >= s.o.MaxChildNamespaces:
		s.o.Logger.Warn("socket.io: too many child namespaces", "parent", p.d.Name(), "limit", s.o.MaxChildNamespaces)
		return nil, errManyChildren
	}
	return nil, nil
}

// release ends one use of a child; the last one closes it, where that is wanted.
func (n *namespace) release() {
	p := n.parent
	if p == nil {
		return
	}
	s := p.server
	s.mu.Lock()
	n.users--
	unused := n.users == 0 && s.o.CleanupEmptyChildNamespaces
	s.mu.Unlock()
	if unused {
		p.closeUnused(n)
	}
}

// closeUnused closes a child, unless it was taken into use again, or closed by
// another who had been the last.
func (p *parent) closeUnused(n *namespace) {
	s := p.server
	s.opening.Lock()
	defer s.opening.Unlock()
	s.mu.Lock()
	if n.users > 0 || s.namespaces[n.name] != n {
		s.mu.Unlock()
		return
	}
	delete(s.namespaces, n.name)
	s.children--
	s.mu.Unlock()
	p.d.Closed(n)
}

// Child implements driver.ParentNamespace.
func (p *parent) Child(name string) (ns driver.Namespace, release func(), err error) {
	name, err = namespaceName(name)
	if err != nil {
		return nil, nil, err
	}
	n, err := p.use(name)
	if err != nil {
		return nil, nil, err
	}
	return n, n.release, nil
}

// each calls f for every open child, until one fails.
func (p *parent) each(f func(n *namespace) error) error {
	for _, n := range p.children() {
		if err := f(n); err != nil {
			return err
		}
	}
	return nil
}

func (p *parent) children() []*namespace {
	p.server.mu.RLock()
	defer p.server.mu.RUnlock()
	var children []*namespace
	for _, n := range p.server.namespaces {
		if n.parent == p {
			children = append(children, n)
		}
	}
	return children
}

// Name implements driver.Namespace.
func (p *parent) Name() string { return p.d.Name() }

// Broadcast implements driver.Namespace.
func (p *parent) Broadcast(t driver.Target, payload driver.Payload) error {
	return p.each(func(n *namespace) error { return n.Broadcast(t, payload) })
}

// BroadcastAck implements driver.Namespace.
func (p *parent) BroadcastAck(ctx context.Context, t driver.Target, payload driver.Payload, w driver.BroadcastAckWaiter) (asked []string, cancel func(), err error) {
	var cancels []func()
	var errs []error
	for _, n := range p.children() {
		ids, stop, err := n.BroadcastAck(ctx, t, payload, w)
		if stop != nil {
			cancels = append(cancels, stop)
		}
		asked = append(asked, ids...)
		errs = append(errs, err)
	}
	return asked, func() {
		for _, stop := range cancels {
			stop()
		}
	}, errors.Join(errs...)
}

// Sockets implements driver.Namespace.
func (p *parent) Sockets(ctx context.Context, t driver.Target) ([]driver.RemoteSocket, error) {
	var sockets []driver.RemoteSocket
	err := p.each(func(n *namespace) error {
		of, err := n.Sockets(ctx, t)
		sockets = append(sockets, of...)
		return err
	})
	return sockets, err
}

// JoinRooms implements driver.Namespace.
func (p *parent) JoinRooms(t driver.Target, rooms []string) error {
	return p.each(func(n *namespace) error { return n.JoinRooms(t, rooms) })
}

// LeaveRooms implements driver.Namespace.
func (p *parent) LeaveRooms(t driver.Target, rooms []string) error {
	return p.each(func(n *namespace) error { return n.LeaveRooms(t, rooms) })
}

// DisconnectSockets implements driver.Namespace.
func (p *parent) DisconnectSockets(t driver.Target, closeConn bool) error {
	return p.each(func(n *namespace) error { return n.DisconnectSockets(t, closeConn) })
}

// ServerEmit implements driver.Namespace.
func (p *parent) ServerEmit(context.Context, driver.Payload, driver.BroadcastAckWaiter) ([]string, error) {
	return nil, nil
}
