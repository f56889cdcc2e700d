package main

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/siogen/siogen/examples/gochat/chat"
	"github.com/siogen/siogen/examples/gochat/chatio"
	"github.com/siogen/siogen/runtime"
)

// rooms is who is where. The types are those of the contract: chat.User is
// declared once, by hand, with whatever methods it likes.
type rooms struct {
	chatio.UnimplementedServerHandler
	srv *chatio.Server

	mu      sync.Mutex
	lastID  int
	members map[chat.Room][]chat.User
}

func newRooms(server *runtime.Server) *rooms {
	r := &rooms{srv: chatio.NewServer(server), members: map[chat.Room][]chat.User{}}
	r.srv.Use(r.logIn)
	r.srv.OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
		s.OnDisconnect(func(context.Context, runtime.DisconnectReason) { r.forget(s.Data().User) })
		return s.EmitWelcome(s.Data().User, []chat.Room{"lobby"})
	})
	r.srv.Handle(r)
	return r
}

func (r *rooms) logIn(_ context.Context, s *chatio.ServerSocket) error {
	if s.Auth().Token == "" {
		return runtime.Refuse("a token is missing", nil)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastID++
	name := s.Auth().Name
	if name == "" {
		name = "guest-" + strconv.Itoa(r.lastID)
	}
	s.Data().User = chat.User{ID: r.lastID, Name: name, JoinedAt: time.Now().UTC(), Role: chat.RoleMember}
	return nil
}

// Join implements chatio.ServerHandler.
func (r *rooms) Join(_ context.Context, s *chatio.ServerSocket, room chat.Room) ([]chat.User, error) {
	if room != "lobby" {
		return nil, &chat.JoinError{Code: chat.JoinErrorCodeUnknownRoom, Message: "there is no room " + string(room)}
	}
	user := s.Data().User
	r.mu.Lock()
	r.members[room] = append(r.members[room], user)
	members := append([]chat.User(nil), r.members[room]...)
	r.mu.Unlock()
	s.Join(string(room))
	return members, s.To(string(room)).EmitUserJoined(user, room)
}

// ChatMessage implements chatio.ServerHandler.
func (r *rooms) ChatMessage(_ context.Context, s *chatio.ServerSocket, room chat.Room, text string) (string, error) {
	msg := &chat.TextMessage{ID: strconv.FormatInt(time.Now().UnixNano(), 36), From: s.Data().User, Text: text, SentAt: time.Now().UTC()}
	return msg.ID, r.srv.To(string(room)).EmitMessage(msg, room)
}

// forget takes a user out of every room.
func (r *rooms) forget(user chat.User) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for room, members := range r.members {
		kept := members[:0]
		for _, m := range members {
			if m.ID != user.ID {
				kept = append(kept, m)
			}
		}
		r.members[room] = kept
	}
}
