package socketio

import (
	"errors"

	"github.com/siogen/siogen/runtime/driver"
)

// localParent is the sockets of this server in the children of a dynamic namespace.
type localParent struct {
	p    *parent
	name string
}

var _ LocalNamespace = localParent{}

// Name implements LocalNamespace.
func (l localParent) Name() string { return l.name }

// Broadcast implements LocalNamespace.
func (l localParent) Broadcast(t driver.Target, p driver.Payload) error {
	var errs []error
	for _, n := range l.p.children() {
		errs = append(errs, n.Broadcast(t, p))
	}
	return errors.Join(errs...)
}

// BroadcastAck implements LocalNamespace.
func (l localParent) BroadcastAck(t driver.Target, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, cancel func(), err error) {
	var cancels []func()
	all := func() {
		for _, stop := range cancels {
			stop()
		}
	}
	for _, n := range l.p.children() {
		ids, stop, err := n.BroadcastAck(t, p, w)
		if err != nil {
			all()
			return nil, nil, err
		}
		asked = append(asked, ids...)
		cancels = append(cancels, stop)
	}
	return asked, all, nil
}

// Sockets implements LocalNamespace.
func (l localParent) Sockets(t driver.Target) []driver.RemoteSocket {
	var sockets []driver.RemoteSocket
	for _, n := range l.p.children() {
		sockets = append(sockets, n.Sockets(t)...)
	}
	return sockets
}

// JoinRooms implements LocalNamespace.
func (l localParent) JoinRooms(t driver.Target, rooms []string) {
	for _, n := range l.p.children() {
		n.JoinRooms(t, rooms)
	}
}

// LeaveRooms implements LocalNamespace.
func (l localParent) LeaveRooms(t driver.Target, rooms []string) {
	for _, n := range l.p.children() {
		n.LeaveRooms(t, rooms)
	}
}

// DisconnectSockets implements LocalNamespace.
func (l localParent) DisconnectSockets(t driver.Target, closeConn bool) {
	for _, n := range l.p.children() {
		n.DisconnectSockets(t, closeConn)
	}
}

// ServerEvent implements LocalNamespace.
func (l localParent) ServerEvent(e driver.Event, reply func(driver.Payload) error) {
	l.p.d.ServerEvent(e, reply)
}
