package zishang520

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/runtime/driver"
)

// parent is a driver.ParentNamespace: all children of a DynamicNamespace that are open
// on this server, with their sockets on all servers. Events to other servers go by a
// namespace of its own, which no client can join: the library's parents can't send any.
type parent struct {
	*namespace
	children *children
	d        driver.DynamicNamespace
}

var _ driver.ParentNamespace = (*parent)(nil)

// serve adds a dynamic namespace, to be asked after those before it.
func (c *children) serve(d driver.DynamicNamespace) (*parent, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	same := 1
	for _, p := range c.parents {
		if p.d.Name() == d.Name() {
			same++
		}
	}
	nsp := socket.NewNamespace(c.server.io, fmt.Sprintf("dynamic %s %d", d.Name(), same))
	p := &parent{namespace: newNamespace(c.server, nsp), children: c, d: d}
	if err := p.namespace.serve(parentHandler{d}); err != nil {
		return nil, err
	}
	c.parents = append(slices.Clip(c.parents), p)
	return p, nil
}

// parentHandler takes events of other servers. There are no sockets.
type parentHandler struct{ d driver.DynamicNamespace }

// Connect implements driver.NamespaceHandler.
func (parentHandler) Connect(context.Context, driver.Socket) (driver.SocketHandler, error) {
	return nil, errInvalidNamespace
}

// RoomEvent implements driver.NamespaceHandler.
func (parentHandler) RoomEvent(driver.RoomEvent) {}

// ServerEvent implements driver.NamespaceHandler.
func (h parentHandler) ServerEvent(e driver.Event, reply func(driver.Payload) error) {
	h.d.ServerEvent(e, reply)
}

// Name implements driver.Namespace.
func (p *parent) Name() string { return p.d.Name() }

// Child implements driver.ParentNamespace. A child that is not open on this server is
// not opened: what is done with it concerns other servers only, which a namespace
// reaches that the library's server does not know. One that is open is closed with its
// last socket all the same.
func (p *parent) Child(name string) (ns driver.Namespace, release func(), err error) {
	if name, err = namespaceName(name); err != nil {
		return nil, nil, err
	}
	n := p.children.child(name)
	switch {
	case n == nil || n.openedBy() == nil:
		nsp := socket.NewNamespace(p.server.io, name)
		return newNamespace(p.server, nsp), nsp.Adapter().Close, nil
	case n.openedBy() != p:
		return nil, nil, &NamespaceError{Name: name, Message: "served already"}
	}
	return n, func() {}, nil
}

// each calls f for every child that is open.
func (p *parent) each(f func(*child) error) error {
	var errs []error
	for _, n := range p.children.of(p) {
		errs = append(errs, f(n))
	}
	return errors.Join(errs...)
}

// Broadcast implements driver.Namespace.
func (p *parent) Broadcast(t driver.Target, payload driver.Payload) error {
	return p.each(func(n *child) error { return n.Broadcast(t, payload) })
}

// BroadcastAck implements driver.Namespace.
func (p *parent) BroadcastAck(ctx context.Context, t driver.Target, payload driver.Payload, w driver.BroadcastAckWaiter) (asked []string, cancel func(), err error) {
	var cancels []func()
	all := func() {
		for _, stop := range cancels {
			stop()
		}
	}
	err = p.each(func(n *child) error {
		ids, stop, err := n.BroadcastAck(ctx, t, payload, w)
		if err != nil {
			return err
		}
		asked, cancels = append(asked, ids...), append(cancels, stop)
		return nil
	})
	if err != nil {
		all()
		return nil, nil, err
	}
	return asked, all, nil
}

// Sockets implements driver.Namespace.
func (p *parent) Sockets(ctx context.Context, t driver.Target) (sockets []driver.RemoteSocket, err error) {
	err = p.each(func(n *child) error {
		found, err := n.Sockets(ctx, t)
		sockets = append(sockets, found...)
		return err
	})
	return sockets, err
}

// JoinRooms implements driver.Namespace.
func (p *parent) JoinRooms(t driver.Target, rooms []string) error {
	return p.each(func(n *child) error { return n.JoinRooms(t, rooms) })
}

// LeaveRooms implements driver.Namespace.
func (p *parent) LeaveRooms(t driver.Target, rooms []string) error {
	return p.each(func(n *child) error { return n.LeaveRooms(t, rooms) })
}

// DisconnectSockets implements driver.Namespace.
func (p *parent) DisconnectSockets(t driver.Target, closeConn bool) error {
	return p.each(func(n *child) error { return n.DisconnectSockets(t, closeConn) })
}
