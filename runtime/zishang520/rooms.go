package zishang520

import (
	"errors"
	"sync"

	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/runtime/driver"
)

// roomWatch tells a handler about the rooms of an adapter. The adapter's events say
// that something may have happened: it also tells of sockets that leave a room
// without having been in it, and, of several that come and go at once, in any order.
// So each event is an occasion to compare what was told with what is.
type roomWatch struct {
	adapter socket.Adapter
	handler driver.NamespaceHandler

	mu      sync.Mutex // also held while the handler is told, for the order
	members map[socket.Room]map[socket.SocketId]struct{}
}

// watchRooms has h told about the rooms of an adapter that has none yet.
func watchRooms(a socket.Adapter, h driver.NamespaceHandler) error {
	w := &roomWatch{adapter: a, handler: h, members: make(map[socket.Room]map[socket.SocketId]struct{})}
	return errors.Join(a.On("join-room", w.changed), a.On("leave-room", w.changed))
}

// changed is the listener: its arguments are a room and a socket's id.
func (w *roomWatch) changed(args ...any) {
	if len(args) < 2 {
		return
	}
	room, isRoom := args[0].(socket.Room)
	id, isID := args[1].(socket.SocketId)
	if !isRoom || !isID {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, known := w.members[room][id]
	switch is := w.isMember(room, id); {
	case is && !known:
		w.joined(room, id)
	case !is && known:
		w.left(room, id)
	}
}

func (w *roomWatch) isMember(room socket.Room, id socket.SocketId) bool {
	ids, ok := w.adapter.Rooms().Load(room)
	return ok && ids.Has(id)
}

func (w *roomWatch) joined(room socket.Room, id socket.SocketId) {
	members := w.members[room]
	if members == nil {
		members = make(map[socket.SocketId]struct{})
		w.members[room] = members
		w.handler.RoomEvent(driver.RoomEvent{Kind: driver.RoomCreated, Room: string(room)})
	}
	members[id] = struct{}{}
	w.handler.RoomEvent(driver.RoomEvent{Kind: driver.RoomJoined, Room: string(room), SocketID: string(id)})
}

func (w *roomWatch) left(room socket.Room, id socket.SocketId) {
	members := w.members[room]
	delete(members, id)
	w.handler.RoomEvent(driver.RoomEvent{Kind: driver.RoomLeft, Room: string(room), SocketID: string(id)})
	if len(members) == 0 {
		delete(w.members, room)
		w.handler.RoomEvent(driver.RoomEvent{Kind: driver.RoomDeleted, Room: string(room)})
	}
}
