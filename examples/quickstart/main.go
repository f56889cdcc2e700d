//go:generate go run ../../cmd/siogen generate events.yaml --go-out quickstart --ts-out client/events.ts

// Command quickstart is the server of the README: a room and who is in it.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"

	"github.com/siogen/siogen/examples/quickstart/quickstart"
	"github.com/siogen/siogen/runtime"
)

func main() {
	http.Handle("/socket.io/", newServer())
	fmt.Println("listening on http://127.0.0.1:3000")
	fmt.Fprintln(os.Stderr, http.ListenAndServe("127.0.0.1:3000", nil))
	os.Exit(1)
}

func newServer() *runtime.Server {
	server := runtime.NewServer(runtime.ServerOptions{})
	srv := quickstart.NewServer(server)
	lobby := new(lobby)

	srv.OnConnection(func(ctx context.Context, s *quickstart.ServerSocket) error {
		s.OnJoin(func(ctx context.Context, room string) ([]string, error) {
			if room != "lobby" {
				return nil, &quickstart.JoinError{Code: quickstart.JoinErrorCodeUnknownRoom, Message: "there is only a lobby"}
			}
			s.Join(room)
			return lobby.enter(s.ID()), srv.To(room).EmitMessage("server", "somebody enters")
		})
		s.OnDisconnect(func(ctx context.Context, reason runtime.DisconnectReason) {
			lobby.leave(s.ID())
		})
		return nil
	})
	return server
}

// lobby is who is there. The handlers of different sockets run in parallel.
type lobby struct {
	mu  sync.Mutex
	ids []string
}

func (l *lobby) enter(id string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.ids, id) {
		l.ids = append(l.ids, id)
	}
	return slices.Clone(l.ids)
}

func (l *lobby) leave(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids = slices.DeleteFunc(l.ids, func(other string) bool { return other == id })
}
