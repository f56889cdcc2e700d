package socketio

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

// States of a socket. They are passed through in this order.
const (
	// stateJoining: the namespace decides; nothing may be sent or received.
	stateJoining int32 = iota
	// stateAnswering: accepted; the client may send as soon as it has the answer.
	stateAnswering
	// stateJoined: the answer is queued; the application may send.
	stateJoined
	stateEnded
)

// socket is one client's membership of a namespace.
type socket struct {
	id        string
	ns        *namespace
	conn      *serverConn
	state     atomic.Int32 // changes under mu only
	handshake *driver.Handshake
	cancel    context.CancelFunc // ends the context that the namespace's Connect got
	turn      turn
	// recovery is nil where that is off.
	recovery *socketRecovery

	// handler is set before stateAnswering and then stays.
	handler driver.SocketHandler

	mu   sync.Mutex
	acks pendingAcks
	owed owedAcks
	// early are the rooms that were joined before stateJoined.
	early []string

	// index and inRooms are the memoryAdapter's and guarded by its lock.
	index   int
	inRooms []string
}

var _ driver.Socket = (*socket)(nil)

// ID implements driver.Emitter.
func (s *socket) ID() string { return s.id }

// Handshake implements driver.Socket.
func (s *socket) Handshake() *driver.Handshake { return s.handshake }

// Namespace implements driver.Socket.
func (s *socket) Namespace() driver.Namespace { return s.ns }

// connect asks the namespace whether the client may join, and answers it.
func (s *socket) connect(ctx context.Context) {
	if s.recovery != nil && !s.resume(ctx) {
		return
	}
	h, err := s.ns.handler.Connect(ctx, s)
	if err != nil {
		s.conn.remove(s, false)
		if s.end("") {
			s.conn.refuse(s.ns.name, err)
		}
		return
	}
	s.turn.enter()
	defer s.turn.leave()
	if ctx.Err() != nil || !s.accept(h) {
		return // the connection ended meanwhile, or is about to
	}
	s.conn.joined()
	s.admit()
	h.Connected()
}

// accept moves on to stateAnswering, unless the socket has ended.
func (s *socket) accept(h driver.SocketHandler) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Load() != stateJoining {
		return false
	}
	s.handler = h
	s.state.Store(stateAnswering)
	return true
}

// admit answers and moves on to stateJoined, unless the socket has ended. Who has
// the answer gets every broadcast that is made from then on, and none comes before
// it: the socket is reachable first, and sendFramed waits for s.mu.
func (s *socket) admit() {
	if s.recovery != nil {
		s.ns.order.Lock()
		defer s.ns.order.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Load() != stateAnswering {
		return
	}
	answer, missed, ok := s.enroll()
	if !ok {
		s.conn.conn.Abort(engineio.ReasonTransportClose)
		return
	}
	s.ns.adapter.add(s, s.early)
	s.early = nil
	// An error means that the connection is gone: Closed ends the socket.
	_ = sendPacket(s.conn.conn, typeConnect, s.ns.name, driver.NoAck, driver.Payload{JSON: answer}, driver.Flags{})
	for _, p := range missed {
		_ = sendPacket(s.conn.conn, typeEvent, s.ns.name, driver.NoAck, p, driver.Flags{})
	}
	s.state.Store(stateJoined)
}

// settled is the state, after admit if that is under way: somebody who found the
// socket through the adapter means a member.
func (s *socket) settled() int32 {
	state := s.state.Load()
	if state == stateAnswering {
		s.mu.Lock()
		state = s.state.Load()
		s.mu.Unlock()
	}
	return state
}

// handle takes a packet for a socket that has joined. It is called by the
// goroutine that reads the connection.
func (s *socket) handle(r received) {
	switch r.typ {
	case typeEvent, typeBinaryEvent:
		s.event(r)
	case typeAck, typeBinaryAck:
		s.acked(r)
	case typeDisconnect:
		s.conn.remove(s, false)
		s.end(reasonClientDisconnect)
	}
}

func (s *socket) event(r received) {
	s.turn.enter() // waits for Connected
	defer s.turn.leave()
	if s.state.Load() == stateEnded {
		return
	}
	e := driver.Event{
		Payload: driver.Payload{JSON: r.json, Attachments: r.blobs},
		Name:    r.name,
		AckID:   driver.NoAck,
	}
	if r.hasAck() {
		s.mu.Lock()
		e.AckID = s.owed.add(r.ackID, s.conn.server.o.Limits.MaxOwedAcks)
		s.mu.Unlock()
	}
	s.handler.Event(e)
}

func (s *socket) acked(r received) {
	s.mu.Lock()
	w := s.acks.take(r.ackID)
	s.mu.Unlock()
	p := driver.Payload{JSON: r.json, Attachments: r.blobs}
	if w != nil {
		w.Acked(p, nil)
		return
	}
	s.ns.acked(s.id, r.ackID, p)
}

// Emit implements driver.Emitter. Before the client is told that it has joined,
// and after it has left, it fails with driver.ErrClosed.
func (s *socket) Emit(p driver.Payload, f driver.Flags) error {
	if s.recovery != nil {
		return s.emitRecoverable(p, f)
	}
	if s.state.Load() != stateJoined {
		return driver.ErrClosed
	}
	return sendPacket(s.conn.conn, typeEvent, s.ns.name, driver.NoAck, p, f)
}

// EmitAck implements driver.Emitter.
func (s *socket) EmitAck(p driver.Payload, f driver.Flags, w driver.AckWaiter) (int64, error) {
	id := s.ns.nextAckID()
	if err := s.expect(id, w); err != nil {
		return 0, err
	}
	err := sendPacket(s.conn.conn, typeEvent, s.ns.name, id, p, f)
	s.conn.conn.HandOver() // a handler is about to wait for the acknowledgement
	if err != nil && s.CancelAck(id) {
		return 0, err
	}
	return id, nil // sent, or the socket ended meanwhile and w knows
}

// expect registers a waiter.
func (s *socket) expect(id int64, w driver.AckWaiter) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Load() != stateJoined {
		return driver.ErrClosed
	}
	return s.acks.add(id, w, s.conn.server.o.Limits.MaxPendingAcks)
}

