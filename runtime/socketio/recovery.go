package socketio

import (
	"container/list"
	"slices"
	"sync"
	"time"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

// recoverable are the reasons for which a socket's client may come back, as with
// the reference server: neither side left on purpose.
func recoverable(reason string) bool {
	switch reason {
	case engineio.ReasonTransportError, engineio.ReasonTransportClose, engineio.ReasonPingTimeout,
		engineio.ReasonForcedClose, reasonForcedServerClose:
		return true
	}
	return false
}

// recovery is what a server keeps for connection state recovery: who may come
// back, and the events that they may miss. A Server without it has nil.
//
// An event is noted, and queued for its receivers, without another of the same
// receiver coming in between (namespace.order, and socketRecovery.sending for a
// single one): who has an event has all that have lower numbers.
type recovery struct {
	o    RecoveryOptions
	mark string
	// keep is how long events are needed: a client may have been gone for as long as
	// it takes to notice before it counts as away.
	keep time.Duration
	// maxMissed bounds in bytes what a client that comes back is sent at once.
	maxMissed int

	mu       sync.Mutex
	log      packetLog
	sessions map[string]*session // by pid
	away     list.List           // of *session, the longest away first
	sweeper  *time.Timer         // nil while there is nothing to sweep
	closed   bool
}

func newRecovery(o RecoveryOptions, engine engineio.ServerOptions) *recovery {
	o = o.withDefaults()
	orDefault(&engine.PingInterval, engineio.DefaultPingInterval)
	orDefault(&engine.PingTimeout, engineio.DefaultPingTimeout)
	orDefault(&engine.MaxQueue, engineio.DefaultMaxQueue)
	return &recovery{
		o:         o,
		mark:      newMark(),
		keep:      o.MaxDisconnection + engine.PingInterval + engine.PingTimeout,
		maxMissed: engine.MaxQueue / 2,
		log:       packetLog{first: 1},
		sessions:  make(map[string]*session),
	}
}

// record notes an event and returns it with an offset as its last argument. The
// caller sees to the order. A volatile event is not noted. But clients, the
// reference one among them, take any string that comes last for an offset: where
// there is one, a valid offset follows it.
func (r *recovery) record(namespace string, t driver.Target, p driver.Payload) driver.Payload {
	if t.Flags.Volatile {
		if endsInString(p.JSON) {
			p.JSON = withOffset(p.JSON, r.mark, r.last())
		}
		return p
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p.JSON = withOffset(p.JSON, r.mark, r.log.last()+1)
	if r.closed {
		return p
	}
	p.Attachments = slices.Clone(p.Attachments)
	r.log.add(logEntry{
		namespace: namespace,
		rooms:     slices.Clone(t.Rooms),
		except:    slices.Clone(t.Except),
		payload:   p,
		at:        time.Now(),
	}, r.o.MaxPackets, r.o.MaxBytes)
	r.arm()
	return p
}

// last is the number of the latest event.
func (r *recovery) last() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.last()
}

// claim finds the session that a client comes back to, and makes s its socket. The
// socket that still has it is returned instead, to be ended before another try. The
// session is nil when there is none, or it is of no use any more.
func (r *recovery) claim(s *socket, t ticket) (found *session, missedAfter uint64, holder *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found = r.sessions[t.pid]
	switch {
	case found == nil || found.namespace != s.ns.name || r.closed:
		return nil, 0, nil
	case found.socket != nil:
		return nil, 0, found.socket
	}
	number, ok := found.joined, true
	if t.offset != "" { // else it has received nothing since it joined
		number, ok = parseOffset(r.mark, t.offset)
	}
	ok = ok && r.log.covers(number) && time.Since(found.since) <= r.o.MaxDisconnection
	if ok {
		_, size := r.log.missed(found, number)
		ok = size <= r.maxMissed
	}
	if !ok {
		r.drop(found)
		return nil, 0, nil
	}
	r.away.Remove(found.place)
	found.place, found.socket = nil, s
	return found, number, nil
}

// admitted notes that a socket has joined, with its rooms but its own, and returns
// what its client has missed. It reports false when that can no longer be had.
func (r *recovery) admitted(s *socket, x *session, missedAfter uint64, rooms []string) (missed []driver.Payload, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.log.last()
	if x.handler == nil { // a new one
		x.joined, x.socket = last, s
		x.rooms = map[string]uint64{x.id: last}
		if !r.closed {
			r.sessions[x.pid] = x
		}
	} else {
		size := 0
		if !r.log.covers(missedAfter) {
			return nil, false
		}
		if missed, size = r.log.missed(x, missedAfter); size > r.maxMissed {
			return nil, false
		}
		x.handler = nil
		for room := range x.rooms {
			if room != x.id && !slices.Contains(rooms, room) { // left by a middleware
				delete(x.rooms, room)
			}
		}
	}
	x.enter(rooms, last)
	return missed, true
}

// enter notes rooms that are joined after an event; recovery.mu is held.
func (x *session) enter(rooms []string, after uint64) {
	for _, room := range rooms {
		if _, known := x.rooms[room]; !known {
			x.rooms[room] = after
		}
	}
}

// joined and left note how the rooms of a session change.
func (r *recovery) joined(x *session, rooms []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x.enter(rooms, r.log.last())
}

func (r *recovery) left(x *session, room string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(x.rooms, room)
}

// released notes that the socket of a session has ended. If it was connected, a
// recoverable end begins an absence; if it was about to be, in place of an earlier
// one, that one's absence goes on.
func (r *recovery) released(s *socket, x *session, connected bool, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x.socket != s {
		return
	}
	x.socket = nil
	switch {
	case connected && recoverable(reason):
		x.handler, x.since = s.handler, time.Now()
	case connected || x.handler == nil:
		r.drop(x)
		return
	}
	r.leave(x)
}

// leave makes a session one that may come back; r.mu is held.
func (r *recovery) leave(x *session) {
	if r.closed {
		r.drop(x)
		return
	}
	after := r.away.Back()
	for after != nil && after.Value.(*session).since.After(x.since) { // it tried to come back
		after = after.Prev()
	}
	if after == nil {
		x.place = r.away.PushFront(x)
	} else {
		x.place = r.away.InsertAfter(x, after)
	}
	for r.away.Len() > r.o.MaxSessions {
		r.drop(r.away.Front().Value.(*session))
	}
	r.arm()
}

// drop forgets a session; r.mu is held.
func (r *recovery) drop(x *session) {
	delete(r.sessions, x.pid)
	if x.place != nil {
		r.away.Remove(x.place)
		x.place = nil
	}
	x.handler = nil
}

// forget is drop for a session that was to be continued and will not be.
func (r *recovery) forget(x *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(x)
}

// dismiss is drop for a session whose client is away.
func (r *recovery) dismiss(x *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x.place != nil {
		r.drop(x)
	}
}

// knows reports whether a session may still be continued, or is.
func (r *recovery) knows(x *session) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[x.pid] == x
}

