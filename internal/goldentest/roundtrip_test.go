package goldentest

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/testdata/golden/collections"
	"github.com/siogen/siogen/testdata/golden/enums"
	"github.com/siogen/siogen/testdata/golden/recursion"
	"github.com/siogen/siogen/testdata/golden/scalars"
	"github.com/siogen/siogen/testdata/golden/structs"
)

// roundTrips is how many random values of a type make the trip.
const roundTrips = 200

// checkRoundTrips sends random values with an event that echoes its argument.
// encoding/json is the oracle: what is on the wire, and what comes back, is what
// it makes of the value sent.
func checkRoundTrips[T any](t *testing.T, h *host, event string, echo func(ctx context.Context, v T) (T, error)) {
	t.Helper()
	ctx := testContext(t)
	for seed := range uint64(roundTrips) {
		var sent T
		newRandom(t, seed).fill(reflect.ValueOf(&sent).Elem(), false, 0)
		got, err := echo(ctx, sent)
		if err != nil {
			t.Fatalf("seed %d: %v\nof %s", seed, err, marshal(t, sent))
		}
		want := plain(t, marshal(t, sent))
		if diff := cmp.Diff(want, plain(t, marshal(t, got))); diff != "" {
			t.Fatalf("seed %d: what comes back differs (-sent +got):\n%s", seed, diff)
		}
		if diff := cmp.Diff([]any{want}, plain(t, h.received(t, event))); diff != "" {
			t.Fatalf("seed %d: the wire differs (-encoding/json +wire):\n%s", seed, diff)
		}
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// plain decodes JSON with numbers as they are written. encoding/json has no way to
// write the numbers of a list as strings, so a number equals its text.
func plain(t *testing.T, text []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return numbersAsText(v)
}

func numbersAsText(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case []any:
		for i := range v {
			v[i] = numbersAsText(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbersAsText(v[k])
		}
	}
	return v
}

func TestScalarsMakeTheTrip(t *testing.T) {
	h := newHost(t)
	scalars.NewServer(h.Server).OnConnection(func(_ context.Context, s *scalars.ServerSocket) error {
		s.OnAny(h.record)
		s.OnEcho(func(_ context.Context, v scalars.Scalars) (scalars.Scalars, error) { return v, nil })
		return nil
	})
	c := scalars.NewClient(h.url, clientOptions())
	connect(t, c)
	checkRoundTrips(t, h, "echo", c.EmitEcho)
}

func TestStructsMakeTheTrip(t *testing.T) {
	h := newHost(t)
	structs.NewServer(h.Server).OnConnection(func(_ context.Context, s *structs.ServerSocket) error {
		s.OnAny(h.record)
		s.OnEcho(func(_ context.Context, v structs.Person) (structs.Person, error) { return v, nil })
		return nil
	})
	c := structs.NewClient(h.url, clientOptions())
	connect(t, c)
	checkRoundTrips(t, h, "echo", c.EmitEcho)
}

func TestEnumsMakeTheTrip(t *testing.T) {
	h := newHost(t)
	enums.NewServer(h.Server).OnConnection(func(_ context.Context, s *enums.ServerSocket) error {
		s.OnAny(h.record)
		s.OnEcho(func(_ context.Context, v enums.Job) (enums.Job, error) { return v, nil })
		return nil
	})
	c := enums.NewClient(h.url, clientOptions())
	connect(t, c)
	checkRoundTrips(t, h, "echo", c.EmitEcho)
}

func TestCollectionsMakeTheTrip(t *testing.T) {
	h := newHost(t)
	collections.NewServer(h.Server).OnConnection(func(_ context.Context, s *collections.ServerSocket) error {
		s.OnAny(h.record)
		s.OnEcho(func(_ context.Context, v collections.Deep) (collections.Deep, error) { return v, nil })
		return nil
	})
	c := collections.NewClient(h.url, clientOptions())
	connect(t, c)
	checkRoundTrips(t, h, "echo", c.EmitEcho)
}

func TestRecursiveTypesMakeTheTrip(t *testing.T) {
	h := newHost(t)
	recursion.NewServer(h.Server).OnConnection(func(_ context.Context, s *recursion.ServerSocket) error {
		s.OnAny(h.record)
		s.OnTree(func(_ context.Context, v recursion.Tree) (recursion.Tree, error) { return v, nil })
		s.OnForest(func(_ context.Context, v recursion.Forest) (recursion.Forest, error) { return v, nil })
		s.OnAb(func(_ context.Context, v recursion.A) (recursion.A, error) { return v, nil })
		return nil
	})
	c := recursion.NewClient(h.url, clientOptions())
	connect(t, c)
	checkRoundTrips(t, h, "tree", c.EmitTree)
	checkRoundTrips(t, h, "forest", c.EmitForest)
	checkRoundTrips(t, h, "ab", c.EmitAb)
}
