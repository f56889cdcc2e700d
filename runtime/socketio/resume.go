package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

// socketRecovery is the part of a socket that connection state recovery needs;
// where that is off, a socket has none.
type socketRecovery struct {
	ticket ticket
	// session is the socket's, from NamespaceHandler.Connect on.
	session *session
	// recovered is what the socket continues, and missedAfter the number of the last
	// event that its client has; nil: it is new.
	recovered   *driver.Recovery
	missedAfter uint64
	// sending is held while an event to this socket alone is noted and queued.
	sending sync.Mutex
}

// Recovered implements driver.Socket.
func (s *socket) Recovered() *driver.Recovery {
	if s.recovery == nil {
		return nil
	}
	return s.recovery.recovered
}

// resume gives the socket the session that its client comes back to, and with it
// id and rooms, or else a new one. It reports false when the socket has ended.
//
// Nobody comes back while the application is still busy with the end of the socket
// before, so that of two sockets with one id it never sees the second one first.
func (s *socket) resume(ctx context.Context) bool {
	r := s.conn.server.recovery
	x, missedAfter := s.reclaim(r)
	if x != nil {
		limited, stop := context.WithTimeout(ctx, r.o.PredecessorTimeout)
		err := x.handler.Wait(limited)
		stop()
		if err != nil && ctx.Err() == nil {
			r.forget(x)
			x = nil
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if x == nil {
		x = &session{pid: newPID(r.mark), namespace: s.ns.name, id: s.id, own: []string{s.id}}
		s.recovery.session = x
		return s.state.Load() != stateEnded
	}
	s.recovery.session, s.recovery.missedAfter = x, missedAfter
	if s.state.Load() == stateEnded {
		r.released(s, x, false, "")
		return false
	}
	s.id = x.id
	s.recovery.recovered = &driver.Recovery{Local: x.handler}
	for room := range x.rooms {
		if room != s.id {
			s.early = append(s.early, room)
		}
	}
	slices.Sort(s.early)
	return true
}

// reclaim finds the session that the client comes back to. A connection that seems
// to have it still is dead, though this side has not noticed: the client, who alone
// knows the pid, opened another.
func (s *socket) reclaim(r *recovery) (x *session, missedAfter uint64) {
	if s.recovery.ticket.pid == "" {
		return nil, 0
	}
	for s.state.Load() != stateEnded {
		x, missedAfter, holder := r.claim(s, s.recovery.ticket)
		if holder == nil {
			return x, missedAfter
		}
		holder.conn.remove(holder, false)
		holder.end(engineio.ReasonTransportClose)
		holder.conn.conn.Abort(engineio.ReasonTransportClose)
	}
	return nil, 0
}

// enroll is what admit does with a session: it returns the answer to CONNECT and
// what follows it. It reports false when what the client has missed is there no
// more: then the client must come again, and begin anew. s.mu is held.
func (s *socket) enroll() (answer []byte, missed []driver.Payload, ok bool) {
	if s.recovery == nil {
		answer, _ = json.Marshal(struct { // a string: it can't fail
			SID string `json:"sid"`
		}{s.id})
		return answer, nil, true
	}
	x := s.recovery.session
	missed, ok = s.conn.server.recovery.admitted(s, x, s.recovery.missedAfter, s.early)
	answer, _ = json.Marshal(struct {
		SID string `json:"sid"`
		PID string `json:"pid"`
	}{s.id, x.pid})
	return answer, missed, ok
}

// released is what end does with a session; s.mu is held.
func (s *socket) released(was int32, reason string) {
	if s.recovery != nil && s.recovery.session != nil {
		s.conn.server.recovery.released(s, s.recovery.session, was == stateJoined, reason)
	}
}

// emitRecoverable is Emit where recovery is on. What is emitted while the client is
// away waits for it, as what is broadcast to its room does.
func (s *socket) emitRecoverable(p driver.Payload, f driver.Flags) error {
	r, x := s.conn.server.recovery, s.recovery.session
	t := driver.Target{Rooms: x.own, Flags: f}
	s.ns.order.RLock()
	if s.state.Load() == stateJoined { // no successor joins while order is held
		defer s.ns.order.RUnlock()
		s.recovery.sending.Lock()
		defer s.recovery.sending.Unlock()
		p = r.record(s.ns.name, t, p)
		err := sendPacket(s.conn.conn, typeEvent, s.ns.name, driver.NoAck, p, f)
		if errors.Is(err, driver.ErrClosed) && !f.Volatile {
			err = nil // the connection is gone, and the event waits
		}
		return err
	}
	s.ns.order.RUnlock()
	if s.state.Load() != stateEnded || f.Volatile || !r.knows(x) {
		return driver.ErrClosed
	}
	return s.ns.Broadcast(t, p)
}

// dismiss has a client that is away come back as a new one.
func (s *socket) dismiss() {
	if s.recovery != nil && s.state.Load() == stateEnded {
		s.conn.server.recovery.dismiss(s.recovery.session)
	}
}

// The operations of a namespace on the sockets of t reach those who are away, too.

func (n *namespace) joinAway(t driver.Target, rooms []string) {
	if r := n.server.recovery; r != nil {
		r.eachAway(n.name, t, func(x *session) {
			x.enter(rooms[:min(len(rooms), max(n.server.o.MaxRooms-len(x.rooms), 0))], r.log.last())
		})
	}
}

func (n *namespace) leaveAway(t driver.Target, rooms []string) {
	if r := n.server.recovery; r != nil {
		r.eachAway(n.name, t, func(x *session) {
			for _, room := range rooms {
				delete(x.rooms, room)
			}
		})
	}
}

func (n *namespace) disconnectAway(t driver.Target) {
	if r := n.server.recovery; r != nil {
		r.eachAway(n.name, t, r.drop)
	}
}
