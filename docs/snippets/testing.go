package snippets

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/siotest"
)

func testJoin(t *testing.T) {
	s := siotest.NewServer(t, runtime.ServerOptions{})
	serveChat(chatio.NewServer(s.Server)) // your handlers

	c := siotest.NewClient(s, chatio.NewClient, runtime.ClientOptions{})
	c.SetAuth(chatio.HandshakeAuth{Token: "secret"})
	if err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := c.EmitJoin(t.Context(), "nowhere")
	var declared *chatio.JoinError
	if !errors.As(err, &declared) || declared.Code != chatio.JoinErrorCodeUnknownRoom {
		t.Errorf("joining an unknown room: %v", err)
	}
}

func testReconnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := siotest.NewServer(t, runtime.ServerOptions{Recovery: &runtime.RecoveryOptions{}})
		srv := chatio.NewServer(s.Server)
		serveChat(srv)
		c := siotest.NewClient(s, chatio.NewClient, runtime.ClientOptions{})
		c.SetAuth(chatio.HandshakeAuth{Token: "secret"})
		seen := 0
		c.OnNoArg(func(context.Context) error { seen++; return nil })
		if err := c.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := srv.EmitNoArg(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // until everything that was sent has been handled

		s.Cut()
		synctest.Wait() // until both ends know
		if err := srv.EmitNoArg(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second) // no time at all: the client is back after 1 s or so
		synctest.Wait()
		if !c.Recovered() || seen != 2 {
			t.Errorf("recovered: %v, %d events", c.Recovered(), seen)
		}
	})
}

func serveChat(srv *chatio.Server) {
	srv.OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
		s.OnJoin(func(context.Context, chatio.Room) ([]chatio.User, error) {
			return nil, &chatio.JoinError{Code: chatio.JoinErrorCodeUnknownRoom, Message: "there is none"}
		})
		return nil
	})
}
