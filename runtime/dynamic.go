package runtime

import (
	"context"
	"fmt"
	"regexp"

	"github.com/siogen/siogen/runtime/driver"
)

// NamespaceMatch decides whether a namespace is served that a client asks for by
// name. It is called for each client that asks, before any middleware, from several
// goroutines at once, and may block; ctx ends when the client disconnects. h has the
// auth payload undecoded. An error refuses the client, as a middleware's does.
type NamespaceMatch func(ctx context.Context, name string, h *Handshake) (bool, error)

// NamespacePattern matches names that contain a match of a pattern, as the reference
// server's does: begin it with ^ and end it with $ to match the whole name. The name
// begins with "/".
func NamespacePattern(pattern *regexp.Regexp) NamespaceMatch {
	return func(_ context.Context, name string, _ *Handshake) (bool, error) {
		return pattern.MatchString(name), nil
	}
}

// NewDynamicNamespace serves namespaces as clients ask for them, those that match.
// They share middleware and handlers, and what is done with the Namespace concerns
// all of them. typ.Name need not match; it tells this from the other dynamic
// namespaces of a cluster's servers. It panics as NewNamespace does; where the engine
// has no dynamic namespaces, with an error that wraps errors.ErrUnsupported. For
// generated code.
func NewDynamicNamespace[S any](server *Server, typ NamespaceType[S], match NamespaceMatch) *Namespace[S] {
	n := newNamespace(server, typ)
	parent, err := server.engine.DynamicNamespace(dynamicNamespace[S]{n, match})
	if err != nil {
		panic(fmt.Errorf("siogen: serving namespaces as %q: %w", typ.Name, err))
	}
	n.drv, n.parent = parent, parent
	return n
}

// dynamicNamespace is how the engine reaches a Namespace that has children.
type dynamicNamespace[S any] struct {
	n     *Namespace[S]
	match NamespaceMatch
}

// Name implements driver.DynamicNamespace.
func (d dynamicNamespace[S]) Name() string { return d.n.name }

// Match implements driver.DynamicNamespace.
func (d dynamicNamespace[S]) Match(ctx context.Context, name string, h *Handshake) (ok bool, err error) {
	var refused error
	err = protect(func() error { ok, refused = d.match(ctx, name, h); return nil })
	switch {
	case err != nil:
		logFailure(d.n.server.log, "", "connection", err)
		return false, &driver.RefusedError{Message: "internal server error"}
	case refused != nil:
		return false, refusal(refused)
	}
	return ok, nil
}

// Open implements driver.DynamicNamespace.
func (d dynamicNamespace[S]) Open(drv driver.Namespace) driver.NamespaceHandler {
	return namespaceHandler[S]{d.n, d.n.child(drv.Name())}
}

// Closed implements driver.DynamicNamespace.
func (d dynamicNamespace[S]) Closed(driver.Namespace) {}

// ServerEvent implements driver.DynamicNamespace.
func (d dynamicNamespace[S]) ServerEvent(e driver.Event, reply func(driver.Payload) error) {
	d.n.serverEvent(e, reply)
}

// child is a namespace of n, which has children, by its name.
func (n *namespace) child(name string) *namespace {
	return &namespace{
		server:    n.server,
		name:      name,
		drv:       childNamespace{of: n, name: name},
		connected: n.connected,
		rooms:     n.rooms,
		// Interceptors see the name of the schema: those of clients have no bound.
		scope:   n.scope,
		servers: n.servers,
	}
}

// ChildBroadcast returns the B for every socket of one child of ns. A namespace that
// has no children has itself only; with another name every call fails. For generated
// code.
func ChildBroadcast[S, B any](ns *Namespace[S], name string, wrap func(Target, Broadcast[B]) B) B {
	return bindBroadcast(&broadcastTarget{ns: ns.child(name)}, wrap)
}

// childNamespace is a child by its name, open or not: it is used only while
// something is done with it.
type childNamespace struct {
	of   *namespace
	name string
}

var _ driver.Namespace = childNamespace{}

// open returns the child, to be released.
func (c childNamespace) open() (driver.Namespace, func(), error) {
	switch {
	case c.of.parent != nil:
		return c.of.parent.Child(c.name)
	case c.name == c.of.name:
		return c.of.drv, func() {}, nil
	}
	return nil, nil, fmt.Errorf("namespace %q is not one of %q", c.name, c.of.name)
}

// use calls f with the child.
func (c childNamespace) use(f func(driver.Namespace) error) error {
	ns, release, err := c.open()
	if err != nil {
		return err
	}
	defer release()
	return f(ns)
}

// Name implements driver.Namespace.
func (c childNamespace) Name() string { return c.name }

// Broadcast implements driver.Namespace.
func (c childNamespace) Broadcast(t driver.Target, p driver.Payload) error {
	return c.use(func(ns driver.Namespace) error { return ns.Broadcast(t, p) })
}

// BroadcastAck implements driver.Namespace. The child stays open until cancel.
func (c childNamespace) BroadcastAck(ctx context.Context, t driver.Target, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, cancel func(), err error) {
	ns, release, err := c.open()
	if err != nil {
		return nil, nil, err
	}
	asked, stop, err := ns.BroadcastAck(ctx, t, p, w)
	if stop == nil {
		release()
		return nil, nil, err
	}
	return asked, func() { stop(); release() }, err
}

// Sockets implements driver.Namespace.
func (c childNamespace) Sockets(ctx context.Context, t driver.Target) (sockets []driver.RemoteSocket, err error) {
	err = c.use(func(ns driver.Namespace) error { sockets, err = ns.Sockets(ctx, t); return err })
	return sockets, err
}

// JoinRooms implements driver.Namespace.
func (c childNamespace) JoinRooms(t driver.Target, rooms []string) error {
	return c.use(func(ns driver.Namespace) error { return ns.JoinRooms(t, rooms) })
}

// LeaveRooms implements driver.Namespace.
func (c childNamespace) LeaveRooms(t driver.Target, rooms []string) error {
	return c.use(func(ns driver.Namespace) error { return ns.LeaveRooms(t, rooms) })
}

// DisconnectSockets implements driver.Namespace.
func (c childNamespace) DisconnectSockets(t driver.Target, closeConn bool) error {
	return c.use(func(ns driver.Namespace) error { return ns.DisconnectSockets(t, closeConn) })
}

// ServerEmit implements driver.Namespace.
func (c childNamespace) ServerEmit(ctx context.Context, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, err error) {
	err = c.use(func(ns driver.Namespace) error { asked, err = ns.ServerEmit(ctx, p, w); return err })
	return asked, err
}
