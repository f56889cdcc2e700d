package goldentest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/testdata/golden/collections"
	"github.com/siogen/siogen/testdata/golden/recursion"
	"github.com/siogen/siogen/testdata/golden/scalars"
	"github.com/siogen/siogen/testdata/golden/structs"
	"github.com/siogen/siogen/testdata/golden/unions"
)

// FuzzGeneratedDecoders feeds arguments to generated servers whose handlers answer
// with what they got: they are refused with a reason, or the answer, given as
// arguments again, is answered with itself.
func FuzzGeneratedDecoders(f *testing.F) {
	targets := []*echoTarget{
		newEchoTarget(f, "echo", structs.NewServer, (*structs.ServerSocket).OnEcho),
		newEchoTarget(f, "echo", unions.NewServer, (*unions.ServerSocket).OnEcho),
		newEchoTarget(f, "echo", collections.NewServer, (*collections.ServerSocket).OnEcho),
		newEchoTarget(f, "echo", scalars.NewServer, (*scalars.ServerSocket).OnEcho),
		newEchoTarget(f, "eval", recursion.NewServer, (*recursion.ServerSocket).OnEval),
	}
	for _, seed := range []struct {
		target uint8
		arg    string
		blobs  uint8
	}{
		{0, `{"name":"Ada","email":null,"home":{"street":"s"},"last":null,"pet":{"name":"p","kind":"cat"},"oldName":"o","photo":null,"flags":null,"limits":null,"until":null}`, 0},
		{1, `{"main":{"kind":"circle","radius":1.5},"spare":{"kind":"square","side":2},"last":null,"all":[],"named":{"x":{"side":1,"kind":"square","label":"s"}},"holes":null,
			"round":{"type":"ball","radius":1,"skin":{"_placeholder":true,"num":0}}}`, 1},
		{2, `{"matrix":[[1.5],[]],"blobs":[{"_placeholder":true,"num":0}],"blobMap":{"a":{"_placeholder":true,"num":1}},"sparse":null,"lists":{"x":["y"]},"maps":[{"t":true}],
			"nullables":[null,1],"maybeBlobs":[null,{"_placeholder":true,"num":2}],"maybeLists":{"n":null},"points":[{"x":1,"y":2}],"maybePoints":{"p":null},
			"times":["2026-01-02T03:04:05.678Z"],"anys":[{"a":[1e3]},null],"decimals":["18446744073709551615"],"threeDeep":[[[]]]}`, 3},
		{3, `{"flag":true,"text":"x\u0041","n":1,"n8":-128,"n16":1,"n32":1.0,"n64":1e3,"u":1,"u8":255,"u16":1,"u32":1,"u64":9007199254740991,"f32":0.1,"f64":1e300,
			"data":{"_placeholder":true,"num":0},"at":"2026-01-02T03:04:05+01:00","open":{"deep":[{"_placeholder":true,"num":1}]},"big":"-9223372036854775808","bigger":"1","small":"-1",
			"word":"7","bigs":["1"]}`, 2},
		{4, `{"op":"add","left":{"op":"num","n":1},"right":{"op":"neg","of":{"op":"num","n":2}}}`, 0},
	} {
		f.Add(seed.target, []byte(seed.arg), seed.blobs)
	}
	f.Fuzz(func(t *testing.T, which uint8, arg []byte, blobs uint8) {
		target := targets[int(which)%len(targets)]
		attachments := slices.Repeat([][]byte{{1, 2, 3}}, int(blobs%8))
		answer, ok := target.ask(t, arg, attachments)
		if !ok {
			return
		}
		again, ok := target.ask(t, elementOf(answer.JSON), answer.Attachments)
		if !ok {
			t.Fatalf("the answer to %s is refused: %s", arg, answer.JSON)
		}
		if !bytes.Equal(again.JSON, answer.JSON) || len(again.Attachments) != len(answer.Attachments) {
			t.Fatalf("%s is answered with %s", answer.JSON, again.JSON)
		}
	})
}

// elementOf is the element of an array with one.
func elementOf(array []byte) []byte { return array[1 : len(array)-1] }

// echoTarget is a socket of a generated server on an engine that exists in name
// only. It gets arguments, and says what became of them.
type echoTarget struct {
	event   string
	socket  driver.SocketHandler
	outcome chan echoOutcome
}

