package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
)

// chat is who is where. Its handlers run in parallel for different sockets.
type chat struct {
	srv   *chatio.Server
	token string
	rooms map[chatio.Room]int // how many fit in

	mu      sync.Mutex
	lastID  int
	members map[chatio.Room]map[int]chatio.User // by user id
	sockets map[int]*chatio.ServerSocket        // by user id
}

// newChat serves the chat on a Socket.IO server.
func newChat(server *runtime.Server, token string) *chat {
	c := &chat{
		srv:     chatio.NewServer(server),
		token:   token,
		rooms:   map[chatio.Room]int{"lobby": 1000, "go": 1000, "tiny": 1},
		members: make(map[chatio.Room]map[int]chatio.User),
		sockets: make(map[int]*chatio.ServerSocket),
	}
	c.srv.Use(c.logIn)
	c.srv.OnConnection(c.welcome)
	c.srv.Handle(c)
	c.srv.OnInvalid(refuseInvalid)
	newModeration(server, c)
	return c
}

var _ chatio.ServerHandler = (*chat)(nil)

// logIn is a middleware: it refuses who has no token, and gives others a user.
func (c *chat) logIn(_ context.Context, s *chatio.ServerSocket) error {
	auth := s.Auth()
	if auth.Token != c.token {
		return runtime.Refuse("wrong token", map[string]any{"code": 401})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastID++
	user := &s.Data().User
	*user = chatio.User{ID: c.lastID, Name: "guest-" + strconv.Itoa(c.lastID), JoinedAt: time.Now().UTC(), Role: chatio.RoleMember}
	if auth.Name != nil {
		user.Name = *auth.Name
	}
	return nil
}

// welcome runs for every new socket, before any of its events.
func (c *chat) welcome(_ context.Context, s *chatio.ServerSocket) error {
	user := s.Data().User
	c.mu.Lock()
	c.sockets[user.ID] = s
	c.mu.Unlock()
	slog.Info("connected", "user", user.Name, "id", s.ID())
	s.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) {
		slog.Info("disconnected", "user", s.Data().User.Name, "reason", string(reason))
		c.forget(s)
	})
	if s.Recovered() {
		return c.comeBack(s)
	}
	return s.EmitWelcome(user, slices.Sorted(maps.Keys(c.rooms)))
}

// comeBack is for a socket that continues one whose connection was lost: it is in
// its rooms already, and what it has missed is on its way.
func (c *chat) comeBack(s *chatio.ServerSocket) error {
	user := s.Data().User
	for _, name := range s.Rooms() {
		room := chatio.Room(name)
		if _, known := c.rooms[room]; !known {
			continue // the room that every socket has for itself
		}
		c.mu.Lock()
		c.enter(user, room)
		c.mu.Unlock()
		// Its own client, too: the news that it left is among what it missed.
		if err := c.srv.To(name).EmitUserJoined(user, room); err != nil {
			return err
		}
	}
	return nil
}

// enter puts a user into a room. The caller holds mu.
func (c *chat) enter(user chatio.User, room chatio.Room) {
	if c.members[room] == nil {
		c.members[room] = make(map[int]chatio.User)
	}
	c.members[room][user.ID] = user
}

// forget takes a socket's user out of every room.
func (c *chat) forget(s *chatio.ServerSocket) {
	user := s.Data().User
	c.mu.Lock()
	delete(c.sockets, user.ID)
	var left []chatio.Room
	for room, members := range c.members {
		if _, in := members[user.ID]; in {
			delete(members, user.ID)
			left = append(left, room)
		}
	}
	c.mu.Unlock()
	for _, room := range left {
		c.check(c.srv.To(string(room)).EmitUserLeft(user, room))
	}
}

// Hello shows the three forms that an event to a client can take: nothing, some
// arguments, and a question.
func (c *chat) Hello(ctx context.Context, s *chatio.ServerSocket) error {
	if err := s.EmitNoArg(); err != nil {
		return err
	}
	if err := s.EmitBasicEmit(1, "welcome, "+s.Data().User.Name, []byte{1, 2, 3}); err != nil {
		return err
	}
	answer, err := s.EmitWithAck(ctx, "what is six times seven?")
	if err != nil {
		return err
	}
	return s.EmitMessage(&chatio.SystemMessage{
		Text:  fmt.Sprintf("you said %d", answer),
		Level: chatio.SystemMessageLevelInfo,
	}, "lobby")
}

