package goldentest

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/arguments"
)

func newArguments(t *testing.T) (h *host, s *arguments.ServerSocket, c *arguments.Client) {
	t.Helper()
	h = newHost(t)
	sockets := make(chan *arguments.ServerSocket, 1)
	arguments.NewServer(h.Server).OnConnection(func(_ context.Context, s *arguments.ServerSocket) error {
		s.OnAny(h.record)
		sockets <- s
		return nil
	})
	c = arguments.NewClient(h.url, clientOptions())
	connect(t, c)
	return h, receive(t, sockets), c
}

// TestOptionalArguments is about what goes over the wire: trailing arguments are
// left out, those before another are null.
func TestOptionalArguments(t *testing.T) {
	_, s, c := newArguments(t)
	wire := make(chan string, 1)
	c.OnAny(func(_ context.Context, _ string, args runtime.Any) { wire <- string(marshal(t, args)) })
	b, point, null := "b", arguments.Point{X: 1, Y: 2}, runtime.Any{}
	for _, test := range []struct {
		what string
		emit error
		want string
	}{
		{"none", s.EmitOptional(1, nil, nil, nil, nil, nil), `[1]`},
		{"first", s.EmitOptional(1, &b, nil, nil, nil, nil), `[1,"b"]`},
		{"second", s.EmitOptional(1, nil, &point, nil, nil, nil), `[1,null,{"x":1,"y":2}]`},
		{"empty bytes", s.EmitOptional(1, nil, nil, []byte{}, nil, nil), `[1,null,null,""]`},
		{"empty list", s.EmitOptional(1, nil, nil, nil, []int{}, nil), `[1,null,null,null,[]]`},
		{"null any", s.EmitOptional(1, nil, nil, nil, nil, &null), `[1,null,null,null,null,null]`},
		{"nullable, null", s.EmitNullable(nil, nil, nil), `[null,null,null]`},
		{"nullable", s.EmitNullable(&b, &point, []byte{}), `["b",{"x":1,"y":2},""]`},
		{"three states, absent", s.EmitThreeState(runtime.Optional[string]{}, runtime.Optional[arguments.Point]{}), `[]`},
		{"three states, null", s.EmitThreeState(runtime.Null[string](), runtime.Optional[arguments.Point]{}), `[null]`},
		{"three states, last", s.EmitThreeState(runtime.Optional[string]{}, runtime.Some(point)), `[null,{"x":1,"y":2}]`},
		{"variadic, none", s.EmitVariadic("a"), `["a"]`},
		{"variadic", s.EmitVariadic("a", 1, 2), `["a",1,2]`},
		{"variadic structs", s.EmitPoints(point, point), `[{"x":1,"y":2},{"x":1,"y":2}]`},
		{"variadic bytes", s.EmitBlobs([]byte("a"), []byte("b")), `["YQ==","Yg=="]`},
	} {
		if test.emit != nil {
			t.Errorf("%s: %v", test.what, test.emit)
			continue
		}
		if got := receive(t, wire); got != test.want {
			t.Errorf("%s: got %s, want %s", test.what, got, test.want)
		}
	}
}

func TestOptionalArgumentsArrive(t *testing.T) {
	_, s, c := newArguments(t)
	got := make(chan string, 1)
	c.OnOptional(func(_ context.Context, a int, b *string, p *arguments.Point, d []byte, e []int, f *runtime.Any) error {
		got <- fmt.Sprint(a, b != nil, p != nil, d != nil, e != nil, f != nil)
		return nil
	})
	c.OnThreeState(func(_ context.Context, a runtime.Optional[string], b runtime.Optional[arguments.Point]) error {
		got <- fmt.Sprint(a.IsAbsent(), a.IsNull(), b.IsAbsent(), b.IsNull())
		return nil
	})
	for _, test := range []struct {
		event string
		args  []any
		want  string
	}{
		{"optional", []any{`1`}, "1 false false false false false"},
		{"optional", []any{`1`, `"b"`, `{"x":1,"y":2}`, []byte{}, `[]`, `null`}, "1 true true true true true"},
		{"optional", []any{`1`, `null`, `null`, `null`, `null`}, "1 false false false false false"},
		{"threeState", nil, "true false true false"},
		{"threeState", []any{`null`}, "false true true false"},
		{"threeState", []any{`"a"`, `null`}, "false false false true"},
	} {
		if err := s.Send(raw(t, test.event, test.args...)); err != nil {
			t.Fatal(err)
		}
		if state := receive(t, got); state != test.want {
			t.Errorf("%s%v: got %s, want %s", test.event, test.args, state, test.want)
		}
	}
}

// TestNullMeansAbsentBeforeAnAcknowledgement: JavaScript can't leave out an
// argument in front of the callback.
func TestNullMeansAbsentBeforeAnAcknowledgement(t *testing.T) {
	h, s, c := newArguments(t)
	s.OnOptionalAck(func(_ context.Context, a int, b *string, p *arguments.Point, d []byte, e *runtime.Any) (int, error) {
		for _, there := range []bool{b != nil, p != nil, d != nil, e != nil} {
			if there {
				a++
			}
		}
		return a, nil
	})
	s.OnThreeStateAck(func(_ context.Context, a runtime.Optional[string]) (runtime.Optional[string], error) { return a, nil })
	ctx := testContext(t)
	if n, err := c.EmitOptionalAck(ctx, 10, nil, nil, nil, nil); n != 10 || err != nil {
		t.Errorf("absent: %d, %v", n, err)
	}
	if got, want := string(h.received(t, "optionalAck")), `[10,null,null,null,null]`; got != want {
		t.Errorf("absent: the wire has %s, want %s", got, want)
	}
	b, value := "b", runtime.Any{}
	if n, err := c.EmitOptionalAck(ctx, 10, &b, &arguments.Point{}, []byte{}, &value); n != 13 || err != nil {
		t.Errorf("present: %d, %v (a null any counts as absent)", n, err)
	}
	for _, sent := range []runtime.Optional[string]{{}, runtime.Null[string](), runtime.Some("x")} {
		back, err := c.EmitThreeStateAck(ctx, sent)
		_, want := sent.Get()
		if _, got := back.Get(); err != nil || got != want || !got && !back.IsAbsent() {
			t.Errorf("%+v came back as %+v, %v", sent, back, err)
		}
	}
}

func TestVariadicArguments(t *testing.T) {
	_, s, c := newArguments(t)
	s.OnVariadicAck(func(_ context.Context, rest ...string) (int, error) { return len(rest), nil })
	s.OnLimited(func(_ context.Context, rest ...string) (int, error) { return len(rest), nil })
	invalid := make(chan string, 1)
	c.OnVariadic(func(context.Context, string, ...int) error { return nil })
	c.OnInvalid(func(_ context.Context, err *runtime.DecodeError) error {
		invalid <- err.Error()
		return nil
	})
	if n, err := c.EmitVariadicAck(testContext(t), "a", "b", "c"); n != 3 || err != nil {
		t.Errorf("three: %d, %v", n, err)
	}
	if n, err := c.EmitVariadicAck(testContext(t)); n != 0 || err != nil {
		t.Errorf("none: %d, %v", n, err)
	}
	if err := s.Send(raw(t, "variadic", `"a"`, `1`, `2.5`)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("variadic.rest[1]: 2.5 is not an int", receive(t, invalid)); diff != "" {
		t.Errorf("an invalid element (-want +got):\n%s", diff)
	}
}
