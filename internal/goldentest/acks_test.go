package goldentest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/acks"
)

// ackServer answers by what it is asked.
type ackServer struct {
	acks.UnimplementedServerHandler
}

func (ackServer) None(context.Context, *acks.ServerSocket, int) error { return nil }

func (ackServer) One(_ context.Context, _ *acks.ServerSocket, a int) (acks.User, error) {
	return acks.User{ID: a, Name: "one"}, nil
}

func (ackServer) Two(_ context.Context, _ *acks.ServerSocket, a int) (users []acks.User, total int, err error) {
	return []acks.User{{ID: a}}, a, nil
}

func (ackServer) Optional(context.Context, *acks.ServerSocket) (a int, b *string, c *acks.User, err error) {
	return 1, nil, &acks.User{ID: 2}, nil
}

func (ackServer) Variadic(context.Context, *acks.ServerSocket) ([]string, error) {
	return []string{"a", "b"}, nil
}

func (ackServer) StructError(_ context.Context, _ *acks.ServerSocket, id int) (acks.User, error) {
	switch {
	case id == 1:
		code := 7
		return acks.User{}, fmt.Errorf("wrapped: %w", &acks.Failure{Message: "no", Code: &code})
	case id > 1:
		return acks.User{}, errors.New("a secret of the server")
	}
	return acks.User{ID: id}, nil
}

func (ackServer) DetailedError(_ context.Context, _ *acks.ServerSocket, id int) (user acks.User, n int, err error) {
	if id == 1 {
		return user, 0, &acks.Detailed{Reason: acks.ReasonFull, Retry: true}
	}
	return acks.User{ID: id}, 5, nil
}

func (ackServer) EnumError(_ context.Context, _ *acks.ServerSocket, id int) error {
	if id == 1 {
		return acks.ReasonBanned
	}
	return nil
}

func (ackServer) TextError(_ context.Context, _ *acks.ServerSocket, id int) (int, error) {
	if id == 1 {
		return 0, acks.TextErrorError("bad")
	}
	return id, nil
}

func (ackServer) AliasError(context.Context, *acks.ServerSocket, int) (int, error) {
	return 0, acks.Text("alias")
}

func (ackServer) InlineError(context.Context, *acks.ServerSocket, int) (int, error) {
	return 0, acks.InlineErrorErrorA
}

// newAcks is a client of ackServer, and the server with its socket for it.
func newAcks(t *testing.T) (*acks.Server, *acks.ServerSocket, *acks.Client) {
	t.Helper()
	h := newHost(t)
	srv := acks.NewServer(h.Server)
	srv.Handle(ackServer{})
	sockets := make(chan *acks.ServerSocket, 1)
	srv.OnConnection(func(_ context.Context, s *acks.ServerSocket) error {
		sockets <- s
		return nil
	})
	c := acks.NewClient(h.url, clientOptions())
	connect(t, c)
	return srv, receive(t, sockets), c
}

func TestAcknowledgementsAreReturned(t *testing.T) {
	_, _, c := newAcks(t)
	ctx := testContext(t)
	if err := c.EmitNone(ctx, 1); err != nil {
		t.Errorf("None: %v", err)
	}
	if user, err := c.EmitOne(ctx, 3); err != nil || user != (acks.User{ID: 3, Name: "one"}) {
		t.Errorf("One: %v, %v", user, err)
	}
	if users, total, err := c.EmitTwo(ctx, 4); err != nil || len(users) != 1 || total != 4 {
		t.Errorf("Two: %v, %v, %v", users, total, err)
	}
	if a, b, user, err := c.EmitOptional(ctx); err != nil || a != 1 || b != nil || user.ID != 2 {
		t.Errorf("Optional: %v, %v, %v, %v", a, b, user, err)
	}
	rest, err := c.EmitVariadic(ctx)
	if diff := cmp.Diff([]string{"a", "b"}, rest); diff != "" || err != nil {
		t.Errorf("Variadic: %v\n%s", err, diff)
	}
}

