package runtime_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
)

// answerOrFailure decodes what onAsk answers: a string, or its declared error.
func answerOrFailure(dec *codec.Decoder) (v string, err error) {
	if !dec.Arg("v") {
		return "", nil
	}
	answer := dec.Any()
	var declared struct{ Failure failure }
	if answer.Decode(&declared) == nil {
		return "", declared.Failure
	}
	return v, answer.Decode(&v)
}

// The middleware of a socket sees every event before its handler, in the order of
// Use, with name and arguments, and an error keeps it from the handler.
func TestSocketMiddleware(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	var seen observed
	failed := make(chan error, 10)
	s.OnError(func(_ context.Context, _ *socket, event string, err error) {
		failed <- errors.Join(errors.New(event), err)
	})
	s.OnConnection(func(_ context.Context, s *socket) error {
		s.Use(func(_ context.Context, event string, args runtime.Any) error {
			seen.add("first %s%s", event, args.Raw())
			if string(args.Raw()) == `["forbidden"]` {
				return failure("forbidden")
			}
			return nil
		})
		s.Use(func(_ context.Context, event string, _ runtime.Any) error {
			seen.add("second %s", event)
			if event == "panicking" {
				panic("middleware")
			}
			return nil
		})
		s.On("plain", onString(func(_ context.Context, v string) error { seen.add("plain %s", v); return nil }))
		s.On("ask", onAsk(func(_ context.Context, v string) (string, error) { seen.add("ask %s", v); return v + "!", nil }))
		return nil
	})
	c := newClient(t, s).connect(t)
	if err := errors.Join(c.emit("plain", "forbidden"), c.emit("unheard", "a"), c.emit("panicking", "b"), c.emit("plain", "c")); err != nil {
		t.Fatal(err)
	}
	ctx := testContext(t)
	// An event that declares an error answers with it, any other tells OnError.
	if _, err := runtime.Emit(ctx, c, event("ask", "forbidden"), answerOrFailure); err != failure("forbidden") {
		t.Errorf("the answer to a refused event is %v", err)
	}
	if v, err := runtime.Emit(ctx, c, event("ask", "d"), answerOrFailure); v != "d!" || err != nil {
		t.Errorf("the answer to an event that is let through is %q, %v", v, err)
	}
	want := []string{
		`first plain["forbidden"]`,
		`first unheard["a"]`, "second unheard",
		`first panicking["b"]`, "second panicking",
		`first plain["c"]`, "second plain", "plain c",
		`first ask["forbidden"]`,
		`first ask["d"]`, "second ask", "ask d",
	}
	if got := seen.all(); !slices.Equal(got, want) {
		t.Errorf("seen %q, want %q", got, want)
	}
	for _, want := range []string{"plain\nforbidden", "panicking\npanic: middleware"} {
		if err := wait(t, failed, "error"); err.Error() != want {
			t.Errorf("OnError got %q, want %q", err, want)
		}
	}
	if len(failed) > 0 {
		t.Errorf("OnError also got %v", <-failed)
	}
}

// A refused event whose payload is also wrong is refused, not invalid: nothing of
// it is looked at.
func TestMiddlewareComesBeforeDecoding(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	failed := make(chan error, 1)
	s.OnError(func(_ context.Context, _ *socket, _ string, err error) { failed <- err })
	s.OnInvalid(func(context.Context, *socket, *runtime.DecodeError) error {
		t.Error("OnInvalid was called for a refused event")
		return nil
	})
	s.OnConnection(func(_ context.Context, s *socket) error {
		s.Use(func(context.Context, string, runtime.Any) error { return errors.New("closed") })
		s.On("plain", onString(func(context.Context, string) error { t.Error("handled"); return nil }))
		return nil
	})
	c := newClient(t, s).connect(t)
	if err := c.Send(event("plain")); err != nil {
		t.Fatal(err)
	}
	if err := wait(t, failed, "error"); err.Error() != "closed" {
		t.Errorf("OnError got %v", err)
	}
}
