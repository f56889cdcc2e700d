package socketio

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/siogen/siogen/runtime/driver"
)

// namespace is a served namespace.
type namespace struct {
	server  *Server
	name    string
	handler driver.NamespaceHandler
	adapter adapter
	// ackIDs numbers what is sent with a wish for an answer. The sockets share it,
	// so that a broadcast has the same id for all and is encoded once.
	ackIDs atomic.Int64
	// order is for connection state recovery only. Broadcasts, and sockets that join,
	// have it for themselves; events to single sockets share it.
	order sync.RWMutex

	mu sync.Mutex
	// broadcasts are those whose answers are still waited for, by acknowledgement id.
	broadcasts map[int64]*broadcast
}

// broadcast is a broadcast that asked for acknowledgements.
type broadcast struct {
	waiter driver.BroadcastAckWaiter
	asked  map[string]struct{} // the sockets that have not answered
}

var _ driver.Namespace = (*namespace)(nil)

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
	return n.adapter.broadcast(t, &outgoing{
		framed: framePacket(typeEvent, n.name, driver.NoAck, p),
		flags:  engineFlags(t.Flags),
	})
}

// BroadcastAck implements driver.Namespace.
func (n *namespace) BroadcastAck(t driver.Target, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, cancel func(), err error) {
	id := n.nextAckID()
	cancel = func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.broadcasts, id)
	}
	err = n.adapter.broadcast(t, &outgoing{
		framed: framePacket(typeEvent, n.name, id, p),
		flags:  engineFlags(t.Flags),
		sent:   func(sockets []*socket) { asked = n.expect(id, w, sockets) },
	})
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return asked, cancel, nil
}

// expect registers a broadcast whose answers are waited for.
func (n *namespace) expect(id int64, w driver.BroadcastAckWaiter, sockets []*socket) (asked []string) {
	b := &broadcast{waiter: w, asked: make(map[string]struct{}, len(sockets))}
	asked = make([]string, 0, len(sockets))
	for _, s := range sockets {
		b.asked[s.id] = struct{}{}
		asked = append(asked, s.id)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.broadcasts == nil {
		n.broadcasts = make(map[int64]*broadcast)
	}
	n.broadcasts[id] = b
	return asked
}

// acked passes on a socket's answer to a broadcast. One that nobody waits for, or
// that came before, is dropped.
func (n *namespace) acked(socketID string, id int64, p driver.Payload) {
	n.mu.Lock()
	var w driver.BroadcastAckWaiter
	if b := n.broadcasts[id]; b != nil {
		if _, ok := b.asked[socketID]; ok {
			delete(b.asked, socketID)
			w = b.waiter
		}
	}
	n.mu.Unlock()
	if w != nil {
		w.Acked(socketID, p)
	}
}

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
func (n *namespace) ServerEmit(ctx context.Context, p driver.Payload, w driver.BroadcastAckWaiter) (int, error) {
	return n.adapter.serverEmit(ctx, p, w)
}
