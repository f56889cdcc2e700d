package runtime

import (
	"context"
	"slices"
	"sync"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/metrics"
)

// DisconnectReason says why a socket was disconnected, in the protocol's words.
type DisconnectReason string

// The reasons of a server's sockets. A client sees the first four, too.
const (
	// TransportClose: the connection was closed by the other side, or in between.
	TransportClose DisconnectReason = "transport close"
	// TransportError: the connection failed, or the other side reads too slowly.
	TransportError DisconnectReason = "transport error"
	// PingTimeout: nothing was heard of the other side for too long.
	PingTimeout DisconnectReason = "ping timeout"
	// ParseError: the other side sent what is no packet, or breaks a limit.
	ParseError DisconnectReason = "parse error"
	// ForcedServerClose: the server closed the connection over a packet that is out of
	// place, such as an event for a namespace that the client has not joined.
	ForcedServerClose DisconnectReason = "forced server close"
	// ForcedClose: the application closed the connection below, which it can only
	// where the engine is its own (package runtime/zishang520).
	ForcedClose DisconnectReason = "forced close"
	// ServerShuttingDown: the server is being closed.
	ServerShuttingDown DisconnectReason = "server shutting down"
	// ClientNamespaceDisconnect: the client left the namespace.
	ClientNamespaceDisconnect DisconnectReason = "client namespace disconnect"
	// ServerNamespaceDisconnect: the application disconnected the socket.
	ServerNamespaceDisconnect DisconnectReason = "server namespace disconnect"
)

// The reasons that only a client sees.
const (
	// IOServerDisconnect: the server made the client leave the namespace.
	IOServerDisconnect DisconnectReason = "io server disconnect"
	// IOClientDisconnect: the client left by itself.
	IOClientDisconnect DisconnectReason = "io client disconnect"
)

// Handshake is what the server knows of a connection from its first request.
type Handshake = driver.Handshake

// Socket is one client's membership of a namespace, on the server. Generated
// sockets embed it.
type Socket struct {
	peer
	ns     *namespace
	drv    driver.Socket
	typed  any // the generated socket that embeds this one
	ctx    context.Context
	cancel context.CancelFunc
	// encodeData encodes what the application keeps with the socket; nil: nothing.
	// data is held meanwhile.
	encodeData func(*codec.Encoder)
	data       sync.Mutex

	// guarded by peer.mu
	onDisconnect    []func(ctx context.Context, reason DisconnectReason)
	onDisconnecting []func(ctx context.Context, reason DisconnectReason, rooms []string)
	// over: the handlers for the end have returned. awaited is closed then; nil while
	// nobody waits for it.
	over    bool
	awaited chan struct{}
}

// AsTarget is the socket as a target of events. For generated code.
func (s *Socket) AsTarget() Target { return Target{to: &s.peer} }

// On sets the handler of an event; a later call for the same event replaces it.
// For generated code.
func (s *Socket) On(event string, f EventFunc) Registration { return s.AsListener().On(event, f) }

// ID is the Socket.IO session id: unguessable, new for each connection that does not
// recover an earlier one, and the name of a room that this socket alone is in.
func (s *Socket) ID() string { return s.drv.ID() }

// Handshake is what the server knows from the connection's first request.
func (s *Socket) Handshake() *Handshake { return s.drv.Handshake() }

// Namespace is the name of the namespace that the socket is in: of one that is
// served as clients ask for it, the one that this client asked for.
func (s *Socket) Namespace() string { return s.ns.name }

// Recovered reports whether the socket continues one that was disconnected: with
// its id, rooms and data, and with the events that it has missed (connection state
// recovery). It is so from the first middleware on.
func (s *Socket) Recovered() bool { return s.drv.Recovered() != nil }

// Context ends when the socket disconnects. Handlers get it.
func (s *Socket) Context() context.Context { return s.ctx }

// Connected reports whether the socket has not been disconnected.
func (s *Socket) Connected() bool { return s.ctx.Err() == nil }

