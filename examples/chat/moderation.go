package main

import (
	"context"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
)

// moderation is the namespace /admin.
type moderation struct{ chat *chat }

func newModeration(server *runtime.Server, c *chat) {
	srv := chatio.NewAdminServer(server)
	srv.Use(func(_ context.Context, s *chatio.AdminServerSocket) error {
		if s.Auth().Token != "admin-"+c.token {
			return runtime.Refuse("moderators only", nil)
		}
		return nil
	})
	srv.Handle(moderation{c})
}

// Kick throws somebody out of a room.
func (m moderation) Kick(ctx context.Context, _ *chatio.AdminServerSocket, userID int, room chatio.Room, _ *string) error {
	m.chat.mu.Lock()
	s := m.chat.sockets[userID]
	m.chat.mu.Unlock()
	if s == nil {
		return chatio.AdminKickErrorUnknownUser
	}
	return m.chat.Leave(ctx, s, room)
}

// Stats counts who is where.
func (m moderation) Stats(context.Context, *chatio.AdminServerSocket) (users int, rooms map[string]int, bytesSent uint64, err error) {
	m.chat.mu.Lock()
	defer m.chat.mu.Unlock()
	rooms = make(map[string]int)
	for room, members := range m.chat.members {
		rooms[string(room)] = len(members)
	}
	return len(m.chat.sockets), rooms, 0, nil
}
