package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/runtime"
)

// observed collects what interceptors see.
type observed struct {
	mu    sync.Mutex
	lines []string
}

func (o *observed) add(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines = append(o.lines, fmt.Sprintf(format, args...))
}

func (o *observed) all() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.lines)
}

// intercept notes each event and how it ended.
func (o *observed) intercept(ctx context.Context, e *runtime.EventInfo, next func(context.Context) error) error {
	what := string(e.Direction)
	if e.Broadcast {
		what += " broadcast"
	}
	if e.SocketID != "" {
		what += " socket"
	}
	if e.WantsAck {
		what += " ack"
	}
	if !e.Known {
		what += " unknown"
	}
	err := next(ctx)
	o.add("%s %s %s%s: %v", what, e.Namespace, e.Event, e.Args().Raw(), err)
	return err
}

// Interceptors of a server are around every event of its sockets, with the error
// that it ends with.
func TestInterceptorsSeeEveryEvent(t *testing.T) {
	var seen observed
	s := newServer(t, runtime.ServerOptions{Interceptors: []runtime.Interceptor{seen.intercept}})
	sockets := make(chan *socket, 1)
	s.OnConnection(func(_ context.Context, s *socket) error {
		s.On("plain", onString(func(context.Context, string) error { return nil }))
		s.On("failing", onString(func(context.Context, string) error { return errors.New("no luck") }))
		s.On("panicking", onString(func(context.Context, string) error { panic("boo") }))
		s.On("ask", onAsk(func(_ context.Context, v string) (string, error) { return v + "!", nil }))
		sockets <- s
		return nil
	})
	s.OnError(func(context.Context, *socket, string, error) {})
	c := newClient(t, s)
	c.On("hello", onString(func(context.Context, string) error { return nil }))
	c.On("question", onAsk(func(context.Context, string) (string, error) { return "", failure("nobody knows") }))
	c.connect(t)
	on := wait(t, sockets, "socket")
	ctx := testContext(t)

	for _, name := range []string{"plain", "failing", "panicking", "unheard"} {
		if err := c.emit(name, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Send(event("plain")); err != nil { // an argument is missing
		t.Fatal(err)
	}
	if _, err := ask(ctx, c, "ask", "x"); err != nil {
		t.Fatal(err)
	}
	if err := on.emit("hello", "x"); err != nil {
		t.Fatal(err)
	}
	if err := s.emit("hello", "all"); err != nil {
		t.Fatal(err)
	}
	if _, err := runtime.Emit(ctx, on, event("question", "x"), answerOrFailure); err != failure("nobody knows") {
		t.Errorf("the answer is %v", err)
	}
	if _, err := runtime.Collect(ctx, s.Broadcast, event("question", "all"), answerOrFailure); err == nil {
		t.Error("a broadcast that is answered with an error did not fail")
	}

	want := []string{
		`incoming socket / plain["x"]: <nil>`,
		`incoming socket / failing["x"]: no luck`,
		`incoming socket / panicking["x"]: panic: boo`,
		`incoming socket unknown / unheard["x"]: <nil>`,
		`incoming socket / plain[]: plain.arg: required argument is missing`,
		`incoming socket ack / ask["x"]: <nil>`,
		`outgoing socket / hello["x"]: <nil>`,
		`outgoing broadcast / hello["all"]: <nil>`,
		`outgoing socket ack / question["x"]: nobody knows`,
		`outgoing broadcast ack / question["all"]: question: 0 receivers did not acknowledge, 1 answered with an error`,
	}
	got := seen.all()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("interceptors saw (-want +got):\n%s", diff)
	}
}

type ctxKey struct{}

// The first interceptor is the outermost, and values that they put in the context
// reach the ones within, hooks, middleware and handler.
func TestInterceptorsNestAndPassContext(t *testing.T) {
	var seen observed
	layer := func(name string) runtime.Interceptor {
		return func(ctx context.Context, e *runtime.EventInfo, next func(context.Context) error) error {
			if e.Direction == runtime.Outgoing {
				return next(ctx)
			}
			path, _ := ctx.Value(ctxKey{}).(string)
			seen.add("enter %s", name)
			err := next(context.WithValue(ctx, ctxKey{}, path+name))
			seen.add("leave %s", name)
			return err
		}
	}
	s := newServer(t, runtime.ServerOptions{Interceptors: []runtime.Interceptor{layer("a"), layer("b")}})
	done := make(chan struct{})
	s.OnConnection(func(_ context.Context, s *socket) error {
		s.OnAny(func(ctx context.Context, _ string, _ runtime.Any) { seen.add("any %v", ctx.Value(ctxKey{})) })
		s.Use(func(ctx context.Context, _ string, _ runtime.Any) error {
			seen.add("middleware %v", ctx.Value(ctxKey{}))
			return nil
		})
		s.On("x", onString(func(ctx context.Context, _ string) error {
			seen.add("handler %v", ctx.Value(ctxKey{}))
			return nil
		}))
		s.On("done", onString(func(context.Context, string) error { close(done); return nil }))
		return nil
	})
	c := newClient(t, s).connect(t)
	if err := errors.Join(c.emit("x", "1"), c.emit("done", "")); err != nil {
		t.Fatal(err)
	}
	wait(t, done, "event")
	want := []string{"enter a", "enter b", "any ab", "middleware ab", "handler ab", "leave b", "leave a"}
	if got := seen.all(); len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("order is %q, want it to begin with %q", got, want)
	}
}

