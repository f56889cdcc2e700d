package goldentest

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// waitLimit ends a wait for something that should have happened long before.
const waitLimit = 10 * time.Second

// host is a server on a free port until the test ends, and what it received.
type host struct {
	*runtime.Server
	url string

	mu     sync.Mutex
	events map[string]runtime.Any
}

func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{
		Server: runtime.NewServer(runtime.ServerOptions{Logger: slog.New(slog.DiscardHandler)}),
		events: make(map[string]runtime.Any),
	}
	web := httptest.NewServer(h.Server)
	h.url = web.URL
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), waitLimit)
		defer stop()
		if err := h.Close(ctx); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		web.Close()
	})
	return h
}

// record remembers the arguments of the last event of each name.
func (h *host) record(_ context.Context, event string, args runtime.Any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events[event] = args
}

// received is the JSON array of the arguments of an event, bytes as base64.
func (h *host) received(t *testing.T, event string) []byte {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	args, ok := h.events[event]
	if !ok {
		t.Fatalf("event %q was not received", event)
	}
	text, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// connection is what every generated client has.
type connection interface {
	Connect(ctx context.Context) error
	Close() error
}

// connect connects a client until the test ends.
func connect(t *testing.T, c connection) {
	t.Helper()
	if err := c.Connect(testContext(t)); err != nil {
		t.Fatalf("connecting: %v", err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("closing the client: %v", err)
		}
	})
}

func clientOptions() runtime.ClientOptions {
	return runtime.ClientOptions{Logger: slog.New(slog.DiscardHandler)}
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), waitLimit)
	t.Cleanup(stop)
	return ctx
}

// receive waits for a value.
func receive[T any](t testing.TB, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(waitLimit):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// raw is an event with any arguments, whatever the schema says: a string is the
// JSON of one, other values are what runtime.AnyOf makes of them.
func raw(t *testing.T, name string, args ...any) *codec.Encoder {
	t.Helper()
	quoted, err := json.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	enc := codec.NewEvent("[" + string(quoted))
	for _, arg := range args {
		if text, ok := arg.(string); ok {
			arg = json.RawMessage(text)
		}
		v, err := runtime.AnyOf(arg)
		if err != nil {
			t.Fatalf("%v: %v", arg, err)
		}
		enc.Elem().Any(v)
	}
	return enc
}

// ask emits a raw event and returns the acknowledgement's arguments as JSON.
func ask(t *testing.T, to runtime.Caller, name string, args ...any) string {
	t.Helper()
	answers := []json.RawMessage{}
	_, err := runtime.Emit(testContext(t), to, raw(t, name, args...), func(dec *codec.Decoder) (struct{}, error) {
		for dec.RestArg("answer") {
			text, err := json.Marshal(dec.Any())
			if err != nil {
				return struct{}{}, err
			}
			answers = append(answers, text)
		}
		return struct{}{}, nil
	})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	text, err := json.Marshal(answers)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// asError is the error of type E in err's tree.
func asError[E error](t *testing.T, err error) E {
	t.Helper()
	e, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("got error %v (%T), want a %T", err, err, e)
	}
	return e
}

// patched is the object good with the fields of patch instead of, or beside, its own.
func patched(t *testing.T, good map[string]any, patch string) map[string]any {
	t.Helper()
	object := maps.Clone(good)
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(patch), &fields); err != nil {
		t.Fatalf("%s: %v", patch, err)
	}
	for name, value := range fields {
		object[name] = value
	}
	return object
}

// parsed is a JSON object by field.
func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	return patched(t, map[string]any{}, text)
}
