package runtime_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// nullEngine is a driver.Server whose connections are made by hand.
type nullEngine struct {
	http.Handler
	handler driver.NamespaceHandler
}

func (e *nullEngine) Namespace(_ string, h driver.NamespaceHandler) (driver.Namespace, error) {
	e.handler = h
	return nil, nil
}

func (e *nullEngine) DynamicNamespace(driver.DynamicNamespace) (driver.ParentNamespace, error) {
	return nil, errors.ErrUnsupported
}

func (e *nullEngine) Close(context.Context) error { return nil }

// nullSocket is a driver.Socket that counts what is sent.
type nullSocket struct {
	driver.Socket
	handshake driver.Handshake
	sent      int
}

func (s *nullSocket) ID() string                              { return "id" }
func (s *nullSocket) Handshake() *driver.Handshake            { return &s.handshake }
func (s *nullSocket) Recovered() *driver.Recovery             { return nil }
func (s *nullSocket) Emit(driver.Payload, driver.Flags) error { s.sent++; return nil }
func (s *nullSocket) Ack(int64, driver.Payload) error         { s.sent++; return nil }
func (s *nullSocket) Cork()                                   {}
func (s *nullSocket) Uncork()                                 {}

// connectNull joins one socket without any network.
func connectNull(tb testing.TB, register func(*socket)) (driver.SocketHandler, *nullSocket, *socket) {
	tb.Helper()
	engine := &nullEngine{}
	base := runtime.NewServer(runtime.ServerOptions{Engine: engine})
	var typed *socket
	runtime.NewNamespace(base, runtime.NamespaceType[socket]{
		Name: "/",
		New: func(base *runtime.Socket) *socket {
			typed = &socket{Socket: base, emitter: emitter{base.AsTarget()}}
			return typed
		},
	})
	drv := &nullSocket{}
	h, err := engine.handler.Connect(context.Background(), drv)
	if err != nil {
		tb.Fatal(err)
	}
	register(typed)
	h.Connected()
	tb.Cleanup(func() {
		h.Disconnected("transport close", nil)
		if err := base.Close(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	return h, drv, typed
}

// onInts is what a generated On… looks like for two scalar arguments.
func onInts(handler func(ctx context.Context, a int, b bool) error) runtime.EventFunc {
	return func(ctx context.Context, call *runtime.Call) error {
		dec := call.Args()
		var a int
		if dec.Arg("a") {
			a = dec.Int()
		}
		var b bool
		if dec.Arg("b") {
			b = dec.Bool()
		}
		if err := dec.End(); err != nil {
			return err
		}
		return handler(ctx, a, b)
	}
}

var scalarEvent = driver.Event{
	Payload: driver.Payload{JSON: []byte(`["scalar",12345,true]`)},
	Name:    []byte("scalar"),
	AckID:   driver.NoAck,
}

// Handing an event with scalar arguments to its handler, decoding included.
func BenchmarkDispatch(b *testing.B) {
	done := make(chan struct{}, 1)
	h, _, _ := connectNull(b, func(s *socket) {
		s.On("scalar", onInts(func(context.Context, int, bool) error { done <- struct{}{}; return nil }))
	})
	b.ReportAllocs()
	for b.Loop() {
		h.Event(scalarEvent)
		<-done
	}
}

// The same when events come faster than they are handled.
func BenchmarkDispatchRun(b *testing.B) {
	const run = 64
	done := make(chan struct{}, run)
	h, _, _ := connectNull(b, func(s *socket) {
		s.On("scalar", onInts(func(context.Context, int, bool) error { done <- struct{}{}; return nil }))
	})
	b.ReportAllocs()
	for b.Loop() {
		for range run {
			h.Event(scalarEvent)
		}
		for range run {
			<-done
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*run), "ns/event")
}

// Sending an event with scalar arguments, up to the engine.
func BenchmarkEmit(b *testing.B) {
	_, _, s := connectNull(b, func(*socket) {})
	b.ReportAllocs()
	for b.Loop() {
		enc := codec.NewEvent(`["scalar"`)
		enc.Elem().Int(12345)
		enc.Elem().Bool(true)
		if err := s.Send(enc); err != nil {
			b.Fatal(err)
		}
	}
}
