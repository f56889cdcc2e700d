package goldentest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/hostile"
)

func TestHostileNamesWork(t *testing.T) {
	h := newHost(t)
	sockets := make(chan *hostile.ServerSocket, 1)
	srv := hostile.NewServer(h.Server)
	srv.OnConnection(func(_ context.Context, s *hostile.ServerSocket) error {
		s.OnJoin(func(_ context.Context, a hostile.JoinAck2, _ hostile.Runtime, _ hostile.Context) (hostile.JoinAck2, string, error) {
			if a.A == 0 {
				return a, "", &hostile.Error{ErrorField: "zero"}
			}
			return a, "fine", nil
		})
		s.OnEmpty(func(context.Context) error { return &hostile.Error2{Message: "empty"} })
		sockets <- s
		return nil
	})
	c := hostile.NewClient(h.url, clientOptions())
	texts := make(chan string, 1)
	c.OnAny(func(_ context.Context, event string, args runtime.Any) { texts <- event + string(marshal(t, args)) })
	c.OnJoin(func(_ context.Context, ctx_ int, enc_, _, handler_ string, _ bool, err_, _, _, _, _, _ int) (int, string, bool, error) {
		return ctx_ + err_, enc_ + handler_, true, nil
	})
	connect(t, c)
	s, ctx := receive(t, sockets), testContext(t)

	a, text, err := c.EmitJoin(ctx, hostile.JoinAck2{A: 1}, hostile.Runtime{}, hostile.Context{})
	if err != nil || a.A != 1 || text != "fine" {
		t.Errorf("join from the client: %v, %q, %v", a, text, err)
	}
	_, _, err = c.EmitJoin(ctx, hostile.JoinAck2{}, hostile.Runtime{}, hostile.Context{})
	if e := asError[*hostile.Error](t, err); e.ErrorField != "zero" {
		t.Errorf("join's error: %+v", e)
	}
	if err := c.EmitEmpty(ctx); err == nil || errors.Is(err, runtime.ErrClosed) {
		t.Errorf("the event without a name: %v", err)
	}

	sum, text, yes, err := s.EmitJoin(ctx, 1, "e", "d", "h", true, 2, 0, 0, 0, 0, 0)
	if err != nil || sum != 3 || text != "eh" || !yes {
		t.Errorf("join from the server: %v, %q, %v, %v", sum, text, yes, err)
	}
	receive(t, texts)
	for _, test := range []struct {
		err  error
		want string
	}{
		{s.EmitX42(1, 2, "ß"), `42[1,2,"ß"]`},
		{s.EmitEmpty(5), `[5]`},
		{s.EmitAnyEvent(hostile.ValuesEmpty, hostile.CodecDecode), `any["","decode"]`},
		{s.EmitErrorEvent(), `error[]`},
	} {
		if test.err != nil {
			t.Fatal(test.err)
		}
		if diff := cmp.Diff(test.want, receive(t, texts)); diff != "" {
			t.Errorf("the wire differs (-want +got):\n%s", diff)
		}
	}
}

// TestMoreRequiredFieldsThanBits is about a struct with more than 64 of them.
func TestMoreRequiredFieldsThanBits(t *testing.T) {
	h := newHost(t)
	sockets := make(chan *hostile.ServerSocket, 1)
	hostile.NewServer(h.Server).OnConnection(func(_ context.Context, s *hostile.ServerSocket) error {
		sockets <- s
		return nil
	})
	c := hostile.NewClient(h.url, clientOptions())
	outcome := make(chan string, 1)
	c.OnQuoteDTick(func(_ context.Context, v hostile.V, d hostile.D, e hostile.E, many hostile.Many) error {
		outcome <- fmt.Sprint(v, d, e, many.F0, many.L9)
		return nil
	})
	c.OnInvalid(func(_ context.Context, err *runtime.DecodeError) error {
		outcome <- err.Path
		return nil
	})
	connect(t, c)
	s := receive(t, sockets)

	v := hostile.V{V: 1, D: "d", E: hostile.E{E: 2}, Seen: true}
	many := hostile.Many{F0: 3, L9: 4}
	if err := s.EmitQuoteDTick(v, hostile.D{{E: 5}}, hostile.E{E: 6}, many); err != nil {
		t.Fatal(err)
	}
	if got, want := receive(t, outcome), "{1 d {2} true} [{5}] {6} 3 4"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	const event = "quote\"d `tick` \\ \n"
	all := parsed(t, string(marshal(t, many)))
	for _, field := range []string{"f0", "l6", "l9"} {
		without := maps.Clone(all)
		delete(without, field)
		if err := s.Send(raw(t, event, string(marshal(t, v)), `[]`, `{"e":1}`, without)); err != nil {
			t.Fatal(err)
		}
		if got, want := receive(t, outcome), "many."+field; got != want {
			t.Errorf("without %s: got an error at %q", field, got)
		}
	}
}
