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

// meet connects a client whose OnConnect waits for the server's answer to a server
// that asks for something when the client joins, as asking says. It returns how long the
// client waited.
func meet(t *testing.T, asking func(s *chatio.ServerSocket) error) (waited time.Duration, err error) {
	s := siotest.NewServer(t, runtime.ServerOptions{})
	srv := chatio.NewServer(s.Server)
	srv.OnConnection(func(ctx context.Context, s *chatio.ServerSocket) error {
		s.OnJoin(func(context.Context, chatio.Room) ([]chatio.User, error) { return nil, nil })
		return asking(s)
	})
	srv.OnError(func(context.Context, *chatio.ServerSocket, string, error) {})
	c := siotest.NewClient(s, chatio.NewClient, runtime.ClientOptions{})
	c.SetAuth(chatio.HandshakeAuth{Token: "secret"})
	c.OnWithAck(func(context.Context, string) (int, error) { return 42, nil })
	done := make(chan struct{})
	c.OnConnect(func(ctx context.Context) {
		defer close(done)
		began := time.Now()
		_, err = c.EmitJoin(ctx, "lobby")
		waited = time.Since(began)
	})
	if err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-done
	return waited, err
}

// What docs/server.md warns of: both ends wait, and neither gets to the other's event
// before the time limit of one of them.
func TestTwoThatWaitHoldEachOtherUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = runtime.DefaultAckTimeout - time.Second // the server's, so that it is the first to give up
		answered := make(chan error, 1)
		waited, err := meet(t, func(s *chatio.ServerSocket) error {
			ctx, stop := context.WithTimeout(t.Context(), limit)
			defer stop()
			_, err := s.EmitWithAck(ctx, "how many?")
			answered <- err
			return nil // an error would disconnect the client
		})
		var timeout *runtime.AckTimeoutError
		if asked := <-answered; waited != limit || err != nil || !errors.As(asked, &timeout) {
			t.Errorf("the client waited %v (%v), the server was told %v", waited, err, asked)
		}
	})
}

// And what it recommends.
func TestAGoroutineThatWaitsHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answered := make(chan error, 1)
		waited, err := meet(t, func(s *chatio.ServerSocket) error {
			go func() {
				n, err := s.EmitWithAck(t.Context(), "how many?")
				if err == nil && n != 42 {
					err = errors.New("the wrong answer")
				}
				answered <- err
			}()
			return nil
		})
		if asked := <-answered; waited != 0 || err != nil || asked != nil {
			t.Errorf("the client waited %v (%v), the server was told %v", waited, err, asked)
		}
	})
}
