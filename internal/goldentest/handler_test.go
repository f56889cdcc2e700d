package goldentest

import (
	"context"
	"errors"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/acks"
)

// onlyOne handles one event and leaves the others unimplemented.
type onlyOne struct {
	acks.UnimplementedServerHandler
}

func (onlyOne) One(_ context.Context, s *acks.ServerSocket, a int) (acks.User, error) {
	return acks.User{ID: a, Name: s.ID()}, nil
}

var _ acks.ServerHandler = onlyOne{}

func TestHandlerObject(t *testing.T) {
	h := newHost(t)
	srv := acks.NewServer(h.Server)
	srv.Handle(onlyOne{})
	failed := make(chan string, 1)
	srv.OnError(func(_ context.Context, _ *acks.ServerSocket, event string, err error) {
		if errors.Is(err, runtime.ErrUnimplemented) {
			failed <- event
		}
	})
	srv.OnConnection(func(_ context.Context, s *acks.ServerSocket) error {
		s.OnEnumError(func(_ context.Context, id int) error {
			if id == 1 {
				return acks.ReasonFull
			}
			return nil
		})
		return nil
	})
	c := acks.NewClient(h.url, clientOptions())
	connect(t, c)
	ctx := testContext(t)

	user, err := c.EmitOne(ctx, 1)
	if err != nil || user.Name != c.ID() {
		t.Errorf("the handler object's event: %v, %v", user, err)
	}
	if err := c.EmitEnumError(ctx, 1); !errors.Is(err, acks.ReasonFull) {
		t.Errorf("the socket's own handler does not come first: %v", err)
	}
	if err := c.Send(raw(t, "two", `1`)); err != nil {
		t.Fatal(err)
	}
	if event := receive(t, failed); event != "two" {
		t.Errorf("unimplemented: %q", event)
	}
}
