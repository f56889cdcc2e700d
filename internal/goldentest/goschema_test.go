package goldentest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/goschema/beside"
	"github.com/siogen/siogen/testdata/goschema/types"
	"github.com/siogen/siogen/testdata/goschema/types/gen"
	"github.com/siogen/siogen/testdata/goschema/types/geo"
)

// goValues are values of the types that the contract of package types declares.
type goValues struct {
	s types.Scalars
	c types.Collections
	p types.Presence
	e types.Embedding
	m types.Marshallers
}

func fullValues() goValues {
	word, number, blob, list := "word", 7, types.Blob("blob"), []string{"a"}
	var shape types.Shape = &types.Square{Side: 2}
	id := uuid.MustParse("f47ac10b-58cc-4372-a567-0e02b2c3d479")
	return goValues{
		s: types.Scalars{
			Bool: true, String: "text", Int: -1, Int8: -8, Rune: 'é', Int64: 1 << 60, Byte: 255, Uint64: 1 << 50,
			Float32: 1.5, Float64: 1e300, Bytes: []byte{1, 2}, Time: time.UnixMilli(1).UTC(), Key: "key", Role: types.Guest,
			Level: types.High, Big: []uint64{1 << 63}, Ignored: nil,
		},
		c: types.Collections{
			List: list, Pointers: []*types.User{nil, {Name: "Ann"}}, Array: [3]int{1, 2, 3},
			Matrix: [2][2]float32{{1, 2}, {3, 4}}, Map: map[string]types.User{"a": {Name: "b"}},
			Keyed: map[types.Key][]types.Role{"b": {types.RoleAdmin}, "a": {}}, Nested: map[string]map[types.Key]*int{"x": {"y": &number, "z": nil}},
			Blob: blob, Tags: types.Tags{"t"}, Alias: types.Alias{"u"},
			Bare: []struct {
				A int  `json:"a"`
				B *int `json:"b,omitempty"`
			}{{A: 1, B: &number}, {A: 2}},
		},
		p: types.Presence{
			Null: &word, NullList: &list, NullBlob: &blob, NullShape: &shape, NullUser: &types.User{Name: "Bob"},
			Pointer: &word, PointerList: &list, Zero: word, Bool: true, Number: number, Role: types.RoleAdmin, Level: types.High,
			List: list, NilList: []string{}, Map: map[string]int{"a": 1}, Struct: geo.Point{Lat: 1}, Time: time.UnixMilli(2).UTC(),
			Shape: shape, Three: runtime.Some(word), ThreeUser: runtime.Some(&types.User{Name: "Cid"}), Nothing: &word,
			Any: map[string]any{"a": []any{1.5, nil}}, Raw: json.RawMessage(`{"raw":true}`), Self: &types.Presence{Null: &word}, Constrained: &word,
		},
		e: types.Embedding{Base: types.Base{ID: 1}, More: &types.More{Extra: "extra", Note: &number}, Named: types.Base{ID: 2, Kind: "k"}, Kind: "own"},
		m: types.Marshallers{
			ID: id, IDs: []uuid.UUID{id}, Color: geo.RGB(1, 2, 255), Path: geo.NewPath("a", "b"),
			Paths: map[string]*geo.Path{"p": ptr(geo.NewPath("c")), "n": nil}, Tagged: "tag",
		},
	}
}

func ptr[T any](v T) *T { return &v }

// leastValues has as little as the contract allows.
func leastValues() goValues {
	o := goValues{}
	o.s.Key, o.s.Role = "k", types.RoleAdmin
	o.m.Path = geo.NewPath("")
	return o
}

func serveTypes(t *testing.T) (*host, *gen.Client) {
	h := newHost(t)
	gen.NewServer(h.Server).OnConnection(func(_ context.Context, s *gen.ServerSocket) error {
		s.OnAny(h.record)
		s.OnEcho(func(_ context.Context, a types.Scalars, c types.Collections, p types.Presence, e types.Embedding, m types.Marshallers) (
			types.Scalars, types.Collections, types.Presence, types.Embedding, types.Marshallers, error) {
			return a, c, p, e, m, nil
		})
		s.OnDraw(func(_ context.Context, shape types.Shape) (types.Shape, error) {
			if shape == (types.Shape)(nil) {
				return nil, &types.DrawError{Message: "nothing to draw"}
			}
			if c, ok := shape.(*types.Circle); ok {
				return types.Circle{Radius: c.Radius * 2}, nil // by value, as the interface allows
			}
			return nil, &types.DrawError{Message: "only circles"}
		})
		s.OnFail(func(context.Context) error { return types.FailureBroken })
		return nil
	})
	c := gen.NewClient(h.url, clientOptions())
	connect(t, c)
	return h, c
}

