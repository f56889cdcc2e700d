package zishang520

import (
	"context"
	"errors"
	"sync"

	"github.com/zishang520/socket.io/parsers/socket/v3/parser"
	"github.com/zishang520/socket.io/servers/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"

	"github.com/siogen/siogen/runtime/driver"
)

// namespace is a served namespace: a driver.Namespace over one of the library's.
type namespace struct {
	server  *server
	nsp     socket.Namespace
	handler driver.NamespaceHandler
	// ended is called after a socket that had joined has left; nil: nothing is.
	ended func()

	mu      sync.Mutex
	sockets map[*socket.Socket]*serverSocket // joined, or asking to join
	asked   map[string]*serverSocket         // asking to join, by id
	byID    map[string]*serverSocket         // joined
}

var _ driver.Namespace = (*namespace)(nil)

// newNamespace returns the namespace for nsp, without sockets yet. Nothing comes of
// it before serve.
func newNamespace(s *server, nsp socket.Namespace) *namespace {
	return &namespace{
		server: s, nsp: nsp,
		sockets: make(map[*socket.Socket]*serverSocket),
		asked:   make(map[string]*serverSocket),
		byID:    make(map[string]*serverSocket),
	}
}

// serve has h served, from before the first socket on.
func (n *namespace) serve(h driver.NamespaceHandler) error {
	n.handler = h
	n.server.parser.serve(n.Name())
	emitter := n.nsp.EventEmitter()
	emitter.EventEmitter = &tap{EventEmitter: emitter.EventEmitter, taken: n.serverEvent}
	return errors.Join(
		n.nsp.Adapter().On("join-room", n.entering),
		watchRooms(n.nsp.Adapter(), h),
		n.nsp.On("connect", n.onConnect),
	)
}

// Name implements driver.Namespace.
func (n *namespace) Name() string { return n.nsp.Name() }

// middleware asks the handler about a client that wants to join. The library runs
// it in the goroutine that reads the connection, which must go on.
func (n *namespace) middleware(io *socket.Socket, next func(*socket.ExtendedError)) {
	s := n.asking(io)
	n.server.running.Spawn(func() { next(s.refused(n.ask(s))) })
}

// asking notes a socket that asks to join.
func (n *namespace) asking(io *socket.Socket) *serverSocket {
	s := n.add(io)
	io.EventEmitter = &tap{EventEmitter: io.EventEmitter, taken: s.emitted}
	n.mu.Lock()
	n.asked[s.ID()] = s
	n.mu.Unlock()
	return s
}

// refused ends a socket whose client is refused, for err, and returns what the client
// is told; nil: it is not refused.
func (s *serverSocket) refused(err error) *socket.ExtendedError {
	if err == nil {
		return nil
	}
	s.cancel(err)
	var refused *driver.RefusedError
	if !errors.As(err, &refused) {
		return socket.NewExtendedError(err.Error(), nil)
	}
	if refused.Data == nil {
		return socket.NewExtendedError(refused.Message, nil)
	}
	return socket.NewExtendedError(refused.Message, &Arg{json: refused.Data})
}

// ask asks the handler whether the client may join.
func (n *namespace) ask(s *serverSocket) error {
	if err := s.tooMany(); err != nil {
		return err
	}
	if err := s.recovery(); err != nil {
		return err
	}
	h, err := n.handler.Connect(s.ctx, s)
	if err != nil {
		return err
	}
	s.handler = h
	if s.io.Data() == nil || s.recovered != nil { // other servers find it from when it has joined
		s.io.SetData(&socketData{h})
	}
	return nil
}

// tooMany refuses a socket whose client has more namespaces than it may.
func (s *serverSocket) tooMany() error {
	if s.conn.sockets.Load() > MaxNamespaces {
		return &driver.RefusedError{Message: "too many namespaces"}
	}
	return nil
}

// onConnect is called when a socket has joined and its client was told, before
// listeners of the application.
func (n *namespace) onConnect(args ...any) {
	io, ok := args[0].(*socket.Socket)
	if !ok {
		return
	}
	n.mu.Lock()
	s := n.sockets[io]
	n.mu.Unlock()
	if s == nil { // a recovered socket: middleware was skipped
		s = n.add(io)
		s.listen()
		if err := n.ask(s); err != nil {
			s.cancel(err)
			io.Disconnect(false)
			return
		}
	}
	s.entered()
	n.mu.Lock()
	n.byID[s.ID()] = s
	delete(n.asked, s.ID())
	n.mu.Unlock()
	s.joined()
}

