package goldentest

import (
	"context"
	"errors"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/acks"
)

// A generated socket's and client's handlers can be set for one call and be
// removed, and what refuses an event answers with the error that it declares.
func TestGeneratedListeners(t *testing.T) {
	h := newHost(t)
	srv := acks.NewServer(h.Server)
	srv.Handle(ackServer{})
	srv.OnConnection(func(_ context.Context, s *acks.ServerSocket) error {
		s.Use(func(_ context.Context, event string, args runtime.Any) error {
			if event == "enumError" && string(args.Raw()) == "[7]" {
				return acks.ReasonFull
			}
			return nil
		})
		s.Once().OnOne(func(_ context.Context, a int) (acks.User, error) { return acks.User{ID: a, Name: "once"}, nil })
		off := s.OnTextError(func(context.Context, int) (int, error) { return 42, nil })
		s.OnNone(func(context.Context, int) error { off.Off(); return nil })
		return nil
	})
	c := acks.NewClient(h.url, clientOptions())
	connect(t, c)
	ctx := testContext(t)

	for _, want := range []string{"once", "one"} {
		if user, err := c.EmitOne(ctx, 1); err != nil || user.Name != want {
			t.Errorf("the answer is %v, %v, want one of %q", user, err, want)
		}
	}
	if n, err := c.EmitTextError(ctx, 5); n != 42 || err != nil {
		t.Errorf("before Off: %d, %v", n, err)
	}
	if err := c.EmitNone(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if n, err := c.EmitTextError(ctx, 5); n != 5 || err != nil {
		t.Errorf("after Off: %d, %v", n, err)
	}
	if err := c.EmitEnumError(ctx, 7); !errors.Is(err, acks.ReasonFull) {
		t.Errorf("what the middleware refuses: %v", err)
	}
	if err := c.EmitEnumError(ctx, 6); err != nil {
		t.Errorf("what it lets through: %v", err)
	}
}