// CancelAck implements driver.Emitter.
func (s *socket) CancelAck(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acks.take(id) != nil
}

// Ack implements driver.Emitter. It fails with an *AckError when the event was
// answered already, and with driver.ErrClosed when the client has left.
func (s *socket) Ack(id int64, p driver.Payload) error {
	s.mu.Lock()
	peerID, owed := s.owed.take(id)
	ended := s.state.Load() == stateEnded
	s.mu.Unlock()
	switch {
	case ended:
		return driver.ErrClosed
	case !owed:
		return &AckError{ID: id}
	}
	return sendPacket(s.conn.conn, typeAck, s.ns.name, peerID, p, driver.Flags{})
}

// Cork implements driver.Emitter.
func (s *socket) Cork() { s.conn.conn.Cork() }

// Uncork implements driver.Emitter.
func (s *socket) Uncork() { s.conn.conn.Uncork() }

// Defer implements driver.Deferrer.
func (s *socket) Defer(f func()) bool { return s.conn.conn.Defer(f) }

// sendFramed sends a broadcast. Whatever hinders it is this socket's own affair,
// and ends it where need be.
func (s *socket) sendFramed(m *engineio.Framed, f engineio.Flags, g *engineio.Gather) {
	if s.settled() == stateJoined {
		_ = s.conn.conn.SendFramed(m, f, g)
	}
}

// prefetch has the processor load what sendFramed is going to need.
func (s *socket) prefetch() {
	if s.state.Load() == stateJoined {
		s.conn.conn.Prefetch()
	}
}

// Join implements driver.Socket. A socket that is still being decided about enters
// the rooms when it is accepted.
func (s *socket) Join(rooms ...string) {
	if s.recovery != nil {
		s.ns.order.RLock()
		defer s.ns.order.RUnlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	limit := s.conn.server.o.MaxRooms
	ok := true
	switch s.state.Load() {
	case stateJoining, stateAnswering:
		for _, room := range rooms {
			if ok = len(s.early)+1 < limit; !ok {
				break
			}
			if !slices.Contains(s.early, room) {
				s.early = append(s.early, room)
			}
		}
	case stateJoined:
		ok = s.ns.adapter.join(s, rooms, limit)
		if s.recovery != nil {
			s.conn.server.recovery.joined(s.recovery.session, s.ns.adapter.rooms(s))
		}
	}
	if !ok {
		s.conn.server.o.Logger.Warn("socket.io: too many rooms, not joined", "id", s.id, "limit", limit)
	}
}

// Leave implements driver.Socket.
func (s *socket) Leave(room string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Load() == stateJoined {
		s.ns.adapter.leave(s, room)
		if s.recovery != nil {
			s.conn.server.recovery.left(s.recovery.session, room)
		}
		return
	}
	s.early = slices.DeleteFunc(s.early, func(r string) bool { return r == room })
}

// Rooms implements driver.Socket.
func (s *socket) Rooms() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.state.Load() {
	case stateJoined:
		return s.ns.adapter.rooms(s)
	case stateEnded:
		return nil
	}
	return append([]string{s.id}, s.early...)
}

// Disconnect implements driver.Socket. It does nothing unless the socket has
// joined.
func (s *socket) Disconnect(closeConn bool) {
	if s.settled() != stateJoined {
		s.dismiss()
		return
	}
	if closeConn {
		s.conn.disconnect()
	} else {
		s.disconnect()
	}
}

// disconnect makes the client leave the namespace.
func (s *socket) disconnect() {
	if s.settled() != stateJoined || !s.conn.remove(s, true) || !s.end(reasonServerDisconnect) {
		return
	}
	// An error means that the connection is gone: so is the one to tell.
	_ = sendPacket(s.conn.conn, typeDisconnect, s.ns.name, driver.NoAck, driver.Payload{}, driver.Flags{})
}

// end ends the socket and reports whether it had not ended before. The handler of
// a socket that was never accepted, if there is one, is not told.
func (s *socket) end(reason string) bool {
	s.mu.Lock()
	was := s.state.Load()
	if was == stateEnded {
		s.mu.Unlock()
		return false
	}
	s.state.Store(stateEnded)
	waiters := s.acks.takeAll()
	s.owed.forget()
	rooms := append([]string{s.id}, s.early...)
	s.early = nil
	ns := s.ns // of one that is still being matched it changes
	if was == stateJoined {
		rooms = ns.adapter.remove(s)
	}
	s.released(was, reason)
	s.mu.Unlock()

	ns.gone(s.id)
	s.cancel()
	failAcks(waiters, driver.ErrClosed)
	if was == stateJoining {
		ns.release()
		return true
	}
	s.turn.post(func() {
		s.handler.Disconnected(reason, rooms)
		ns.release()
	})
	return true
}