// The wire is what encoding/json makes of the user's types, but for nil lists and
// maps, and what comes back is what was sent.
func TestTypesOfAGoContractTravelAsEncodingJSONHasThem(t *testing.T) {
	h, c := serveTypes(t)
	sent := fullValues()
	s, cs, p, e, m, err := c.EmitEcho(testContext(t), sent.s, sent.c, sent.p, sent.e, sent.m)
	if err != nil {
		t.Fatal(err)
	}
	want := plain(t, marshal(t, []any{sent.s, sent.c, sent.p, sent.e, &sent.m}))
	if d := cmp.Diff(want, plain(t, marshal(t, []any{s, cs, p, e, &m}))); d != "" {
		t.Errorf("what comes back differs (-sent +got):\n%s", d)
	}
	presence := want.([]any)[2].(map[string]any)
	for _, shape := range []string{"shape", "nullShape"} {
		presence[shape].(map[string]any)["kind"] = "box" // the tag is the union's, not the struct's
	}
	if d := cmp.Diff(want, plain(t, h.received(t, "echo"))); d != "" {
		t.Errorf("the wire differs (-encoding/json +wire):\n%s", d)
	}
	if got, ok := (*p.NullShape).(*types.Square); !ok || got.Side != 2 {
		t.Errorf("the nullable union came back as %#v", p.NullShape)
	}
}

func TestAbsentFieldsOfAGoContractStayAbsent(t *testing.T) {
	h, c := serveTypes(t)
	sent := leastValues()
	_, cs, p, e, _, err := c.EmitEcho(testContext(t), sent.s, sent.c, sent.p, sent.e, sent.m)
	if err != nil {
		t.Fatal(err)
	}
	if p.List != nil || p.NilList != nil || p.Pointer != nil || p.Shape != nil || !p.Three.IsAbsent() || p.Self != nil || e.More != nil {
		t.Errorf("came back as %+v, %+v", p, e)
	}
	if cs.List == nil || cs.Map == nil {
		t.Error("a list and a map that were nil came back as nil, not empty")
	}
	var args []map[string]any
	if err := json.Unmarshal(h.received(t, "echo"), &args); err != nil {
		t.Fatal(err)
	}
	wantPresence := map[string]any{"null": nil, "nullList": nil, "nullBlob": nil, "nullShape": nil, "nullUser": nil, "nothing": nil}
	if d := cmp.Diff(wantPresence, args[2]); d != "" {
		t.Errorf("presence differs (-want +got):\n%s", d)
	}
	wantEmbedding := map[string]any{"id": 0.0, "visible": 0.0, "kind": "", "named": map[string]any{"id": 0.0, "kind": ""}}
	if d := cmp.Diff(wantEmbedding, args[3]); d != "" {
		t.Errorf("embedding differs (-want +got):\n%s", d)
	}
}

func TestUnionsAndErrorsOfAGoContract(t *testing.T) {
	_, c := serveTypes(t)
	shape, err := c.EmitDraw(testContext(t), types.Circle{Radius: 2})
	if circle, ok := shape.(*types.Circle); err != nil || !ok || circle.Radius != 4 {
		t.Errorf("got %#v, %v", shape, err)
	}
	_, err = c.EmitDraw(testContext(t), &types.Square{})
	if got := asError[*types.DrawError](t, err).Message; got != "only circles" {
		t.Errorf("got %q", got)
	}
	if got := asError[types.Failure](t, c.EmitFail(testContext(t))); got != types.FailureBroken {
		t.Errorf("got %q", got)
	}
}

func TestPayloadsOfAGoContractAreChecked(t *testing.T) {
	h := newHost(t)
	srv := gen.NewServer(h.Server)
	invalid := make(chan string, 1)
	srv.OnInvalid(func(_ context.Context, _ *gen.ServerSocket, err *runtime.DecodeError) error {
		invalid <- err.Error()
		return nil
	})
	srv.Handle(gen.UnimplementedServerHandler{})
	c := gen.NewClient(h.url, clientOptions())
	connect(t, c)
	for shape, want := range map[string]string{
		`{"kind":"circle","radius":-1}`: "draw.shape.radius: must be at least 0",
		`{"kind":"hexagon"}`:            `draw.shape.kind: "hexagon" is not a Shape: expected "circle" or "box"`,
	} {
		if err := c.Send(raw(t, "draw", shape)); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, invalid); got != want {
			t.Errorf("%s: got %q, want %q", shape, got, want)
		}
	}
	full := fullValues()
	good := parsed(t, string(marshal(t, full.c)))
	for patch, want := range map[string]string{
		`{"array":[1,2]}`:            "echo.c.array: must have exactly 3 items",
		`{"array":[1,2,3,4]}`:        "echo.c.array: must have exactly 3 items",
		`{"keyed":{"a":["nobody"]}}`: `echo.c.keyed.a[0]: "nobody" is not a Role`,
	} {
		object := patched(t, good, patch)
		object["blob"] = []byte("blob")
		if err := c.Send(raw(t, "echo", wireScalars(t, full), object)); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, invalid); got != want {
			t.Errorf("%s: got %q, want %q", patch, got, want)
		}
	}
}

func wireScalars(t *testing.T, o goValues) map[string]any {
	t.Helper()
	s := parsed(t, string(marshal(t, o.s)))
	s["bytes"] = []byte{1}
	s["big"] = []any{"1"}
	return s
}

func TestGeneratedBesideItsContract(t *testing.T) {
	h := newHost(t)
	beside.Serve(h.Server)
	c := beside.NewClient(h.url, clientOptions())
	joined := make(chan string, 1)
	beside.OnJoinedName(c, func(name string) { joined <- name })
	connect(t, c)
	id, err := c.EmitJoin(testContext(t), "Ann")
	if err != nil || id != 1 {
		t.Fatalf("got %v, %v", id, err)
	}
	if name := receive(t, joined); name != "Ann" {
		t.Errorf("got %q", name)
	}
}