// eachAway calls f, with r.mu held, for every session of a namespace that t is for
// and whose client is away.
func (r *recovery) eachAway(namespace string, t driver.Target, f func(*session)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for e := r.away.Front(); e != nil; {
		x := e.Value.(*session)
		e = e.Next()
		if x.namespace == namespace && x.isIn(t) {
			f(x)
		}
	}
}

// arm sees to it that sweep will be called; r.mu is held.
func (r *recovery) arm() {
	if r.sweeper == nil && !r.closed {
		r.sweeper = time.AfterFunc(r.pace(), r.sweep)
	}
}

// pace is how long what has expired may stay at most.
func (r *recovery) pace() time.Duration { return max(r.o.MaxDisconnection/8, time.Millisecond) }

// sweep drops what has expired.
func (r *recovery) sweep() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweeper = nil
	now := time.Now()
	for r.away.Len() > 0 {
		x := r.away.Front().Value.(*session)
		if now.Sub(x.since) <= r.o.MaxDisconnection {
			break
		}
		r.drop(x)
	}
	r.log.expire(now.Add(-r.keep))
	if r.away.Len() > 0 || len(r.log.entries) > 0 {
		r.arm()
	}
}

// close forgets everything: nobody can come back to a server that was closed.
func (r *recovery) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.sweeper != nil {
		r.sweeper.Stop()
		r.sweeper = nil
	}
	for r.away.Len() > 0 {
		r.drop(r.away.Front().Value.(*session))
	}
	clear(r.sessions)
	r.log = packetLog{first: r.log.last() + 1}
}
