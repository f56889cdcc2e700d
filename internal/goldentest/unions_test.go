package goldentest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/unions"
)

func newUnions(t *testing.T) (*host, *unions.Client) {
	t.Helper()
	h := newHost(t)
	unions.NewServer(h.Server).OnConnection(func(_ context.Context, s *unions.ServerSocket) error {
		s.OnAny(h.record)
		s.OnEcho(func(_ context.Context, d unions.Drawing) (unions.Drawing, error) { return d, nil })
		s.OnShapes(func(_ context.Context, all ...unions.Shape) (unions.Shape, error) {
			if len(all) == 0 {
				return nil, nil
			}
			return all[0], nil
		})
		return nil
	})
	c := unions.NewClient(h.url, clientOptions())
	connect(t, c)
	return h, c
}

func TestUnionsCarryTheirTag(t *testing.T) {
	h, c := newUnions(t)
	label := "unit"
	sent := unions.Drawing{
		Main:  &unions.Circle{Radius: 1},
		Next:  runtime.Some[unions.Shape](&unions.Square{Side: 2, Label: &label}),
		All:   []unions.Shape{&unions.Circle{}, &unions.Square{}},
		Named: map[string]unions.Shape{"a": &unions.Circle{Radius: 3}},
		Holes: []unions.Shape{},
		Round: &unions.Ball{Radius: 4, Skin: []byte("x")},
	}
	got, err := c.EmitEcho(testContext(t), sent)
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{
		"main": {"kind": "circle", "radius": 1}, "last": null,
		"next": {"kind": "square", "side": 2, "label": "unit"},
		"all": [{"kind": "circle", "radius": 0}, {"kind": "square", "side": 0}],
		"named": {"a": {"kind": "circle", "radius": 3}}, "holes": [],
		"round": {"type": "ball", "radius": 4, "skin": "eA=="}}]`
	if diff := cmp.Diff(plain(t, []byte(want)), plain(t, h.received(t, "echo"))); diff != "" {
		t.Errorf("the wire differs (-want +got):\n%s", diff)
	}
	if next, ok := got.Next.Get(); !ok || *next.(*unions.Square).Label != "unit" {
		t.Errorf("Next came back as %v", next)
	}
	if main := got.Main.(*unions.Circle); main.Radius != 1 {
		t.Errorf("Main came back as %v", main)
	}
	if got.Spare != nil || got.Last != nil || got.Holes == nil {
		t.Errorf("absent and null came back as %v, %v, %v", got.Spare, got.Last, got.Holes)
	}
}

func TestUnknownVariantOfAnOpenUnionIsKept(t *testing.T) {
	_, c := newUnions(t)
	const drawing = `{"main":{"kind":"circle","radius":1},"last":null,"all":[],"named":{},"holes":null,
		"round":{"type":"egg","yolk":[1]}}`
	got := ask(t, c, "echo", drawing)
	if diff := cmp.Diff(plain(t, []byte("["+drawing+"]")), plain(t, []byte(got))); diff != "" {
		t.Errorf("what comes back differs (-want +got):\n%s", diff)
	}
}

func TestNilWhereAUnionIsRequiredIsAnEncodeError(t *testing.T) {
	_, c := newUnions(t)
	_, err := c.EmitEcho(testContext(t), unions.Drawing{})
	if got, want := asError[*runtime.EncodeError](t, err).Error(), "echo[0].main: Shape is nil"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOptionalUnionAsAcknowledgement(t *testing.T) {
	_, c := newUnions(t)
	first, err := c.EmitShapes(testContext(t))
	if err != nil || first != nil {
		t.Errorf("without shapes: got %v, %v", first, err)
	}
	first, err = c.EmitShapes(testContext(t), &unions.Square{Side: 5}, &unions.Circle{})
	if err != nil || first.(*unions.Square).Side != 5 {
		t.Errorf("with shapes: got %v, %v", first, err)
	}
}
