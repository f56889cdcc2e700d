package zishang520

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/zishang520/socket.io/parsers/socket/v3/parser"
	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/runtime/driver"
)

// serverSocket is a driver.Socket over a socket of the library.
type serverSocket struct {
	n         *namespace
	io        *socket.Socket
	conn      *conn
	handshake *driver.Handshake
	ctx       context.Context
	cancel    context.CancelCauseFunc
	recovered *driver.Recovery
	// handler is set before the socket joins.
	handler driver.SocketHandler
	turn    turn
	acks    pendingAcks
	owed    owedAcks
	// state belongs to the callbacks that have the turn.
	state socketState
	// leaving guards rooms, those at the end; ending is for end.
	leaving, ending sync.Once
	rooms           []string
	// unknown: the socket is about to join, and the library does not know it yet.
	unknown atomic.Bool
	// dismissed: this side disconnected the socket.
	dismissed atomic.Bool
}

// reasonDismissed is the reason for the end of a socket that this side disconnected.
const reasonDismissed = "server namespace disconnect"

// socketState is what the handler of a socket has been told.
type socketState int

const (
	stateNew socketState = iota
	stateOpen
	stateEnded
)

var _ driver.Socket = (*serverSocket)(nil)

func newServerSocket(n *namespace, io *socket.Socket) *serverSocket {
	s := &serverSocket{n: n, io: io, conn: n.server.connOf(io.Conn()), handshake: handshake(io.Handshake())}
	s.ctx, s.cancel = context.WithCancelCause(s.conn.ctx)
	_ = io.PrependAny(func(args ...any) {
		if len(io.ListenersAny()) > 1 {
			decodeInPlace(args...)
		}
	})
	return s
}

// recovery finds out what the socket continues (connection state recovery).
func (s *serverSocket) recovery() error {
	if !s.io.Recovered() {
		return nil
	}
	r := new(driver.Recovery)
	if data, ok := s.io.Data().(*socketData); ok {
		if err := data.handler.Wait(s.ctx); err != nil {
			return err
		}
		r.Local = data.handler
	} else {
		r.Data = dataPayload(s.io.Data())
	}
	s.recovered = r
	return nil
}

// joined tells the handler that the client has been told.
func (s *serverSocket) joined() {
	s.turn.do(func() {
		if s.state == stateNew {
			s.state = stateOpen
			s.handler.Connected()
		}
	})
	if !s.io.Connected() { // ended before the handler was there to be told
		s.end("transport close")
	}
}

// listen is what the tap does, for a socket that is connected already.
func (s *serverSocket) listen() {
	_ = s.io.PrependAny(func(args ...any) {
		if name, ok := args[0].(string); ok && s.io.Connected() {
			s.event(name, args[1:])
		}
	})
	for _, name := range []string{"disconnecting", "disconnect"} {
		_ = s.io.On(name, func(args ...any) { s.emitted(name, args) })
	}
}

// emitted takes what the library emits for the socket: its own events, and those
// of the client.
func (s *serverSocket) emitted(name string, args []any) {
	switch name {
	case "disconnecting":
		s.leaving.Do(func() { s.rooms = s.Rooms() })
	case "disconnect":
		reason, _ := args[0].(string)
		s.end(reason)
	default:
		if len(args) == 1 {
			if _, isError := args[0].(error); isError && name == "error" {
				return // the library's own; the connection is closed
			}
		}
		s.event(name, args)
	}
}

// event passes on an event of the client.
func (s *serverSocket) event(name string, args []any) {
	args, ack := cutAck(args)
	p, err := receivedEvent(name, args)
	if err != nil {
		return // it came from a foreign parser, and is not JSON
	}
	e := driver.Event{Payload: p, Name: []byte(name), AckID: driver.NoAck}
	s.turn.do(func() {
		if s.state != stateOpen {
			return
		}
		if ack != nil {
			e.AckID = s.owed.add(ack)
		}
		s.handler.Event(e)
	})
}

