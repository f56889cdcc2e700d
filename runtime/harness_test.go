package runtime_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
)

func TestMain(m *testing.M) {
	if o := os.Getenv(serverEnv); o != "" {
		serveProcess(o)
		return
	}
	goleak.VerifyTestMain(m)
}

// socket is what a generated server socket looks like, with one string as auth.
type socket struct {
	*runtime.Socket
	emitter
	token string
	data  string
}

// emitter is what a generated emitter looks like.
type emitter struct{ runtime.Target }

func (e emitter) emit(name string, args ...string) error {
	return e.Send(event(name, args...))
}

// event encodes an event whose arguments are strings.
func event(name string, args ...string) *codec.Encoder {
	enc := codec.NewEvent(`["` + name + `"`)
	for _, a := range args {
		enc.Elem().String(a)
	}
	return enc
}

// broadcast is what a generated broadcast looks like.
type broadcast struct {
	emitter
	runtime.Broadcast[broadcast]
}

func newBroadcast(t runtime.Target, b runtime.Broadcast[broadcast]) broadcast {
	return broadcast{emitter{t}, b}
}

// server is what a generated server looks like.
type server struct {
	broadcast
	*runtime.Namespace[socket]
	base *runtime.Server
	url  string
}

func stringField(key string) func(*codec.Decoder) string {
	return func(dec *codec.Decoder) (v string) {
		var seen uint64
		for dec.BeginObject(); dec.NextField(); {
			if string(dec.Key()) != key {
				dec.Skip()
				continue
			}
			v = dec.String()
			seen |= 1
		}
		dec.Require(seen, key)
		return v
	}
}

// newServer serves the namespace "/" on a free port until the test ends.
func newServer(t *testing.T, o runtime.ServerOptions) *server {
	t.Helper()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &server{base: runtime.NewServer(o)}
	s.Namespace = runtime.NewNamespace(s.base, runtime.NamespaceType[socket]{
		Name: "/",
		New: func(base *runtime.Socket) *socket {
			return &socket{Socket: base, emitter: emitter{base.AsTarget()}}
		},
		Auth: func(s *socket, dec *codec.Decoder) { s.token = stringField("token")(dec) },
	})
	s.broadcast = runtime.NewBroadcast(s.Namespace, newBroadcast)
	web := httptest.NewServer(s.base)
	s.url = web.URL
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		if err := s.base.Close(ctx); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		web.Close()
	})
	return s
}

// client is what a generated client looks like.
type client struct {
	emitter
	*runtime.Client
}

// newClient returns a client of s with a good token, closed when the test ends.
func newClient(t *testing.T, s *server) *client {
	t.Helper()
	return newClientAt(t, s.url, runtime.ClientOptions{})
}

func newClientAt(t *testing.T, url string, o runtime.ClientOptions) *client {
	t.Helper()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	base := runtime.NewManagedClient(runtime.NewManager(url, o), "/")
	c := &client{emitter{base.AsTarget()}, base}
	c.authenticate("secret")
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("closing the client: %v", err)
		}
	})
	return c
}

func (c *client) authenticate(token string) {
	runtime.ClientAuth(c.Client, func(context.Context) (string, error) { return token, nil },
		func(enc *codec.Encoder, token string) {
			enc.BeginObject()
			enc.Field("token").String(token)
			enc.EndObject()
		})
}

// connect connects, or ends the test.
func (c *client) connect(t *testing.T) *client {
	t.Helper()
	if err := c.Connect(testContext(t)); err != nil {
		t.Fatalf("Connect: %v", err)
	}
	return c
}

// ask emits an event and waits for an acknowledgement of one string.
func ask(ctx context.Context, to runtime.Caller, name string, args ...string) (string, error) {
	return runtime.Emit(ctx, to, event(name, args...), oneString)
}

func oneString(dec *codec.Decoder) (v string, err error) {
	if dec.Arg("v") {
		v = dec.String()
	}
	return v, nil
}

// onString is what a generated On… looks like for an event with one string
// argument.
func onString(handler func(ctx context.Context, arg string) error) runtime.EventFunc {
	return func(ctx context.Context, call *runtime.Call) error {
		dec := call.Args()
		var arg string
		if dec.Arg("arg") {
			arg = dec.String()
		}
		if err := dec.End(); err != nil {
			return err
		}
		return handler(ctx, arg)
	}
}

// onAsk is onString for an event with an acknowledgement of one string.
func onAsk(handler func(ctx context.Context, arg string) (string, error)) runtime.EventFunc {
	return func(ctx context.Context, call *runtime.Call) error {
		call.Declare(declareFailure)
		return onString(func(ctx context.Context, arg string) error {
			answer, err := handler(ctx, arg)
			if err != nil || !call.WantsAck() {
				return err
			}
			enc := codec.NewArgs()
			enc.Elem().String(answer)
			return call.Reply(enc)
		})(ctx, call)
	}
}

// failure is a declared error.
type failure string

func (f failure) Error() string { return string(f) }

func declareFailure(enc *codec.Encoder, err error) bool {
	f, ok := errors.AsType[failure](err)
	if ok {
		enc.BeginObject()
		enc.Field("failure").String(string(f))
		enc.EndObject()
	}
	return ok
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(stop)
	return ctx
}

// wait receives from c, or ends the test.
func wait[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("no %s within 20 s", what)
		panic("unreachable")
	}
}

// syncWriter makes a writer safe for several goroutines.
type syncWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *syncWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(p)
}