func (n *namespace) add(io *socket.Socket) *serverSocket {
	s := newServerSocket(n, io)
	n.mu.Lock()
	n.sockets[io] = s
	n.mu.Unlock()
	s.conn.sockets.Add(1)
	context.AfterFunc(s.ctx, func() {
		n.remove(s)
		s.entered()
		s.conn.sockets.Add(-1)
	})
	return s
}

func (n *namespace) remove(s *serverSocket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.sockets, s.io)
	if n.asked[s.ID()] == s {
		delete(n.asked, s.ID())
	}
	if n.byID[s.ID()] == s {
		delete(n.byID, s.ID())
	}
}

// socket returns a joined socket of this server; nil when there is none.
func (n *namespace) socket(id string) *serverSocket {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.byID[id]
}

// serverEvent takes what the library emits in a namespace: besides its own events
// those of other servers.
func (n *namespace) serverEvent(name string, args []any) {
	if socket.NAMESPACE_RESERVED_EVENTS.Has(name) {
		return
	}
	args, ack := cutAck(args)
	args, attachments := unwrap(args)
	p, err := payload(append([]any{name}, args...))
	if err != nil {
		return
	}
	if len(attachments) > 0 {
		p.Attachments = attachments
	}
	var reply func(driver.Payload) error
	if ack != nil {
		reply = func(p driver.Payload) error {
			args, err := wrap(p)
			if err == nil {
				ack(args, nil)
			}
			return err
		}
	}
	n.handler.ServerEvent(driver.Event{Payload: p, Name: []byte(name), AckID: driver.NoAck}, reply)
}

// options are a broadcast's, as the library has them.
func options(t driver.Target) *socket.BroadcastOptions {
	return &socket.BroadcastOptions{
		Rooms:  roomSet(t.Rooms),
		Except: roomSet(t.Except),
		Flags:  &socket.BroadcastFlags{WriteOptions: writeOptions(t.Flags), Local: t.Flags.Local},
	}
}

func writeOptions(f driver.Flags) socket.WriteOptions {
	o := socket.WriteOptions{Volatile: f.Volatile}
	if f.NoCompress {
		o.Compress = new(bool)
	}
	return o
}

func roomSet(names []string) *types.Set[socket.Room] {
	set := types.NewSet[socket.Room]()
	set.Add(rooms(names)...)
	return set
}

func rooms(names []string) []socket.Room {
	list := make([]socket.Room, len(names))
	for i, name := range names {
		list[i] = socket.Room(name)
	}
	return list
}

// eventPacket makes a packet of an event.
func (n *namespace) eventPacket(p driver.Payload) (*parser.Packet, error) {
	name, args, err := event(p)
	if err != nil {
		return nil, err
	}
	return &parser.Packet{Type: parser.EVENT, Nsp: n.Name(), Data: append([]any{name}, args...)}, nil
}

// Broadcast implements driver.Namespace.
func (n *namespace) Broadcast(t driver.Target, p driver.Payload) error {
	packet, err := n.eventPacket(p)
	if err == nil {
		n.nsp.Adapter().Broadcast(packet, options(t))
	}
	return err
}

// Sockets implements driver.Namespace.
func (n *namespace) Sockets(ctx context.Context, t driver.Target) ([]driver.RemoteSocket, error) {
	found, err := n.fetch(ctx, t)
	if err != nil {
		return nil, err
	}
	list := make([]driver.RemoteSocket, 0, len(found))
	for _, f := range found {
		list = append(list, n.remote(f))
	}
	return list, nil
}

// remote describes a socket of this or another server.
func (n *namespace) remote(f socket.SocketDetails) driver.RemoteSocket {
	r := driver.RemoteSocket{ID: string(f.Id()), Rooms: roomNames(f.Rooms())}
	if s := n.socket(r.ID); s != nil {
		r.Handshake, r.Local = s.handshake, s.handler
		return r
	}
	r.Handshake = handshake(f.Handshake())
	r.Data = dataPayload(f.Data())
	return r
}

func roomNames(set *types.Set[socket.Room]) []string {
	if set == nil {
		return nil
	}
	var names []string
	for _, room := range set.Keys() {
		names = append(names, string(room))
	}
	return names
}

// JoinRooms implements driver.Namespace.
func (n *namespace) JoinRooms(t driver.Target, names []string) error {
	n.nsp.Adapter().AddSockets(options(t), rooms(names))
	return nil
}

// LeaveRooms implements driver.Namespace.
func (n *namespace) LeaveRooms(t driver.Target, names []string) error {
	n.nsp.Adapter().DelSockets(options(t), rooms(names))
	return nil
}

// DisconnectSockets implements driver.Namespace.
func (n *namespace) DisconnectSockets(t driver.Target, closeConn bool) error {
	n.nsp.Adapter().DisconnectSockets(options(t), closeConn)
	return nil
}