// An interceptor that does not call next refuses the event: received ones are
// answered with the error that the event declares, emitted ones fail.
func TestInterceptorRefuses(t *testing.T) {
	refuse := func(ctx context.Context, e *runtime.EventInfo, next func(context.Context) error) error {
		if e.Event == "ask" || e.Event == "hello" || e.Event == "question" {
			return failure("not now")
		}
		return next(ctx)
	}
	s := newServer(t, runtime.ServerOptions{Interceptors: []runtime.Interceptor{refuse}})
	sockets := make(chan *socket, 1)
	s.OnConnection(func(_ context.Context, s *socket) error {
		s.On("ask", onAsk(func(context.Context, string) (string, error) {
			t.Error("the handler of a refused event was called")
			return "", nil
		}))
		sockets <- s
		return nil
	})
	c := newClient(t, s).connect(t)
	on := wait(t, sockets, "socket")
	ctx := testContext(t)

	if _, err := runtime.Emit(ctx, c, event("ask", "x"), answerOrFailure); err != failure("not now") {
		t.Errorf("the answer to a refused event is %v", err)
	}
	if err := on.emit("hello", "x"); err != failure("not now") {
		t.Errorf("a refused emit returned %v", err)
	}
	if err := s.emit("hello", "x"); err != failure("not now") {
		t.Errorf("a refused broadcast returned %v", err)
	}
	if _, err := ask(ctx, on, "question", "x"); err != failure("not now") {
		t.Errorf("a refused emit with acknowledgement returned %v", err)
	}
}

// next does its work once, and never behind the interceptor's back.
func TestInterceptorCallsNextOnce(t *testing.T) {
	var calls observed
	second := make(chan error, 1)
	late := make(chan func(context.Context) error, 1)
	started, release := make(chan struct{}), make(chan struct{})
	s := newServer(t, runtime.ServerOptions{Interceptors: []runtime.Interceptor{
		func(ctx context.Context, e *runtime.EventInfo, next func(context.Context) error) error {
			switch e.Event {
			case "twice":
				err := next(ctx)
				second <- next(ctx)
				return err
			case "late":
				late <- next
				return nil
			case "slow":
				go func() { _ = next(ctx) }()
				<-started
				return errors.New("gave up waiting")
			}
			return next(ctx)
		},
	}})
	s.OnError(func(context.Context, *socket, string, error) {})
	s.OnConnection(func(_ context.Context, s *socket) error {
		for _, name := range []string{"twice", "late", "after"} {
			s.On(name, onString(func(_ context.Context, v string) error { calls.add("%s %s", name, v); return nil }))
		}
		s.On("slow", onString(func(_ context.Context, v string) error {
			close(started)
			<-release
			calls.add("slow %s", v)
			return nil
		}))
		return nil
	})
	c := newClient(t, s).connect(t)
	for _, name := range []string{"twice", "late", "slow", "after"} {
		if err := c.emit(name, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := wait(t, second, "second call"); err == nil {
		t.Error("the second call of next did not fail")
	}
	wait(t, started, "slow handler") // the interceptors before it have returned
	if err := wait(t, late, "next")(t.Context()); err == nil {
		t.Error("calling next after the interceptor has returned did not fail")
	}
	close(release)
	want := []string{"twice x", "slow x", "after x"}
	for deadline := time.Now().Add(20 * time.Second); ; {
		got := calls.all()
		if slices.Equal(got, want) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("handlers were called as %q, want %q", got, want)
		}
		time.Sleep(time.Millisecond)
	}
}

// A panic of an interceptor ends nothing but the event.
func TestInterceptorPanics(t *testing.T) {
	failed := make(chan error, 1)
	s := newServer(t, runtime.ServerOptions{Interceptors: []runtime.Interceptor{
		func(ctx context.Context, e *runtime.EventInfo, next func(context.Context) error) error {
			if e.Event == "bad" {
				panic("interceptor")
			}
			return next(ctx)
		},
	}})
	s.OnError(func(_ context.Context, _ *socket, _ string, err error) { failed <- err })
	s.OnConnection(func(_ context.Context, s *socket) error {
		s.On("ask", onAsk(func(_ context.Context, v string) (string, error) { return v, nil }))
		return nil
	})
	c := newClient(t, s).connect(t)
	if err := c.emit("bad", "x"); err != nil {
		t.Fatal(err)
	}
	if _, ok := errors.AsType[*runtime.PanicError](wait(t, failed, "error")); !ok {
		t.Error("the panic was not reported as one")
	}
	if _, err := ask(testContext(t), c, "ask", "x"); err != nil {
		t.Errorf("after the panic: %v", err)
	}
}

// A client's interceptors see the same from the other end.
func TestClientInterceptors(t *testing.T) {
	var seen observed
	s := newServer(t, runtime.ServerOptions{})
	s.OnConnection(func(_ context.Context, s *socket) error {
		s.On("ask", onAsk(func(_ context.Context, v string) (string, error) { return v, nil }))
		s.On("plain", onString(func(_ context.Context, v string) error { return s.emit("hello", v) }))
		return nil
	})
	c := newClientAt(t, s.url, runtime.ClientOptions{Interceptors: []runtime.Interceptor{seen.intercept}})
	heard := make(chan string, 1)
	c.On("hello", onString(func(_ context.Context, v string) error { heard <- v; return nil }))
	c.connect(t)
	if err := c.emit("plain", "x"); err != nil {
		t.Fatal(err)
	}
	wait(t, heard, "event")
	if _, err := ask(testContext(t), c, "ask", "y"); err != nil {
		t.Fatal(err)
	}
	got := seen.all()
	slices.Sort(got)
	want := []string{
		`incoming socket / hello["x"]: <nil>`,
		`outgoing socket / plain["x"]: <nil>`,
		`outgoing socket ack / ask["y"]: <nil>`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("interceptors saw (-want +got):\n%s", diff)
	}
}
