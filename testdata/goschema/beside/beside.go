// Package beside has its contract, its handlers and what is generated in one
// folder.
package beside

import (
	"context"

	"github.com/siogen/siogen/runtime"
)

// ServerToClient lists what the server sends.
type ServerToClient interface {
	Joined(who user)
}

// ClientToServer lists what clients send.
type ClientToServer interface {
	Join(name string, ack func(id ID))
	Where(at struct{ X int }, ack func(err string))
}

// ModerationClientToServer is a namespace of its own.
type ModerationClientToServer interface {
	Kick(id ID)
}

// ID tells users apart.
type ID int

// user need not be exported: what is generated is in the same package.
type user struct {
	ID   ID     `json:"id"`
	Name string `json:"name"`
}

// handlers use what is generated, which is not there before the first run.
type handlers struct {
	UnimplementedServerHandler
	srv *Server
}

// Serve serves the contract.
func Serve(server *runtime.Server) {
	h := &handlers{srv: NewServer(server)}
	h.srv.Handle(h)
	NewModerationServer(server)
}

// Join implements ServerHandler.
func (h *handlers) Join(_ context.Context, s *ServerSocket, name string) (ID, error) {
	return 1, h.srv.EmitJoined(user{ID: 1, Name: name})
}

// OnJoinedName calls f with the name of each user that joins.
func OnJoinedName(c *Client, f func(name string)) {
	c.OnJoined(func(_ context.Context, who user) error {
		f(who.Name)
		return nil
	})
}

// Place is a struct in place: what is generated gives it a name.
func Place() WhereAt { return WhereAt{X: 1} }

// Refusal is an error without a type in the contract.
func Refusal() error { return WhereError("refused") }
