package socketio

import (
	"context"
	"fmt"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/metrics"
)

// parent is a driver.DynamicNamespace that is served, with its children.
type parent struct {
	reach
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
	s.opening.Lock()
	defer s.opening.Unlock()
	s.mu.Lock()
	same, closed := 1, s.closed
	for _, p := range s.parents {
		if p.d.Name() == d.Name() {
			same++
		}
	}
	s.mu.Unlock()
	if closed {
		return nil, driver.ErrClosed
	}
	p := &parent{server: s, d: d}
	var err error
	p.reach, err = s.newReach(localParent{p, fmt.Sprintf("dynamic %s %d", d.Name(), same)})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
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
	var err error
	if n.reach, err = s.newReach(n.local); err != nil {
		p.d.Closed(n)
		return nil, err
	}
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
	if n.cluster != nil {
		n.cluster.Close()
	}
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

// Name implements driver.Namespace.
func (p *parent) Name() string { return p.d.Name() }

// children are those that are open.
func (p *parent) children() []localNamespace {
	p.server.mu.RLock()
	defer p.server.mu.RUnlock()
	var children []localNamespace
	for _, n := range p.server.namespaces {
		if n.parent == p {
			children = append(children, localNamespace{n})
		}
	}
	return children
}
