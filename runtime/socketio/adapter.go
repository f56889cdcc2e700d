package socketio

import (
	"slices"
	"sync"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

// outgoing is a packet on its way to many sockets, encoded and framed once.
type outgoing struct {
	framed *engineio.Framed
	flags  engineio.Flags
	// sent, unless nil, is told whom the packet is for, before it is sent.
	sent func([]*socket)
}

// memoryAdapter keeps the rooms of one namespace on this server and reaches the
// sockets in them.
//
// Its methods may be called from several goroutines at once, and with a socket's
// lock held: none calls back into a socket, except broadcast.
type memoryAdapter struct {
	// observe is told of every change, with mu held: it must not block.
	observe func(driver.RoomEvent)

	mu sync.RWMutex
	// sockets are all sockets; socket.index is the place in it.
	sockets []*socket
	byRoom  map[string]*members
}

func newMemoryAdapter(observe func(driver.RoomEvent)) *memoryAdapter {
	return &memoryAdapter{observe: observe, byRoom: make(map[string]*members)}
}

// add makes s reachable, in the room of its own id and in rooms.
func (a *memoryAdapter) add(s *socket, rooms []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s.index = len(a.sockets)
	a.sockets = append(a.sockets, s)
	a.enter(s, s.id)
	for _, room := range rooms {
		a.enter(s, room)
	}
}

func (a *memoryAdapter) isIn(s *socket, room string) bool {
	m := a.byRoom[room]
	return m != nil && m.has(s)
}

func (a *memoryAdapter) enter(s *socket, room string) {
	if a.isIn(s, room) {
		return
	}
	s.inRooms = append(s.inRooms, room)
	m := a.byRoom[room]
	if m == nil {
		m = new(members)
		a.byRoom[room] = m
		a.observe(driver.RoomEvent{Kind: driver.RoomCreated, Room: room})
	}
	m.add(s)
	a.observe(driver.RoomEvent{Kind: driver.RoomJoined, Room: room, SocketID: s.id})
}

func (a *memoryAdapter) exit(s *socket, room string) {
	m := a.byRoom[room]
	if m == nil {
		return
	}
	m.remove(s)
	a.observe(driver.RoomEvent{Kind: driver.RoomLeft, Room: room, SocketID: s.id})
	if m.len() == 0 {
		delete(a.byRoom, room)
		a.observe(driver.RoomEvent{Kind: driver.RoomDeleted, Room: room})
	}
}

// remove takes s out of everything and returns the rooms that it was in.
func (a *memoryAdapter) remove(s *socket) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.index >= len(a.sockets) || a.sockets[s.index] != s {
		return nil
	}
	last := len(a.sockets) - 1
	a.sockets[s.index] = a.sockets[last]
	a.sockets[s.index].index = s.index
	a.sockets[last] = nil
	a.sockets = a.sockets[:last]
	rooms := s.inRooms
	s.inRooms = nil
	for _, room := range rooms {
		a.exit(s, room)
	}
	return rooms
}

// join makes s, which was added, a member of rooms. It reports false when that
// would be more than limit rooms.
func (a *memoryAdapter) join(s *socket, rooms []string, limit int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, room := range rooms {
		if len(s.inRooms) >= limit && !a.isIn(s, room) {
			return false
		}
		a.enter(s, room)
	}
	return true
}

func (a *memoryAdapter) leave(s *socket, room string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.Index(s.inRooms, room)
	if i < 0 {
		return
	}
	s.inRooms = slices.Delete(s.inRooms, i, i+1)
	a.exit(s, room)
}

func (a *memoryAdapter) rooms(s *socket) []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Clone(s.inRooms)
}

// local appends the sockets that t is for.
func (a *memoryAdapter) local(dst []*socket, t driver.Target) []*socket {
	a.mu.RLock()
	defer a.mu.RUnlock()
	except := make([]*members, 0, 4)
	for _, room := range t.Except {
		if m := a.byRoom[room]; m != nil {
			except = append(except, m)
		}
	}
	switch len(t.Rooms) {
	case 0:
		for _, s := range a.sockets {
			if !inAny(except, s) {
				dst = append(dst, s)
			}
		}
	case 1:
		if m := a.byRoom[t.Rooms[0]]; m != nil {
			m.each(func(s *socket) {
				if !inAny(except, s) {
					dst = append(dst, s)
				}
			})
		}
	default:
		dst = a.union(dst, t.Rooms, except)
	}
	return dst
}

// fewRooms is up to how many rooms of a broadcast a socket is looked for in all of
// them, rather than in a set made for the purpose.
const fewRooms = 8

// union appends the members of several rooms, each once.
func (a *memoryAdapter) union(dst []*socket, rooms []string, except []*members) []*socket {
	if len(rooms) > fewRooms {
		seen := make(map[*socket]struct{}, len(rooms))
		for _, room := range rooms {
			if m := a.byRoom[room]; m != nil {
				m.each(func(s *socket) {
					if _, known := seen[s]; !known && !inAny(except, s) {
						seen[s] = struct{}{}
						dst = append(dst, s)
					}
				})
			}
		}
		return dst
	}
	earlier := make([]*members, 0, fewRooms)
	for _, room := range rooms {
		m := a.byRoom[room]
		if m == nil {
			continue
		}
		m.each(func(s *socket) {
			if !inAny(except, s) && !inAny(earlier, s) {
				dst = append(dst, s)
			}
		})
		earlier = append(earlier, m)
	}
	return dst
}

func inAny(sets []*members, s *socket) bool {
	for _, m := range sets {
		if m.has(s) {
			return true
		}
	}
	return false
}

// targets are reused: a broadcast to thousands should not allocate for each.
var targets = sync.Pool{New: func() any { return new([]*socket) }}

// maxPooledTargets keeps one huge broadcast from holding memory for ever.
const maxPooledTargets = 1 << 16

// prefetched is of how many sockets a broadcast has the processor load at once what it
// is going to need.
const prefetched = 16

// broadcast sends a packet to every socket of t.
func (a *memoryAdapter) broadcast(t driver.Target, p *outgoing) {
	list := targets.Get().(*[]*socket)
	sockets := a.local((*list)[:0], t)
	if p.sent != nil {
		p.sent(sockets)
	}
	gather := engineio.NewGather()
	defer gather.Flush() // also when the application's Metrics panics
	for i, s := range sockets {
		if i%prefetched == 0 {
			for _, s := range sockets[i:min(len(sockets), i+prefetched)] {
				s.prefetch()
			}
		}
		s.sendFramed(p.framed, p.flags, gather)
	}
	if cap(sockets) <= maxPooledTargets {
		clear(sockets)
		*list = sockets
		targets.Put(list)
	}
}

// members are the sockets of a room. Most rooms are a socket's own and have one,
// for which no map is made.
type members struct {
	one  *socket
	many map[*socket]struct{} // nil while one suffices
}

func (m *members) add(s *socket) {
	switch {
	case m.many != nil:
		m.many[s] = struct{}{}
	case m.one == nil || m.one == s:
		m.one = s
	default:
		m.many = map[*socket]struct{}{m.one: {}, s: {}}
		m.one = nil
	}
}

func (m *members) remove(s *socket) {
	if m.one == s {
		m.one = nil
	}
	delete(m.many, s)
}

func (m *members) has(s *socket) bool {
	if m.one == s {
		return true
	}
	_, ok := m.many[s]
	return ok
}

func (m *members) len() int {
	if m.one != nil {
		return 1
	}
	return len(m.many)
}

func (m *members) each(f func(*socket)) {
	if m.one != nil {
		f(m.one)
	}
	for s := range m.many {
		f(s)
	}
}
