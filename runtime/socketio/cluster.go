package socketio

import (
	"context"
	"errors"

	"github.com/siogen/siogen/runtime/driver"
)

// AdapterFunc makes the adapter of a namespace that a server begins to serve. It
// must not call the server.
type AdapterFunc func(ns LocalNamespace) (Adapter, error)

// Adapter carries what a namespace is asked to do to the other servers of a cluster.
// For the sockets of its own server the namespace has done it already: an Adapter
// that does nothing is that of a single server. It is not called where Target has
// Local set. Its methods may be called from several goroutines at once; those without
// a context must not block. Package cluster has one that needs no more than a way to
// send bytes to the other servers.
type Adapter interface {
	// Broadcast sends a packet to every socket of t on other servers.
	Broadcast(t driver.Target, p driver.Payload) error
	// BroadcastAck, Sockets and ServerEmit are as in driver.Namespace, for the sockets
	// of other servers.
	BroadcastAck(ctx context.Context, t driver.Target, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, cancel func(), err error)
	Sockets(ctx context.Context, t driver.Target) ([]driver.RemoteSocket, error)
	ServerEmit(ctx context.Context, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, err error)
	// JoinRooms, LeaveRooms and DisconnectSockets are as in driver.Namespace, for the
	// sockets of other servers.
	JoinRooms(t driver.Target, rooms []string) error
	LeaveRooms(t driver.Target, rooms []string) error
	DisconnectSockets(t driver.Target, closeConn bool) error
	// Close: the namespace, one that was served as clients asked for it, is no longer
	// served. It may already be served again, with another Adapter.
	Close()
}

// LocalNamespace is a namespace as far as the sockets of this server are concerned,
// for an Adapter: it does here what other servers ask for. Target.Flags.Local has no
// meaning to it. Nothing of it blocks, except as told.
type LocalNamespace interface {
	// Name is the same for a namespace on all servers, and tells it from all others. Of
	// dynamic namespaces the parent has a name, too, that does not begin with "/".
	Name() string
	// Broadcast sends an event to the sockets of t, encoded once.
	Broadcast(t driver.Target, p driver.Payload) error
	// BroadcastAck asks the sockets of t. It calls w until cancel is called, also
	// while it has not returned.
	BroadcastAck(t driver.Target, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, cancel func(), err error)
	// Sockets returns the sockets of t, with Local set: what Data of it returns is for
	// other servers.
	Sockets(t driver.Target) []driver.RemoteSocket
	// JoinRooms makes the sockets of t join rooms.
	JoinRooms(t driver.Target, rooms []string)
	// LeaveRooms makes the sockets of t leave rooms.
	LeaveRooms(t driver.Target, rooms []string)
	// DisconnectSockets disconnects the sockets of t, from the namespace or
	// (closeConn) with their whole connections.
	DisconnectSockets(t driver.Target, closeConn bool)
	// ServerEvent is as in driver.NamespaceHandler: it may block. e.Payload must be
	// valid, as codec.ValidateEvent has it.
	ServerEvent(e driver.Event, reply func(driver.Payload) error)
}

// reach is a namespace on all servers: what a driver.Namespace does but its name.
type reach struct {
	local   LocalNamespace
	cluster Adapter // nil: this is the only server
}

// newReach returns the reach of a namespace.
func (s *Server) newReach(local LocalNamespace) (reach, error) {
	r := reach{local: local}
	if s.o.Adapter == nil {
		return r, nil
	}
	var err error
	r.cluster, err = s.o.Adapter(local)
	return r, err
}

// others is the adapter to ask about t, if any.
func (r *reach) others(t driver.Target) Adapter {
	if t.Flags.Local {
		return nil
	}
	return r.cluster
}

// Broadcast implements driver.Namespace.
func (r *reach) Broadcast(t driver.Target, p driver.Payload) error {
	err := r.local.Broadcast(t, p)
	if a := r.others(t); a != nil {
		return errors.Join(err, a.Broadcast(t, p))
	}
	return err
}

// BroadcastAck implements driver.Namespace.
func (r *reach) BroadcastAck(ctx context.Context, t driver.Target, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, cancel func(), err error) {
	asked, here, err := r.local.BroadcastAck(t, p, w)
	a := r.others(t)
	if err != nil || a == nil {
		return asked, here, err
	}
	more, there, err := a.BroadcastAck(ctx, t, p, w)
	if there == nil {
		here()
		return nil, nil, err
	}
	return append(asked, more...), func() { here(); there() }, err
}

// Sockets implements driver.Namespace.
func (r *reach) Sockets(ctx context.Context, t driver.Target) ([]driver.RemoteSocket, error) {
	sockets := r.local.Sockets(t)
	a := r.others(t)
	if a == nil {
		return sockets, nil
	}
	more, err := a.Sockets(ctx, t)
	return append(sockets, more...), err
}

// JoinRooms implements driver.Namespace.
func (r *reach) JoinRooms(t driver.Target, rooms []string) error {
	r.local.JoinRooms(t, rooms)
	if a := r.others(t); a != nil {
		return a.JoinRooms(t, rooms)
	}
	return nil
}

// LeaveRooms implements driver.Namespace.
func (r *reach) LeaveRooms(t driver.Target, rooms []string) error {
	r.local.LeaveRooms(t, rooms)
	if a := r.others(t); a != nil {
		return a.LeaveRooms(t, rooms)
	}
	return nil
}

// DisconnectSockets implements driver.Namespace.
func (r *reach) DisconnectSockets(t driver.Target, closeConn bool) error {
	r.local.DisconnectSockets(t, closeConn)
	if a := r.others(t); a != nil {
		return a.DisconnectSockets(t, closeConn)
	}
	return nil
}

// ServerEmit implements driver.Namespace.
func (r *reach) ServerEmit(ctx context.Context, p driver.Payload, w driver.BroadcastAckWaiter) ([]string, error) {
	if r.cluster == nil {
		return nil, nil
	}
	return r.cluster.ServerEmit(ctx, p, w)
}