// echoOutcome is an answer, or why there is none.
type echoOutcome struct {
	answer  driver.Payload
	refusal error // the arguments are not as declared
	failure error // anything else
}

// echoServer is what a generated server with sockets of type S has.
type echoServer[S any] interface {
	OnConnection(f func(ctx context.Context, s *S) error)
	OnInvalid(f func(ctx context.Context, s *S, err *runtime.DecodeError) error)
	OnError(f func(ctx context.Context, s *S, event string, err error))
}

// newEchoTarget returns a socket of a generated server for the event that the
// generated method on sets a handler for.
func newEchoTarget[Server echoServer[Socket], Socket, Arg any](
	f *testing.F, event string, newServer func(*runtime.Server) Server,
	on func(*Socket, func(context.Context, Arg) (Arg, error)) runtime.Registration,
) *echoTarget {
	f.Helper()
	t := &echoTarget{event: event, outcome: make(chan echoOutcome, 1)}
	engine := &nominalEngine{}
	server := runtime.NewServer(runtime.ServerOptions{Engine: engine})
	srv := newServer(server)
	srv.OnInvalid(func(_ context.Context, _ *Socket, err *runtime.DecodeError) error {
		t.outcome <- echoOutcome{refusal: err}
		return nil
	})
	srv.OnError(func(_ context.Context, _ *Socket, _ string, err error) { t.outcome <- echoOutcome{failure: err} })
	srv.OnConnection(func(_ context.Context, s *Socket) error {
		on(s, func(_ context.Context, arg Arg) (Arg, error) { return arg, nil })
		return nil
	})
	var err error
	if t.socket, err = engine.handler.Connect(f.Context(), nominalSocket{target: t}); err != nil {
		f.Fatal(err)
	}
	t.socket.Connected()
	f.Cleanup(func() {
		t.socket.Disconnected("transport close", nil)
		if err := server.Close(context.Background()); err != nil {
			f.Error(err)
		}
	})
	return t
}

// ask sends an event with one argument. It reports false when the arguments are
// refused, by the engine's checks or by the generated code's.
func (t *echoTarget) ask(tb testing.TB, arg []byte, attachments [][]byte) (answer driver.Payload, ok bool) {
	tb.Helper()
	args := fmt.Appendf(nil, "[%q,%s]", t.event, arg)
	name, err := codec.ValidateEvent(args, len(attachments), codec.Limits{})
	if err != nil {
		return driver.Payload{}, false
	}
	t.socket.Event(driver.Event{Payload: driver.Payload{JSON: args, Attachments: attachments}, Name: name, AckID: 1})
	o := receive(tb, t.outcome)
	if o.failure != nil {
		tb.Fatalf("%s: %v", args, o.failure)
	}
	if o.refusal != nil && o.refusal.Error() == "" {
		tb.Fatalf("%s is refused without a reason", args)
	}
	return o.answer, o.refusal == nil
}

// nominalEngine is a driver.Server that serves nobody.
type nominalEngine struct {
	driver.Server
	handler driver.NamespaceHandler
}

func (e *nominalEngine) Namespace(_ string, h driver.NamespaceHandler) (driver.Namespace, error) {
	e.handler = h
	return nominalNamespace{}, nil
}

func (e *nominalEngine) Close(context.Context) error { return nil }

type nominalNamespace struct{ driver.Namespace }

func (nominalNamespace) Name() string { return "/" }

// nominalSocket is a driver.Socket that passes on the answers to its target.
type nominalSocket struct {
	driver.Socket
	target *echoTarget
}

func (nominalSocket) ID() string                   { return "nominal" }
func (nominalSocket) Handshake() *driver.Handshake { return &driver.Handshake{} }
func (nominalSocket) Namespace() driver.Namespace  { return nominalNamespace{} }
func (nominalSocket) Recovered() *driver.Recovery  { return nil }
func (nominalSocket) Cork()                        {}
func (nominalSocket) Uncork()                      {}

func (s nominalSocket) Ack(_ int64, p driver.Payload) error {
	s.target.outcome <- echoOutcome{answer: driver.Payload{JSON: bytes.Clone(p.JSON), Attachments: p.Attachments}}
	return nil
}