// Join enters a room; the acknowledgement is who is in it.
func (c *chat) Join(_ context.Context, s *chatio.ServerSocket, room chatio.Room) ([]chatio.User, error) {
	user := s.Data().User
	c.mu.Lock()
	limit, known := c.rooms[room]
	members := c.members[room]
	_, inside := members[user.ID]
	switch {
	case !known:
		c.mu.Unlock()
		return nil, &chatio.JoinError{Code: chatio.JoinErrorCodeUnknownRoom, Message: fmt.Sprintf("there is no room %q", room)}
	case !inside && len(members) >= limit:
		c.mu.Unlock()
		return nil, &chatio.JoinError{Code: chatio.JoinErrorCodeFull, Message: fmt.Sprintf("%q is full", room)}
	}
	c.enter(user, room)
	list := slices.Collect(maps.Values(c.members[room]))
	c.mu.Unlock()

	slices.SortFunc(list, func(a, b chatio.User) int { return a.ID - b.ID })
	s.Join(string(room))
	return list, s.To(string(room)).EmitUserJoined(user, room)
}

// Leave leaves a room.
func (c *chat) Leave(_ context.Context, s *chatio.ServerSocket, room chatio.Room) error {
	user := s.Data().User
	c.mu.Lock()
	_, in := c.members[room][user.ID]
	delete(c.members[room], user.ID)
	c.mu.Unlock()
	if !in {
		return nil
	}
	s.Leave(string(room))
	return c.srv.To(string(room)).EmitUserLeft(user, room)
}

// inside reports whether a user is in a room.
func (c *chat) inside(user chatio.User, room chatio.Room) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, in := c.members[room][user.ID]
	return in
}

// author is the socket's user without the picture: whoever is in a room has it
// already, from the join or from avatarChanged.
func author(s *chatio.ServerSocket) chatio.User {
	user := s.Data().User
	user.Avatar = nil
	return user
}

// ChatMessage passes a text on to everybody in the room, its writer too. The
// acknowledgement is the message's id, or the declared error.
func (c *chat) ChatMessage(_ context.Context, s *chatio.ServerSocket, room chatio.Room, text string) (string, error) {
	from := author(s)
	if !c.inside(from, room) {
		return "", &chatio.SendError{Code: chatio.SendErrorCodeNotInRoom, Message: fmt.Sprintf("you are not in %q", room)}
	}
	if strings.TrimSpace(text) == "" {
		return "", &chatio.SendError{Code: chatio.SendErrorCodeBlank, Message: "there is nothing in this message"}
	}
	c.mu.Lock()
	c.lastID++
	id := strconv.Itoa(c.lastID)
	c.mu.Unlock()
	return id, c.srv.To(string(room)).EmitMessage(&chatio.TextMessage{
		ID: id, From: from, Text: text, SentAt: time.Now().UTC(),
	}, room)
}

// Typing tells the others in the room; who can't take it now doesn't need it.
func (c *chat) Typing(_ context.Context, s *chatio.ServerSocket, room chatio.Room) error {
	user := author(s)
	if !c.inside(user, room) {
		return nil
	}
	return s.To(string(room)).Volatile().EmitTyping(user, room)
}

// SetAvatar keeps the sender's picture and shows it to everybody.
func (c *chat) SetAvatar(_ context.Context, s *chatio.ServerSocket, image []byte) error {
	user := &s.Data().User
	user.Avatar = image
	c.mu.Lock()
	for _, members := range c.members {
		if _, in := members[user.ID]; in {
			members[user.ID] = *user
		}
	}
	c.mu.Unlock()
	return c.srv.EmitAvatarChanged(user.ID, image)
}

// Invite tells users about a room.
func (c *chat) Invite(_ context.Context, s *chatio.ServerSocket, room chatio.Room, userIDs ...int) error {
	for _, id := range userIDs {
		c.mu.Lock()
		guest := c.sockets[id]
		c.mu.Unlock()
		if guest == nil {
			continue
		}
		invitation := &chatio.SystemMessage{
			Text:  s.Data().User.Name + " invites you",
			Level: chatio.SystemMessageLevelInfo,
		}
		if err := guest.EmitMessage(invitation, room); err != nil {
			return err
		}
	}
	return nil
}

// refuseInvalid answers a payload that is not as the schema has it where the
// event has a way to: join's declared error.
func refuseInvalid(_ context.Context, s *chatio.ServerSocket, err *runtime.DecodeError) error {
	slog.Warn("invalid payload", "user", s.Data().User.Name, "error", err.Error())
	if err.Event != "join" {
		return nil
	}
	return &chatio.JoinError{Code: chatio.JoinErrorCodeUnknownRoom, Message: err.Error()}
}

// check logs what can't be done about a broadcast that failed.
func (c *chat) check(err error) {
	if err != nil {
		slog.Error("broadcast", "error", err)
	}
}
