package golang

import (
	"testing"

	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// TestBounds is about bounds that are no constants of the type that they are for.
func TestBounds(t *testing.T) {
	number := func(x float64) *float64 { return &x }
	for _, test := range []struct {
		what string
		t    schema.Primitive
		c    schema.Constraints
		want []string
	}{
		{"within", schema.Primitive{Kind: schema.Int8}, schema.Constraints{Minimum: number(-3), Maximum: number(4)},
			[]string{"codec.Minimum(d, v, -3)", "codec.Maximum(d, v, 4)"}},
		{"always met", schema.Primitive{Kind: schema.Uint8}, schema.Constraints{Minimum: number(-1), Maximum: number(255)}, nil},
		{"between integers", schema.Primitive{Kind: schema.Int}, schema.Constraints{Minimum: number(0.5), Maximum: number(9.5)},
			[]string{"codec.Minimum(d, v, 1)", "codec.Maximum(d, v, 9)"}},
		{"float", schema.Primitive{Kind: schema.Float64}, schema.Constraints{Minimum: number(0.5), Maximum: number(1e21)},
			[]string{"codec.Minimum(d, v, 0.5)", "codec.Maximum(d, v, 1e+21)"}},
		{"beyond a number", schema.Primitive{Kind: schema.Int64}, schema.Constraints{Maximum: number(1e18)}, nil},
		{"within a decimal string", schema.Primitive{Kind: schema.Int64, AsString: true}, schema.Constraints{Maximum: number(1e18)},
			[]string{"codec.Maximum(d, v, 1000000000000000000)"}},
		{"beyond a decimal string", schema.Primitive{Kind: schema.Int64, AsString: true}, schema.Constraints{Minimum: number(-1e19), Maximum: number(1e19)}, nil},
	} {
		var got []string
		for _, c := range bounds(jen.Id("d"), jen.Id("v"), &test.t, &test.c) {
			got = append(got, jen.Add(c).GoString())
		}
		if len(got) != len(test.want) {
			t.Errorf("%s: got %q, want %q", test.what, got, test.want)
			continue
		}
		for i := range got {
			if got[i] != test.want[i] {
				t.Errorf("%s: got %q, want %q", test.what, got[i], test.want[i])
			}
		}
	}
}
