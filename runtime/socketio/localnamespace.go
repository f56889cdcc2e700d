package socketio

import "github.com/siogen/siogen/runtime/driver"

// localNamespace is the sockets of this server in a namespace.
type localNamespace struct{ n *namespace }

var _ LocalNamespace = localNamespace{}

// Name implements LocalNamespace.
func (l localNamespace) Name() string { return l.n.name }

// Broadcast implements LocalNamespace.
func (l localNamespace) Broadcast(t driver.Target, p driver.Payload) error {
	n := l.n
	if r := n.server.recovery; r != nil {
		n.order.Lock()
		defer n.order.Unlock()
		p = r.record(n.name, t, p)
	}
	framed, err := n.server.o.Parser.frame(typeEvent, n.name, driver.NoAck, p)
	if err != nil {
		return err
	}
	n.adapter.broadcast(t, &outgoing{framed: framed, flags: engineFlags(t.Flags), sent: n.receivers()})
	return nil
}

// BroadcastAck implements LocalNamespace.
func (l localNamespace) BroadcastAck(t driver.Target, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, cancel func(), err error) {
	n := l.n
	id := n.nextAckID()
	framed, err := n.server.o.Parser.frame(typeEvent, n.name, id, p)
	if err != nil {
		return nil, nil, err
	}
	n.adapter.broadcast(t, &outgoing{
		framed: framed,
		flags:  engineFlags(t.Flags),
		sent: func(sockets []*socket) {
			n.measureReceivers(sockets)
			asked = n.broadcasts.expect(id, w, sockets)
		},
	})
	return asked, func() { n.broadcasts.forget(id) }, nil
}

// Sockets implements LocalNamespace.
func (l localNamespace) Sockets(t driver.Target) []driver.RemoteSocket {
	sockets := l.n.adapter.local(nil, t)
	list := make([]driver.RemoteSocket, len(sockets))
	for i, s := range sockets {
		list[i] = driver.RemoteSocket{ID: s.id, Handshake: s.handshake, Rooms: s.Rooms(), Local: s.handler}
	}
	return list
}

// JoinRooms implements LocalNamespace.
func (l localNamespace) JoinRooms(t driver.Target, rooms []string) {
	for _, s := range l.n.adapter.local(nil, t) {
		s.Join(rooms...)
	}
	l.n.joinAway(t, rooms)
}

// LeaveRooms implements LocalNamespace.
func (l localNamespace) LeaveRooms(t driver.Target, rooms []string) {
	for _, s := range l.n.adapter.local(nil, t) {
		for _, room := range rooms {
			s.Leave(room)
		}
	}
	l.n.leaveAway(t, rooms)
}

// DisconnectSockets implements LocalNamespace.
func (l localNamespace) DisconnectSockets(t driver.Target, closeConn bool) {
	for _, s := range l.n.adapter.local(nil, t) {
		s.Disconnect(closeConn)
	}
	l.n.disconnectAway(t)
}

// ServerEvent implements LocalNamespace.
func (l localNamespace) ServerEvent(e driver.Event, reply func(driver.Payload) error) {
	l.n.handler.ServerEvent(e, reply)
}