// Join makes the socket a member of rooms. Rooms exist while they have members.
func (s *Socket) Join(rooms ...string) { s.drv.Join(rooms...) }

// Leave ends the membership of a room.
func (s *Socket) Leave(room string) { s.drv.Leave(room) }

// Rooms lists the socket's rooms, its own id among them, sorted.
func (s *Socket) Rooms() []string {
	rooms := s.drv.Rooms()
	slices.Sort(rooms)
	return rooms
}

// Disconnect makes the socket leave the namespace, or (closeConn) closes the
// client's whole connection with all its namespaces. Events that wait for a
// handler are dropped. In a middleware it does nothing: return an error there.
func (s *Socket) Disconnect(closeConn bool) {
	s.drv.Disconnect(closeConn)
	if !s.Connected() {
		s.queue.dismiss()
	}
}

// OnDisconnect adds a handler for the end of the socket. It runs after the
// handlers of all events that came before; its context is not cancelled, but
// carries the values of the socket's.
func (s *Socket) OnDisconnect(f func(ctx context.Context, reason DisconnectReason)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onDisconnect = append(s.onDisconnect, f)
}

// OnDisconnecting is OnDisconnect, running before it and with the rooms that the
// socket was in.
func (s *Socket) OnDisconnecting(f func(ctx context.Context, reason DisconnectReason, rooms []string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onDisconnecting = append(s.onDisconnecting, f)
}

// socketHandler is how the engine reaches a Socket.
type socketHandler struct{ *Socket }

// Connected implements driver.SocketHandler.
func (h socketHandler) Connected() {
	h.scope.count(metrics.Sockets, 1)
	h.scope.count(metrics.SocketsConnected, 1)
	if h.Recovered() {
		h.scope.count(metrics.SocketsRecovered, 1)
	}
	h.queue.call(func() { h.ns.connected(h.Socket) })
}

// Event implements driver.SocketHandler.
func (h socketHandler) Event(e driver.Event) { h.queue.event(e) }

// Disconnected implements driver.SocketHandler.
func (h socketHandler) Disconnected(reason string, rooms []string) {
	h.cancel()
	h.scope.count(metrics.Sockets, -1)
	h.scope.count(metrics.SocketsDisconnected, 1, metrics.Reason(reason))
	if DisconnectReason(reason) == ServerNamespaceDisconnect {
		h.queue.dismiss()
	}
	h.queue.last(func() { h.disconnected(DisconnectReason(reason), rooms) })
}

func (s *Socket) disconnected(reason DisconnectReason, rooms []string) {
	defer s.ended()
	s.mu.Lock()
	first, then := s.onDisconnecting, s.onDisconnect
	s.mu.Unlock()
	ctx := context.WithoutCancel(s.ctx)
	for _, f := range first {
		s.guard(ctx, "disconnecting", func() error { f(ctx, reason, rooms); return nil })
	}
	for _, f := range then {
		s.guard(ctx, "disconnect", func() error { f(ctx, reason); return nil })
	}
}

// Wait implements driver.SocketHandler.
func (h socketHandler) Wait(ctx context.Context) error {
	h.mu.Lock()
	if h.over {
		h.mu.Unlock()
		return nil
	}
	if h.awaited == nil {
		h.awaited = make(chan struct{})
	}
	awaited := h.awaited
	h.mu.Unlock()
	select {
	case <-awaited:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ended wakes those who wait for the end of the last handler.
func (s *Socket) ended() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if s.awaited != nil {
		close(s.awaited)
	}
}

// decodeAuth decodes the handshake's auth payload; nothing counts as {}.
func decodeAuth[S any](s *S, auth []byte, dec func(*S, *codec.Decoder)) error {
	if len(auth) == 0 {
		auth = []byte("{}")
	}
	d := codec.NewDecoder(auth, nil)
	defer d.Free()
	dec(s, d)
	return d.Err()
}
