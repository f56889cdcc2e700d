package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/metrics"
)

// NamespaceType tells the runtime about a generated socket type. For generated
// code.
type NamespaceType[S any] struct {
	// Name is the namespace: "/" or "/admin".
	Name string
	// New makes the generated socket around its base.
	New func(base *Socket) *S
	// Auth decodes the handshake's auth payload into s; nil: none is declared.
	Auth func(s *S, dec *codec.Decoder)
	// CopyData gives s the SocketData of old, which s continues, and DecodeData that of
	// a socket that another server had; nil: the schema has none.
	CopyData   func(s, old *S)
	DecodeData func(s *S, dec *codec.Decoder)
	// EncodeData encodes the SocketData of s; nil: the schema has none.
	EncodeData func(s *S, enc *codec.Encoder)
}

// Namespace is a served namespace whose sockets are of the generated type S.
// Generated servers embed it. Middleware and handlers are set before the server
// takes connections; a socket sees those that were set when it connected.
type Namespace[S any] struct {
	*namespace
	typ NamespaceType[S]

	hooks        sync.RWMutex
	middleware   []func(ctx context.Context, s *S) error
	onConnection []func(ctx context.Context, s *S) error
	onInvalid    func(ctx context.Context, s *S, err *DecodeError) error
	onError      func(ctx context.Context, s *S, event string, err error)
	handlers     map[string]namespaceHandlerOf[S]
}

// namespaceHandlerOf is the handler of an event of all sockets.
type namespaceHandlerOf[S any] struct {
	event string
	f     func(ctx context.Context, s *S, call *Call) error
}

// namespace is the part of a Namespace that doesn't depend on the socket's type.
type namespace struct {
	server *Server
	name   string
	drv    driver.Namespace
	// connected runs the connection handlers of a socket.
	connected func(*Socket)
	// parent has the children, when these are served as clients ask for them.
	parent driver.ParentNamespace
	rooms  *roomObservers

	// scope is for the events of clients, servers for those of other servers.
	scope, servers *scope
	interServer    handlerTable // of events from other servers
}

// NewNamespace serves a namespace. It panics when the server serves it already,
// as http.ServeMux does for a pattern: that is a mistake in the program. The value of
// the panic is an error that wraps the engine's. For generated code.
func NewNamespace[S any](server *Server, typ NamespaceType[S]) *Namespace[S] {
	n := newNamespace(server, typ)
	drv, err := server.engine.Namespace(typ.Name, namespaceHandler[S]{n, n.namespace})
	if err != nil {
		panic(fmt.Errorf("siogen: serving namespace %q: %w", typ.Name, err))
	}
	n.drv = drv
	return n
}

func newNamespace[S any](server *Server, typ NamespaceType[S]) *Namespace[S] {
	n := &Namespace[S]{namespace: &namespace{server: server, name: typ.Name}, typ: typ}
	n.scope = &scope{namespace: n.name, interceptors: server.interceptors, metrics: server.metrics}
	n.servers = &scope{namespace: n.name, interceptors: server.interceptors, interServer: true}
	n.rooms = &roomObservers{server: server}
	n.connected = n.runConnection
	return n
}

// Name is the namespace's name: "/" or "/admin".
func (n *namespace) Name() string { return n.name }

// Use adds a middleware: it runs when a client asks to join, before it is
// connected, in the order of Use. An error refuses the client, which sees its
// text, and with Refuse also data, in connect_error. For a client whose state is
// recovered it is skipped, unless RecoveryOptions say otherwise.
func (n *Namespace[S]) Use(f func(ctx context.Context, s *S) error) {
	n.hooks.Lock()
	defer n.hooks.Unlock()
	n.middleware = append(n.middleware[:len(n.middleware):len(n.middleware)], f)
}

// OnConnection adds a handler for each new socket, one that continues another
// (Recovered) included. It runs before the handler of
// any event of that socket: what it registers misses nothing. An error is
// reported as of event "connection", and disconnects the socket.
func (n *Namespace[S]) OnConnection(f func(ctx context.Context, s *S) error) {
	n.hooks.Lock()
	defer n.hooks.Unlock()
	n.onConnection = append(n.onConnection[:len(n.onConnection):len(n.onConnection)], f)
}

// OnInvalid sets what happens when a payload is not as the schema has it; the
// event's handler is not called and the connection stays either way. An error
// that f returns is treated as the handler's: the event's declared error
// answers the peer. Without a hook the payload is logged as a warning.
func (n *Namespace[S]) OnInvalid(f func(ctx context.Context, s *S, err *DecodeError) error) {
	n.hooks.Lock()
	defer n.hooks.Unlock()
	n.onInvalid = f
}

// OnError sets what happens to an error or panic (*PanicError) of a handler that
// the event does not declare. Without a hook it is logged. event is "connection",
// "disconnecting" or "disconnect" for the handlers of those.
func (n *Namespace[S]) OnError(f func(ctx context.Context, s *S, event string, err error)) {
	n.hooks.Lock()
	defer n.hooks.Unlock()
	n.onError = f
}

// HandleEvents sets the handlers of all sockets, by event name. A socket's own
// handler for an event comes first. For generated code.
func (n *Namespace[S]) HandleEvents(handlers map[string]func(ctx context.Context, s *S, call *Call) error) {
	table := make(map[string]namespaceHandlerOf[S], len(handlers))
	for event, f := range handlers {
		table[event] = namespaceHandlerOf[S]{event, f}
	}
	n.hooks.Lock()
	defer n.hooks.Unlock()
	n.handlers = table
}