func TestDeclaredErrorsAreGoErrorsAtTheOtherEnd(t *testing.T) {
	_, _, c := newAcks(t)
	ctx := testContext(t)

	user, err := c.EmitStructError(ctx, 0)
	if err != nil || user.ID != 0 {
		t.Errorf("without an error: %v, %v", user, err)
	}
	_, err = c.EmitStructError(ctx, 1)
	if e := asError[*acks.Failure](t, err); e.Message != "no" || *e.Code != 7 {
		t.Errorf("struct: %+v", e)
	}
	_, _, err = c.EmitDetailedError(ctx, 1)
	if e := asError[*acks.Detailed](t, err); *e != (acks.Detailed{Reason: acks.ReasonFull, Retry: true}) {
		t.Errorf("struct without a message: %+v", e)
	}
	if user, n, err := c.EmitDetailedError(ctx, 2); err != nil || user.ID != 2 || n != 5 {
		t.Errorf("several values: %v, %v, %v", user, n, err)
	}
	if err := c.EmitEnumError(ctx, 1); !errors.Is(err, acks.ReasonBanned) {
		t.Errorf("enum: %v", err)
	}
	if err := c.EmitEnumError(ctx, 2); err != nil {
		t.Errorf("enum, without an error: %v", err)
	}
	if _, err := c.EmitTextError(ctx, 1); !errors.Is(err, acks.TextErrorError("bad")) {
		t.Errorf("string: %v", err)
	}
	if _, err := c.EmitAliasError(ctx, 1); !errors.Is(err, acks.Text("alias")) {
		t.Errorf("alias of string: %v", err)
	}
	if _, err := c.EmitInlineError(ctx, 1); !errors.Is(err, acks.InlineErrorErrorA) {
		t.Errorf("inline enum: %v", err)
	}
}

func TestErrorFirstFormOnTheWire(t *testing.T) {
	_, _, c := newAcks(t)
	for _, test := range []struct{ event, want string }{
		{"one", `[{"id":1,"name":"one"}]`},
		{"none", `[]`},
		{"optional", `[1,null,{"id":2,"name":""}]`},
		{"structError", `[{"message":"no","code":7}]`},
		{"detailedError", `[{"reason":"full","retry":true}]`},
		{"enumError", `["banned"]`},
		{"textError", `["bad"]`},
	} {
		if got := ask(t, c, test.event, `1`); got != test.want {
			t.Errorf("%s: got %s, want %s", test.event, got, test.want)
		}
	}
	if got, want := ask(t, c, "enumError", `2`), `[null]`; got != want {
		t.Errorf("success without values: got %s, want %s", got, want)
	}
	if got, want := ask(t, c, "textError", `2`), `[null,2]`; got != want {
		t.Errorf("success: got %s, want %s", got, want)
	}
}

// TestInvalidPayloadIsAnsweredWhereATextMakesAnError is about errors that hold no
// more than a message.
func TestInvalidPayloadIsAnsweredWhereATextMakesAnError(t *testing.T) {
	_, _, c := newAcks(t)
	for _, test := range []struct{ event, want string }{
		{"structError", `[{"message":"structError.id: expected an int, got a boolean"}]`},
		{"textError", `["textError.id: expected an int, got a boolean"]`},
		{"aliasError", `["aliasError.id: expected an int, got a boolean"]`},
	} {
		if got := ask(t, c, test.event, `true`); got != test.want {
			t.Errorf("%s: got %s, want %s", test.event, got, test.want)
		}
	}
}

func TestServerAsksClients(t *testing.T) {
	srv, s, c := newAcks(t)
	c.OnNone(func(context.Context, int) error { return nil })
	c.OnOne(func(_ context.Context, a int) (int, error) { return a + 1, nil })
	c.OnTwo(func(context.Context) (name string, age *int, err error) { return "Ada", nil, nil })
	c.OnFailing(func(_ context.Context, a int) (int, error) { return 0, &acks.Failure{Message: "client"} })
	ctx := testContext(t)

	if err := s.EmitNone(ctx, 1); err != nil {
		t.Errorf("None: %v", err)
	}
	if b, err := s.EmitOne(ctx, 1); err != nil || b != 2 {
		t.Errorf("One: %v, %v", b, err)
	}
	if name, age, err := s.EmitTwo(ctx); err != nil || name != "Ada" || age != nil {
		t.Errorf("Two: %v, %v, %v", name, age, err)
	}
	_, err := s.EmitFailing(ctx, 1)
	if e := asError[*acks.Failure](t, err); e.Message != "client" {
		t.Errorf("Failing: %v", e)
	}

	if err := srv.EmitNone(ctx, 1); err != nil {
		t.Errorf("broadcast None: %v", err)
	}
	all, err := srv.EmitOne(ctx, 5)
	if diff := cmp.Diff([]int{6}, all); diff != "" || err != nil {
		t.Errorf("broadcast One: %v\n%s", err, diff)
	}
	pairs, err := srv.To(s.ID()).EmitTwo(ctx)
	if diff := cmp.Diff([]acks.TwoAck{{Name: "Ada"}}, pairs); diff != "" || err != nil {
		t.Errorf("broadcast Two: %v\n%s", err, diff)
	}
	_, err = srv.EmitFailing(ctx, 1)
	missing := asError[*runtime.BroadcastAckError](t, err)
	if e := asError[*acks.Failure](t, missing.Failed[s.ID()]); e.Message != "client" {
		t.Errorf("broadcast Failing: %v", e)
	}
}
