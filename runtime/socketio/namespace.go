package socketio

import (
	"sync"
	"sync/atomic"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/metrics"
)

// namespace is a served namespace.
type namespace struct {
	reach
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

// newNamespace returns a namespace that reaches the sockets of this server only.
func newNamespace(s *Server, name string) *namespace {
	n := &namespace{server: s, name: name}
	n.adapter = newMemoryAdapter(n.roomEvent)
	n.local = localNamespace{n}
	return n
}

func (n *namespace) roomEvent(e driver.RoomEvent) { n.handler.RoomEvent(e) }

// nextAckID returns an id that no packet of this namespace has had. It starts
// again long before a client could not represent it.
func (n *namespace) nextAckID() int64 { return (n.ackIDs.Add(1) - 1) & maxAckID }

// Name implements driver.Namespace.
func (n *namespace) Name() string { return n.name }

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
