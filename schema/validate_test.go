package schema_test

import (
	"testing"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

func TestValidateAcceptsTheExample(t *testing.T) {
	if ds := schema.Validate(example(t)); len(ds) > 0 {
		t.Errorf("%+v", ds)
	}
}

// A loader that has reported problems hands on what it has: missing bodies,
// types and targets are no reason to panic or to complain again.
func TestValidatePassesOverWhatIsMissing(t *testing.T) {
	unresolved := &schema.Ref{Name: "Gone"}
	s := &schema.Schema{
		Types: []*schema.Decl{
			{Name: "NoBody"},
			{Name: "NoType", Body: &schema.Alias{}},
			{Name: "Lost", Body: &schema.Alias{Type: unresolved}},
			{Name: "Fields", Body: &schema.Struct{Fields: []*schema.Field{{Name: "a"}, {Name: "b", Type: unresolved}}}},
			{Name: "Union", Body: &schema.Union{Tag: "kind", Variants: []*schema.Variant{{Tag: "a"}, {Tag: "b", Type: unresolved}}}},
		},
		Namespaces: []*schema.Namespace{{
			Name: "/", Auth: unresolved, SocketData: unresolved,
			ClientToServer: []*schema.Event{{Name: "e", Args: []*schema.Field{{Name: "a"}}, Ack: &schema.Ack{Error: unresolved}}},
		}},
	}
	if ds := schema.Validate(s); len(ds) > 0 {
		t.Errorf("%+v", ds)
	}
}

// Without places for constraints, as other sources than YAML may have it, the
// field itself is pointed at.
func TestConstraintsPointAtTheFieldWithoutPlaces(t *testing.T) {
	low, high := 5.0, 3.0
	at := diag.Span{File: "x.go", Line: 7, Col: 2}
	s := &schema.Schema{Package: "p", Types: []*schema.Decl{{Name: "T", Body: &schema.Struct{Fields: []*schema.Field{{
		Name: "a", Span: at, Type: &schema.Primitive{Kind: schema.Int}, Constraints: schema.Constraints{Minimum: &low, Maximum: &high},
	}}}}}}
	ds := schema.Validate(s)
	if len(ds) != 1 || ds[0].Code != diag.CodeConstraintConflict || ds[0].Span != at {
		t.Errorf("%+v", ds)
	}
}

func TestIntegerRange(t *testing.T) {
	tests := []struct {
		kind      schema.Kind
		asString  bool
		low, high float64
		ok        bool
	}{
		{schema.Int8, false, -128, 127, true},
		{schema.Uint16, false, 0, 65535, true},
		{schema.Int, false, -9007199254740991, 9007199254740991, true},
		{schema.Uint64, false, 0, 9007199254740991, true},
		{schema.Int64, true, -9223372036854775808, 9223372036854774784, true},
		{schema.Uint64, true, 0, 18446744073709549568, true},
		{schema.Float64, false, 0, 0, false},
		{schema.String, false, 0, 0, false},
	}
	for _, tt := range tests {
		low, high, ok := tt.kind.IntegerRange(tt.asString)
		if low != tt.low || high != tt.high || ok != tt.ok {
			t.Errorf("%v, as string %v: %v to %v, %v", tt.kind, tt.asString, low, high, ok)
		}
	}
}

func TestResolve(t *testing.T) {
	text := &schema.Primitive{Kind: schema.String}
	name := &schema.Decl{Name: "Name", Body: &schema.Alias{Type: text}}
	nick := &schema.Decl{Name: "Nick", Body: &schema.Alias{Type: &schema.Ref{Name: "Name", Decl: name}}}
	user := &schema.Decl{Name: "User", Body: &schema.Struct{}}
	loop := &schema.Decl{Name: "Loop"}
	loop.Body = &schema.Alias{Type: &schema.Ref{Name: "Loop", Decl: loop}}

	if got := schema.Resolve(&schema.Ref{Decl: nick}); got != text {
		t.Errorf("an alias of an alias is %v", got)
	}
	if got, ok := schema.Resolve(&schema.Ref{Decl: user}).(*schema.Ref); !ok || got.Decl != user {
		t.Errorf("a struct is %v", got)
	}
	if got := schema.Resolve(&schema.Ref{Decl: loop}); got != nil {
		t.Errorf("an endless alias is %v", got)
	}
}
