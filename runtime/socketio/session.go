package socketio

import (
	"container/list"
	"slices"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

// session is what a client is recognized by when it comes back. recovery.mu guards
// it, except for what never changes.
type session struct {
	pid       string // a secret: never logged, and no part of a handshake
	namespace string
	id        string // of all its sockets
	// own is the socket's own room as a target.
	own []string

	// joined is the number of the last event before the namespace was joined, and rooms
	// are the socket's, each with the number of the last event before it was joined:
	// who enters a room is no receiver of what was said there before.
	joined uint64
	rooms  map[string]uint64
	// socket is the one that is connected or about to be; nil while the client is away.
	socket *socket

	// Of a client that is away:
	handler driver.SocketHandler // of the latest socket
	since   time.Time
	place   *list.Element // in recovery.away
}

// isMeant reports whether the session's socket is or would have been a receiver of
// an event.
func (s *session) isMeant(number uint64, rooms, except []string) bool {
	isIn := func(room string) bool {
		before, ok := s.rooms[room]
		return ok && number > before
	}
	if number <= s.joined || slices.ContainsFunc(except, isIn) {
		return false
	}
	return len(rooms) == 0 || slices.ContainsFunc(rooms, isIn)
}

// isIn reports whether t is for the session's socket now.
func (s *session) isIn(t driver.Target) bool {
	in := func(room string) bool { _, ok := s.rooms[room]; return ok }
	return (len(t.Rooms) == 0 || slices.ContainsFunc(t.Rooms, in)) && !slices.ContainsFunc(t.Except, in)
}
