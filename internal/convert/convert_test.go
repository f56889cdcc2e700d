package convert_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/siogen/siogen/internal/convert"
	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/goschema"
	"github.com/siogen/siogen/schema/yamlschema"
)

// schemas are all schema files of the repository that are valid.
func schemas(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/golden/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schemas: %v", err)
	}
	return append(files, "../../examples/events.yaml", "testdata/everything.yaml")
}

func loadYAML(t *testing.T, name string, text []byte) *schema.Schema {
	t.Helper()
	o := yamlschema.Options{}
	if text != nil {
		o.ReadFile = func(string) ([]byte, error) { return text, nil }
	}
	s, diags := yamlschema.Load(name, o)
	if len(diags) > 0 {
		t.Fatalf("%v\n%s", diags, text)
	}
	return s
}

// sameContract compares contracts by what they say: not by where, nor by whose
// Go types stand for it, nor by which of two ways they say it.
func sameContract() cmp.Option {
	return cmp.Options{
		cmpopts.EquateEmpty(),
		cmpopts.IgnoreTypes(diag.Span{}, &schema.ConstraintPlaces{}, &schema.GoName{}, &schema.GoForm{}, &schema.GoField{}),
		cmpopts.IgnoreFields(schema.Ref{}, "Decl"),
		cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".GoName" }, cmp.Comparer(func(_, _ string) bool { return true })),
	}
}

func TestYAMLAndBackIsTheSame(t *testing.T) {
	for _, file := range schemas(t) {
		t.Run(file, func(t *testing.T) {
			want := loadYAML(t, file, nil)
			text, err := convert.YAML(want)
			if err != nil {
				t.Fatal(err)
			}
			got := loadYAML(t, file, text)
			if d := cmp.Diff(want, got, sameContract()); d != "" {
				t.Errorf("differs (-before +after):\n%s\n%s", d, text)
			}
			sameNames(t, want, got)
		})
	}
}

func TestGoInterfacesAndBackIsTheSame(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range schemas(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			want := loadYAML(t, file, nil)
			text, err := convert.Go(want)
			if err != nil {
				t.Fatal(err)
			}
			// Package codec declares the same types and has few dependencies to load.
			text = bytes.Replace(text, []byte(`import "github.com/siogen/siogen/runtime"`), []byte(`import runtime "github.com/siogen/siogen/runtime/codec"`), 1)
			name := filepath.Join(root, "internal", "convert", "testdata", "overlay", "contract.go")
			got, diags, err := goschema.Load(t.Context(), "./internal/convert/testdata/overlay", goschema.Options{
				Dir: root, Overlay: map[string][]byte{name: text},
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(diags) > 0 {
				diag.Text(os.Stderr, diags, func(string) []byte { return text }, false)
				t.Fatalf("diagnostics in:\n%s", text)
			}
			if d := cmp.Diff(want, got, sameContract()); d != "" {
				t.Errorf("differs (-before +after):\n%s\n%s", d, text)
			}
			sameNames(t, want, got)
		})
	}
}

// sameNames compares what everything is called in generated code: Go names that
// a schema gives may be left out of another where they follow.
func sameNames(t *testing.T, a, b *schema.Schema) {
	t.Helper()
	if d := cmp.Diff(allNames(t, a), allNames(t, b)); d != "" {
		t.Errorf("names differ (-before +after):\n%s", d)
	}
}

func allNames(t *testing.T, s *schema.Schema) []string {
	t.Helper()
	names, diags := naming.Resolve(s)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	var all []string
	fields := func(list []*schema.Field) {
		for _, f := range list {
			all = append(all, f.Name+": "+names.Field(f)+" "+names.Arg(f)+" "+names.TSArg(f))
		}
	}
	for _, d := range s.Types {
		all = append(all, d.Name+": "+names.Type(d))
		switch body := d.Body.(type) {
		case *schema.Struct:
			fields(body.Fields)
		case *schema.Enum:
			for _, v := range body.Values {
				all = append(all, v.Value+": "+names.EnumConst(d, v))
			}
		}
	}
	for _, ns := range s.Namespaces {
		all = append(all, ns.Name+": "+names.Prefix(ns))
		for _, events := range ns.Directions() {
			for _, e := range events {
				all = append(all, e.Name+": "+names.Event(e))
				fields(e.Args)
				if e.Ack != nil {
					fields(e.Ack.Args)
				}
			}
		}
	}
	return all
}