// namespaceHandlers are the handlers of all sockets, for one of them.
type namespaceHandlers[S any] struct {
	handlers map[string]namespaceHandlerOf[S]
	typed    *S
}

// named implements sharedHandlers.
func (h *namespaceHandlers[S]) named(name []byte) string { return h.handlers[string(name)].event }

// serve implements sharedHandlers.
func (h *namespaceHandlers[S]) serve(ctx context.Context, name []byte, call *Call) (bool, error) {
	f := h.handlers[string(name)].f
	if f == nil {
		return false, nil
	}
	return true, f(ctx, h.typed, call)
}

// newSocket makes the typed socket for a client that asks to join; in is the
// namespace that it joins: n or a child of it.
func (n *Namespace[S]) newSocket(ctx context.Context, drv driver.Socket, in *namespace) (*S, *Socket) {
	s := &Socket{ns: in, drv: drv}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.peer = peer{emitter: drv, ackTimeout: n.server.ackTimeout, log: n.server.log, scope: n.scope}
	s.queue.init(&s.peer, s.ctx, &n.server.tasks)
	typed := n.typ.New(s)
	s.typed = typed
	if n.typ.EncodeData != nil {
		s.encodeData = func(enc *codec.Encoder) { n.typ.EncodeData(typed, enc) }
	}

	n.hooks.RLock()
	defer n.hooks.RUnlock()
	if handlers := n.handlers; handlers != nil {
		s.shared = &namespaceHandlers[S]{handlers, typed}
	}
	if f := n.onInvalid; f != nil {
		s.invalid = func(ctx context.Context, err *DecodeError) error { return f(ctx, typed, err) }
	}
	s.failed = func(ctx context.Context, event string, err error) { n.fail(ctx, s, typed, event, err) }
	return typed, s
}

// fail tells the application about an error of a handler.
func (n *Namespace[S]) fail(ctx context.Context, s *Socket, typed *S, event string, err error) {
	n.hooks.RLock()
	f := n.onError
	n.hooks.RUnlock()
	if f == nil {
		logFailure(n.server.log, s.ID(), event, err)
		return
	}
	if perr := protect(func() error { f(ctx, typed, event, err); return nil }); perr != nil {
		logFailure(n.server.log, s.ID(), event, errors.Join(err, perr))
	}
}

// runConnection runs the connection handlers of a socket.
func (n *Namespace[S]) runConnection(s *Socket) {
	n.hooks.RLock()
	handlers := n.onConnection
	n.hooks.RUnlock()
	for _, f := range handlers {
		if err := protect(func() error { return f(s.ctx, s.typed.(*S)) }); err != nil {
			s.scope.count(metrics.HandlerErrors, 1, "connection", kindOf(err))
			s.failed(s.ctx, "connection", err)
			s.Disconnect(false)
			return
		}
	}
}

// namespaceHandler is how the engine reaches a Namespace, or a child of it.
type namespaceHandler[S any] struct {
	n  *Namespace[S]
	in *namespace
}

// Connect implements driver.NamespaceHandler.
func (h namespaceHandler[S]) Connect(ctx context.Context, drv driver.Socket) (driver.SocketHandler, error) {
	n := h.n
	typed, s := n.newSocket(ctx, drv, h.in)
	var refused error
	// Errors of the application may panic when they are looked at.
	err := protect(func() error {
		err := restoreData(s, typed, n.typ)
		if err == nil {
			refused = n.refuses(typed, s)
		}
		return err
	})
	switch {
	case err != nil:
		s.failed(ctx, "connection", err)
		refused = &driver.RefusedError{Message: "internal server error"}
	case refused == nil:
		return socketHandler{s}, nil
	}
	s.cancel()
	n.scope.count(metrics.SocketsRefused, 1)
	return nil, refused
}

// refuses checks the handshake and runs the middleware. It returns what the
// client is told, or nil.
func (n *Namespace[S]) refuses(typed *S, s *Socket) error {
	if n.typ.Auth != nil {
		if err := decodeAuth(typed, s.Handshake().Auth, n.typ.Auth); err != nil {
			logInvalidAuth(s, err)
			return refusal(fmt.Errorf("invalid auth: %w", err))
		}
	}
	if !s.runsMiddleware() {
		return nil
	}
	n.hooks.RLock()
	middleware := n.middleware
	n.hooks.RUnlock()
	for _, f := range middleware {
		if err := f(s.ctx, typed); err != nil {
			return refusal(err)
		}
	}
	return nil
}

// logInvalidAuth tells which of the schema's fields does not fit. What is wrong with
// it, the client is told: that may quote the payload, which is never logged.
func logInvalidAuth(s *Socket, err error) {
	var invalid *codec.DecodeError
	if !errors.As(err, &invalid) {
		return
	}
	field := invalid.Path
	if end := strings.IndexAny(field, ".["); end >= 0 {
		field = field[:end]
	}
	s.log.Warn("invalid auth", "namespace", s.Namespace(), "field", field)
}

// ServerEvent implements driver.NamespaceHandler.
func (h namespaceHandler[S]) ServerEvent(e driver.Event, reply func(driver.Payload) error) {
	h.n.serverEvent(e, reply)
}

// RoomEvent implements driver.NamespaceHandler.
func (h namespaceHandler[S]) RoomEvent(e driver.RoomEvent) { h.n.rooms.tell(h.in.name, e) }
