package cluster

import (
	"context"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/socketio"
)

// namespace is the adapter of one namespace.
type namespace struct {
	a     *Adapter
	local socketio.LocalNamespace
	name  string
}

var _ socketio.Adapter = (*namespace)(nil)

// Broadcast implements socketio.Adapter.
func (n *namespace) Broadcast(t driver.Target, p driver.Payload) error {
	return n.a.send(&record{kind: broadcast, namespace: n.name, target: t, payload: p})
}

// BroadcastAck implements socketio.Adapter.
func (n *namespace) BroadcastAck(ctx context.Context, t driver.Target, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, cancel func(), err error) {
	r, _, err := n.a.begin(w, false)
	if r == nil {
		return nil, func() {}, err
	}
	err = n.a.send(&record{
		kind: ask, namespace: n.name, request: r.number, timeout: n.a.remaining(ctx), target: t, payload: p,
	})
	if err != nil {
		n.a.forget(r)
		return nil, nil, err
	}
	err = n.a.wait(ctx, r)
	n.a.mu.Lock()
	asked = r.asked
	n.a.mu.Unlock()
	return asked, func() {
		n.a.forget(r)
		_ = n.a.send(&record{kind: end, namespace: n.name, request: r.number}) // they have a timeout
	}, err
}

// Sockets implements socketio.Adapter.
func (n *namespace) Sockets(ctx context.Context, t driver.Target) ([]driver.RemoteSocket, error) {
	r, _, err := n.a.begin(nil, false)
	if r == nil {
		return nil, err
	}
	defer n.a.forget(r)
	if err := n.a.send(&record{kind: fetch, namespace: n.name, request: r.number, target: t}); err != nil {
		return nil, err
	}
	err = n.a.wait(ctx, r)
	n.a.mu.Lock()
	defer n.a.mu.Unlock()
	return r.sockets, err
}

// JoinRooms implements socketio.Adapter.
func (n *namespace) JoinRooms(t driver.Target, rooms []string) error {
	return n.a.send(&record{kind: join, namespace: n.name, target: t, names: rooms})
}

// LeaveRooms implements socketio.Adapter.
func (n *namespace) LeaveRooms(t driver.Target, rooms []string) error {
	return n.a.send(&record{kind: leave, namespace: n.name, target: t, names: rooms})
}

// DisconnectSockets implements socketio.Adapter.
func (n *namespace) DisconnectSockets(t driver.Target, closeConn bool) error {
	return n.a.send(&record{kind: disconnect, namespace: n.name, target: t, flag: closeConn})
}

// ServerEmit implements socketio.Adapter.
func (n *namespace) ServerEmit(ctx context.Context, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, err error) {
	rec := record{kind: serverEvent, namespace: n.name, payload: p}
	if w == nil {
		return nil, n.a.send(&rec)
	}
	r, servers, err := n.a.begin(w, true)
	if r == nil {
		return nil, err
	}
	rec.request = r.number
	if err := n.a.send(&rec); err != nil {
		n.a.forget(r)
		return nil, err
	}
	context.AfterFunc(ctx, func() { n.a.forget(r) })
	return servers, nil
}

// Close implements socketio.Adapter.
func (n *namespace) Close() {
	n.a.mu.Lock()
	defer n.a.mu.Unlock()
	if n.a.namespaces[n.name] == n {
		delete(n.a.namespaces, n.name)
	}
}
