package goschema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/goschema"
	"github.com/siogen/siogen/schema/yamlschema"
)

// sameContract compares contracts by what they say: not by where, nor by whose
// Go types stand for it.
func sameContract() cmp.Option {
	return cmp.Options{
		cmpopts.EquateEmpty(),
		cmpopts.IgnoreTypes(diag.Span{}, &schema.ConstraintPlaces{}, &schema.GoName{}, &schema.GoForm{}, &schema.GoField{}),
		cmpopts.IgnoreFields(schema.Ref{}, "Decl"),
	}
}

func mustLoad(t *testing.T, pattern string) *schema.Schema {
	t.Helper()
	s, diags, err := goschema.Load(t.Context(), pattern, goschema.Options{Dir: "../.."})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diags {
		t.Errorf("%s:%d:%d: %s: %s", d.Span.File, d.Span.Line, d.Span.Col, d.Code, d.Message)
	}
	if t.Failed() {
		t.FailNow()
	}
	return s
}

func TestTheSameContractInGoAndInYAMLIsTheSame(t *testing.T) {
	want, diags := yamlschema.Load("../../examples/events.yaml", yamlschema.Options{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	got := mustLoad(t, "./examples/gochat/chat")
	if d := cmp.Diff(want, got, sameContract()); d != "" {
		t.Errorf("the contracts differ (-yaml +go):\n%s", d)
	}
}

func TestTheContractOfTheDocumentationIsOne(t *testing.T) {
	s := mustLoad(t, "./docs/snippets/events")
	if n := len(s.Namespaces); n != 2 {
		t.Errorf("it has %d namespaces, want 2", n)
	}
}