// end tells the handler that the socket is disconnected.
func (s *serverSocket) end(reason string) {
	s.ending.Do(func() {
		if s.dismissed.Load() {
			reason = reasonDismissed
		}
		s.cancel(driver.ErrClosed) // first: a callback may be waiting for it
		for _, id := range s.acks.fail(driver.ErrClosed, true) {
			s.n.server.parser.unexpect(s.n.Name(), uint64(id))
		}
		s.owed.forget()
		s.turn.do(func() {
			if s.state == stateOpen {
				s.handler.Disconnected(reason, s.rooms)
			}
			s.state = stateEnded
		})
		if s.n.ended != nil {
			s.n.ended()
		}
	})
}

// ID implements driver.Emitter.
func (s *serverSocket) ID() string { return string(s.io.Id()) }

// Handshake implements driver.Socket.
func (s *serverSocket) Handshake() *driver.Handshake { return s.handshake }

// Recovered implements driver.Socket.
func (s *serverSocket) Recovered() *driver.Recovery { return s.recovered }

// Namespace implements driver.Socket.
func (s *serverSocket) Namespace() driver.Namespace { return s.n }

// Emit implements driver.Emitter.
func (s *serverSocket) Emit(p driver.Payload, f driver.Flags) error {
	packet, err := s.n.eventPacket(p)
	if err != nil {
		return err
	}
	return s.send(packet, f)
}

// send sends a packet to the client. It does what the library's Emit does; but its
// flags are one emit's only, and the acknowledgement's id is known.
func (s *serverSocket) send(packet *parser.Packet, f driver.Flags) error {
	if !s.io.Connected() || s.io.Conn().ReadyState() != "open" {
		return driver.ErrClosed
	}
	if s.n.server.io.Opts().ConnectionStateRecovery() != nil {
		s.n.nsp.Adapter().Broadcast(packet, options(driver.Target{Rooms: []string{s.ID()}, Flags: f}))
		return nil
	}
	s.io.NotifyOutgoingListeners()(packet)
	flags := writeOptions(f)
	s.io.Client().WriteToEngine(s.n.server.io.Encoder().Encode(packet), &flags)
	return nil
}

// EmitAck implements driver.Emitter.
func (s *serverSocket) EmitAck(p driver.Payload, f driver.Flags, w driver.AckWaiter) (int64, error) {
	packet, err := s.n.eventPacket(p)
	if err != nil {
		return 0, err
	}
	number := s.n.nsp.Ids()
	id := int64(number)
	if err := s.acks.add(id, w); err != nil {
		return 0, err
	}
	s.n.server.parser.expect(s.n.Name(), number)
	s.io.Acks().Store(number, func(args []any, err error) {
		s.n.server.parser.unexpect(s.n.Name(), number)
		s.acks.answer(id, args, err)
	})
	packet.Id = &number
	if err := s.send(packet, f); err != nil && s.CancelAck(id) {
		return 0, err
	}
	return id, nil // sent, or the socket ended meanwhile and w knows
}

// CancelAck implements driver.Emitter.
func (s *serverSocket) CancelAck(id int64) bool {
	s.io.Acks().Delete(uint64(id))
	s.n.server.parser.unexpect(s.n.Name(), uint64(id))
	return s.acks.take(id) != nil
}

// Ack implements driver.Emitter.
func (s *serverSocket) Ack(id int64, p driver.Payload) error {
	if !s.io.Connected() {
		return driver.ErrClosed
	}
	return s.owed.answer(id, p)
}

// Cork implements driver.Emitter. The library writes in a goroutine of its own.
func (s *serverSocket) Cork() {}

// Uncork implements driver.Emitter.
func (s *serverSocket) Uncork() {}

// Join implements driver.Socket.
func (s *serverSocket) Join(names ...string) { s.io.Join(rooms(names)...) }

// Leave implements driver.Socket.
func (s *serverSocket) Leave(room string) { s.io.Leave(socket.Room(room)) }

// Rooms implements driver.Socket.
func (s *serverSocket) Rooms() []string { return roomNames(s.io.Rooms()) }

// Disconnect implements driver.Socket. The library tells the client first, which may
// have closed the connection before the library gets to tell the reason here.
func (s *serverSocket) Disconnect(closeConn bool) {
	if s.io.Connected() {
		s.dismissed.Store(true)
		s.io.Disconnect(closeConn)
	}
}
