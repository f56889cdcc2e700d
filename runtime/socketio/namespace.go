package socketio

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/metrics"
)

// namespace is a served namespace.
type namespace struct {
	server  *Server
	name    string
	handler driver.NamespaceHandler
	adapter *memoryAdapter
	// ackIDs numbers what is sent with a wish for an answer. The sockets share it,
	// so that a broadcast has the same id for all and is encoded once.
	ackIDs     atomic.Int64
	broadcasts broadcasts
	// order is for connection state recovery only. Broadcasts, and sockets that join,
	// have it for themselves; events to single sockets share it.
	order sync.RWMutex

	// parent is whose child this is; nil of one that Server.Namespace serves.
	parent *parent
	// users counts the sockets and calls that keep a child open; Server.mu guards it.
	users int
}

var _ driver.Namespace = (*namespace)(nil)

func newNamespace(s *Server, name string) *namespace {
	n := &namespace{server: s, name: name}
	n.adapter = newMemoryAdapter(n.roomEvent)
	return n
}

func (n *namespace) roomEvent(e driver.RoomEvent) { n.handler.RoomEvent(e) }

// nextAckID returns an id that no packet of this namespace has had. It starts
// again long before a client could not represent it.
func (n *namespace) nextAckID() int64 { return (n.ackIDs.Add(1) - 1) & maxAckID }

// Name implements driver.Namespace.
func (n *namespace) Name() string { return n.name }

// Broadcast implements driver.Namespace.
func (n *namespace) Broadcast(t driver.Target, p driver.Payload) error {
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

// BroadcastAck implements driver.Namespace.
func (n *namespace) BroadcastAck(_ context.Context, t driver.Target, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, cancel func(), err error) {
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

// receivers is measureReceivers, if anybody measures.
func (n *namespace) receivers() func([]*socket) {
	if n.server.o.Engine.Metrics == nil {
		return nil
	}
	return n.measureReceivers
}

// measureReceivers counts whom a broadcast is for. What clients have named is
// counted under the name of its parent.
func (n *namespace) measureReceivers(sockets []*socket) {
	name := n.name
	if n.parent != nil {
		name = n.parent.Name()
	}
	n.server.count(metrics.BroadcastReceivers, len(sockets), name)
}

// acked passes on a socket's answer to a broadcast.
func (n *namespace) acked(socketID string, id int64, p driver.Payload) {
	n.broadcasts.acked(socketID, id, p)
}

// gone tells those who wait for a socket's answer that none will come.
func (n *namespace) gone(socketID string) { n.broadcasts.gone(socketID) }

// Sockets implements driver.Namespace.
func (n *namespace) Sockets(_ context.Context, t driver.Target) ([]driver.RemoteSocket, error) {
	sockets := n.adapter.local(nil, t)
	list := make([]driver.RemoteSocket, len(sockets))
	for i, s := range sockets {
		list[i] = driver.RemoteSocket{ID: s.id, Handshake: s.handshake, Rooms: s.Rooms(), Local: s.handler}
	}
	return list, nil
}

// JoinRooms implements driver.Namespace.
func (n *namespace) JoinRooms(t driver.Target, rooms []string) error {
	for _, s := range n.adapter.local(nil, t) {
		s.Join(rooms...)
	}
	n.joinAway(t, rooms)
	return nil
}

// LeaveRooms implements driver.Namespace.
func (n *namespace) LeaveRooms(t driver.Target, rooms []string) error {
	for _, s := range n.adapter.local(nil, t) {
		for _, room := range rooms {
			s.Leave(room)
		}
	}
	n.leaveAway(t, rooms)
	return nil
}

// DisconnectSockets implements driver.Namespace.
func (n *namespace) DisconnectSockets(t driver.Target, closeConn bool) error {
	for _, s := range n.adapter.local(nil, t) {
		s.Disconnect(closeConn)
	}
	n.disconnectAway(t)
	return nil
}

// ServerEmit implements driver.Namespace.
func (n *namespace) ServerEmit(context.Context, driver.Payload, driver.BroadcastAckWaiter) ([]string, error) {
	return nil, nil
}
