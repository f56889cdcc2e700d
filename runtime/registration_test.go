package runtime_test

import (
	"context"
	"slices"
	"testing"

	"github.com/siogen/siogen/runtime"
)

// heardBy connects a client and returns what its events lead to.
func heardBy(t *testing.T, register func(s *socket, seen *observed), emits ...string) []string {
	t.Helper()
	srv := newServer(t, runtime.ServerOptions{})
	var seen observed
	done := make(chan struct{})
	srv.OnConnection(func(_ context.Context, s *socket) error {
		register(s, &seen)
		s.On("end", onString(func(context.Context, string) error { close(done); return nil }))
		return nil
	})
	c := newClient(t, srv).connect(t)
	for _, arg := range emits {
		enc := event("x", arg)
		if arg == "" {
			enc = event("x") // an argument is missing
		}
		if err := c.Send(enc); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.emit("end", ""); err != nil {
		t.Fatal(err)
	}
	wait(t, done, "last event")
	return seen.all()
}

func note(seen *observed, who string) runtime.EventFunc {
	return onString(func(_ context.Context, v string) error { seen.add("%s %s", who, v); return nil })
}

func TestHandlersOnceAndOff(t *testing.T) {
	tests := []struct {
		name     string
		register func(s *socket, seen *observed)
		emits    []string
		want     []string
	}{
		{
			"a handler is called until it is off",
			func(s *socket, seen *observed) {
				var r runtime.Registration
				r = s.On("x", onString(func(_ context.Context, v string) error {
					seen.add("x %s", v)
					if v == "2" {
						r.Off()
					}
					return nil
				}))
			},
			[]string{"1", "2", "3"},
			[]string{"x 1", "x 2"},
		},
		{
			"off leaves the handler that came after",
			func(s *socket, seen *observed) {
				first := s.On("x", note(seen, "first"))
				s.On("x", note(seen, "second"))
				first.Off()
			},
			[]string{"1"},
			[]string{"second 1"},
		},
		{
			"off twice, and of nothing, does nothing",
			func(s *socket, seen *observed) {
				r := s.On("x", note(seen, "x"))
				r.Off()
				r.Off()
				runtime.Registration{}.Off()
			},
			[]string{"1"},
			nil,
		},
		{
			"once is once",
			func(s *socket, seen *observed) { s.AsListener().WithOnce().On("x", note(seen, "x")) },
			[]string{"1", "2"},
			[]string{"x 1"},
		},
		{
			"an invalid payload does not use once up",
			func(s *socket, seen *observed) { s.AsListener().WithOnce().On("x", note(seen, "x")) },
			[]string{"", "1", "2"},
			[]string{"x 1"},
		},
		{
			"nor does one that a middleware refuses",
			func(s *socket, seen *observed) {
				s.Use(func(_ context.Context, _ string, args runtime.Any) error {
					if string(args.Raw()) == `["1"]` {
						return failure("no")
					}
					return nil
				})
				s.AsListener().WithOnce().On("x", note(seen, "x"))
			},
			[]string{"1", "2", "3"},
			[]string{"x 2"},
		},
		{
			"a handler that is called once may set the next",
			func(s *socket, seen *observed) {
				s.AsListener().WithOnce().On("x", onString(func(_ context.Context, v string) error {
					seen.add("once %s", v)
					s.On("x", note(seen, "then"))
					return nil
				}))
			},
			[]string{"1", "2", "3"},
			[]string{"once 1", "then 2", "then 3"},
		},
		{
			"once can be taken back",
			func(s *socket, seen *observed) { s.AsListener().WithOnce().On("x", note(seen, "x")).Off() },
			[]string{"1"},
			nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := heardBy(t, test.register, test.emits...); !slices.Equal(got, test.want) {
				t.Errorf("handled %q, want %q", got, test.want)
			}
		})
	}
}

// Without a handler of its own a socket has the namespace's, again after Off.
func TestOffFallsBackToTheNamespace(t *testing.T) {
	srv := newServer(t, runtime.ServerOptions{})
	var seen observed
	done := make(chan struct{})
	srv.HandleEvents(map[string]func(context.Context, *socket, *runtime.Call) error{
		"x": func(ctx context.Context, _ *socket, call *runtime.Call) error {
			return note(&seen, "shared")(ctx, call)
		},
		"end": func(context.Context, *socket, *runtime.Call) error {
			close(done)
			return nil
		},
	})
	srv.OnConnection(func(_ context.Context, s *socket) error {
		s.AsListener().WithOnce().On("x", note(&seen, "own"))
		return nil
	})
	c := newClient(t, srv).connect(t)
	for _, arg := range []string{"1", "2"} {
		if err := c.emit("x", arg); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.emit("end"); err != nil {
		t.Fatal(err)
	}
	wait(t, done, "last event")
	if got, want := seen.all(), []string{"own 1", "shared 2"}; !slices.Equal(got, want) {
		t.Errorf("handled %q, want %q", got, want)
	}
}
