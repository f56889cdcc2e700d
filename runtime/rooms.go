package runtime

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/siogen/siogen/runtime/driver"
)

// RoomEvent is a change of a room on this server.
type RoomEvent struct {
	// Namespace is the room's namespace.
	Namespace string
	// Room is its name. Each socket is in a room of its own id.
	Room string
	// SocketID is who joined or left; empty when the room was created or deleted.
	SocketID string
}

// OnCreateRoom adds an observer of rooms that get their first member (create-room).
//
// Observers run one at a time, in a goroutine of their own, after what they are told
// of; for each room they see the changes in order: created, joined, left, deleted.
// They may block and call anything, but events that pile up meanwhile are bounded:
// beyond MaxRoomEvents new ones are dropped, with an error in the log.
func (n *namespace) OnCreateRoom(f func(ctx context.Context, e RoomEvent)) {
	n.rooms.add(driver.RoomCreated, f)
}

// OnJoinRoom adds an observer of sockets that become members (join-room); see
// OnCreateRoom.
func (n *namespace) OnJoinRoom(f func(ctx context.Context, e RoomEvent)) {
	n.rooms.add(driver.RoomJoined, f)
}

// OnLeaveRoom adds an observer of sockets that are members no longer (leave-room);
// see OnCreateRoom.
func (n *namespace) OnLeaveRoom(f func(ctx context.Context, e RoomEvent)) {
	n.rooms.add(driver.RoomLeft, f)
}

// OnDeleteRoom adds an observer of rooms that have lost their last member
// (delete-room); see OnCreateRoom.
func (n *namespace) OnDeleteRoom(f func(ctx context.Context, e RoomEvent)) {
	n.rooms.add(driver.RoomDeleted, f)
}

// MaxRoomEvents bounds the room events of a namespace that wait for its observers.
const MaxRoomEvents = 1 << 16

// roomObservers are the observers of a namespace's rooms, and what they are still
// to be told.
type roomObservers struct {
	server *Server
	// kinds has a bit for each kind that is observed: without any, an event costs a
	// look at it.
	kinds atomic.Uint32

	mu      sync.Mutex
	by      [driver.RoomDeleted + 1][]func(ctx context.Context, e RoomEvent) // copy on write
	pending []roomEvent
	running bool
	dropped int // since the last one that was not
}

type roomEvent struct {
	RoomEvent
	kind driver.RoomEventKind
}

func (o *roomObservers) add(kind driver.RoomEventKind, f func(ctx context.Context, e RoomEvent)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.by[kind] = append(slices.Clip(o.by[kind]), f)
	o.kinds.Or(1 << kind)
}

// tell queues an event, if anybody wants it. The engine may hold locks.
func (o *roomObservers) tell(namespace string, e driver.RoomEvent) {
	if o.kinds.Load()&(1<<e.Kind) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.pending) >= MaxRoomEvents {
		o.dropped++
		return
	}
	o.pending = append(o.pending, roomEvent{
		RoomEvent: RoomEvent{Namespace: namespace, Room: e.Room, SocketID: e.SocketID},
		kind:      e.Kind,
	})
	if !o.running {
		o.running = true
		o.server.tasks.start()
		go o.run()
	}
}

// run tells the observers everything that is pending.
func (o *roomObservers) run() {
	defer o.server.tasks.end()
	for {
		events, dropped := o.take()
		if dropped > 0 {
			o.server.log.Error("socket.io: observers of rooms are too slow, events were dropped", "events", dropped)
		}
		if events == nil {
			return
		}
		for _, e := range events {
			o.observe(e)
		}
	}
}

// take returns what is pending; nil, when run is to end.
func (o *roomObservers) take() (events []roomEvent, dropped int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	events, dropped = o.pending, o.dropped
	o.pending, o.dropped = nil, 0
	o.running = events != nil
	return events, dropped
}

func (o *roomObservers) observe(e roomEvent) {
	o.mu.Lock()
	observers := o.by[e.kind]
	o.mu.Unlock()
	for _, f := range observers {
		if err := protect(func() error { f(o.server.ctx, e.RoomEvent); return nil }); err != nil {
			logFailure(o.server.log, e.SocketID, "room "+e.Room, err)
		}
	}
}
