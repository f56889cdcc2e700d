package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/metrics"
)

// Broadcast narrows down which sockets of a namespace something is for. The
// generated type that embeds it, B, adds the events; every method returns a new
// B and leaves the old one as it was, so that one may be kept and used again.
type Broadcast[B any] struct {
	t    *broadcastTarget
	wrap func(Target, Broadcast[B]) B
}

// broadcastTarget is a broadcast's receivers. It is immutable: several
// goroutines and derived broadcasts share it.
type broadcastTarget struct {
	ns      *namespace
	target  driver.Target
	timeout time.Duration
}

func (t *broadcastTarget) send(enc *codec.Encoder, f driver.Flags) error {
	defer enc.Free()
	payload, err := finish(enc)
	if err != nil {
		return err
	}
	target := t.target
	target.Flags.Volatile = target.Flags.Volatile || f.Volatile
	target.Flags.NoCompress = target.Flags.NoCompress || f.NoCompress
	if !t.ns.scope.watches() {
		return t.ns.drv.Broadcast(target, payload)
	}
	e := t.ns.scope.emitted(payload, EventInfo{Broadcast: true})
	return t.ns.scope.intercept(t.ns.server.ctx, e, func(context.Context) error {
		err := t.ns.drv.Broadcast(target, payload)
		t.ns.scope.countSent(metrics.BroadcastsSent, payload, err)
		return err
	})
}

// with returns the B for a changed copy of the receivers.
func (b Broadcast[B]) with(change func(*broadcastTarget)) B {
	t := *b.t
	change(&t)
	return bindBroadcast(&t, b.wrap)
}

func bindBroadcast[B any](t *broadcastTarget, wrap func(Target, Broadcast[B]) B) B {
	return wrap(Target{to: t}, Broadcast[B]{t: t, wrap: wrap})
}

// NewBroadcast returns the B for every socket of a namespace. For generated code.
func NewBroadcast[S, B any](ns *Namespace[S], wrap func(Target, Broadcast[B]) B) B {
	return bindBroadcast(&broadcastTarget{ns: ns.namespace}, wrap)
}

// SocketBroadcast returns the B for every socket of s's namespace but s itself.
// For generated code.
func SocketBroadcast[B any](s *Socket, wrap func(Target, Broadcast[B]) B) B {
	t := &broadcastTarget{ns: s.ns}
	t.target.Except = []string{s.ID()}
	return bindBroadcast(t, wrap)
}

// To adds rooms: a socket in any of them is meant, once. Without To and In every
// socket of the namespace is.
func (b Broadcast[B]) To(rooms ...string) B {
	return b.with(func(t *broadcastTarget) {
		t.target.Rooms = append(slices.Clip(t.target.Rooms), rooms...)
	})
}

// In is To.
func (b Broadcast[B]) In(rooms ...string) B { return b.To(rooms...) }

// Except leaves out the sockets in any of rooms. A socket's id is a room, too.
func (b Broadcast[B]) Except(rooms ...string) B {
	return b.with(func(t *broadcastTarget) {
		t.target.Except = append(slices.Clip(t.target.Except), rooms...)
	})
}

// Local means only sockets of this server, when there are several.
func (b Broadcast[B]) Local() B {
	return b.with(func(t *broadcastTarget) { t.target.Flags.Local = true })
}

// Volatile drops an event for those sockets that can't take it now.
func (b Broadcast[B]) Volatile() B {
	return b.with(func(t *broadcastTarget) { t.target.Flags.Volatile = true })
}

// Compress says whether the event may be compressed where that was negotiated.
func (b Broadcast[B]) Compress(on bool) B {
	return b.with(func(t *broadcastTarget) { t.target.Flags.NoCompress = !on })
}

// Timeout bounds how long an event that asks for acknowledgements waits for
// them; the default is ServerOptions.AckTimeout.
func (b Broadcast[B]) Timeout(d time.Duration) B {
	return b.with(func(t *broadcastTarget) { t.timeout = d })
}

// SocketsJoin makes every socket of the broadcast join rooms.
func (b Broadcast[B]) SocketsJoin(rooms ...string) error {
	return b.t.ns.drv.JoinRooms(b.t.target, rooms)
}

// SocketsLeave makes every socket of the broadcast leave rooms.
func (b Broadcast[B]) SocketsLeave(rooms ...string) error {
	return b.t.ns.drv.LeaveRooms(b.t.target, rooms)
}

// DisconnectSockets disconnects every socket of the broadcast from the
// namespace, or (closeConn) with its whole connection.
func (b Broadcast[B]) DisconnectSockets(closeConn bool) error {
	return b.t.ns.drv.DisconnectSockets(b.t.target, closeConn)
}

// RemoteSocket is a socket of this server or of another one of the cluster.
type RemoteSocket struct {
	ns     *namespace
	remote driver.RemoteSocket
}

// ID is the Socket.IO session id.
func (r RemoteSocket) ID() string { return r.remote.ID }

// Rooms lists the rooms it was in when it was fetched.
func (r RemoteSocket) Rooms() []string { return r.remote.Rooms }

// Handshake is what its server knows from the connection's first request.
func (r RemoteSocket) Handshake() *Handshake { return r.remote.Handshake }

func (r RemoteSocket) target() driver.Target { return driver.Target{Rooms: []string{r.remote.ID}} }

// Join makes the socket join rooms.
func (r RemoteSocket) Join(rooms ...string) error { return r.ns.drv.JoinRooms(r.target(), rooms) }

// Leave makes the socket leave a room.
func (r RemoteSocket) Leave(room string) error {
	return r.ns.drv.LeaveRooms(r.target(), []string{room})
}

// Disconnect disconnects the socket from the namespace, or (closeConn) with its
// whole connection.
func (r RemoteSocket) Disconnect(closeConn bool) error {
	return r.ns.drv.DisconnectSockets(r.target(), closeConn)
}

// FetchSockets lists the sockets of a broadcast: with a *ServersError those of the
// servers that answered, and with any error also those whose data could not be
// read, without it. For generated code.
func FetchSockets[B, R any](ctx context.Context, b Broadcast[B], bind func(Target, RemoteSocket) (R, error)) ([]R, error) {
	found, err := b.t.ns.drv.Sockets(ctx, b.t.target)
	errs := []error{err}
	sockets := make([]R, 0, len(found))
	for _, f := range found {
		to := &broadcastTarget{ns: b.t.ns, target: driver.Target{Rooms: []string{f.ID}}}
		r, err := bind(Target{to: to}, RemoteSocket{ns: b.t.ns, remote: f})
		if err != nil {
			errs = append(errs, fmt.Errorf("data of socket %s: %w", f.ID, err))
		}
		sockets = append(sockets, r)
	}
	return sockets, errors.Join(errs...)
}
