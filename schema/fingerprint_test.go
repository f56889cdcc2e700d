package schema_test

import (
	"reflect"
	"testing"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/yamlschema"
)

func example(t *testing.T) *schema.Schema {
	t.Helper()
	s, ds := yamlschema.Load("../examples/events.yaml", yamlschema.Options{})
	if diag.HasErrors(ds) {
		t.Fatalf("%+v", ds)
	}
	return s
}

func TestFingerprintIsTheSameForTheSameSchema(t *testing.T) {
	a, b := example(t), example(t)
	if schema.Fingerprint(a) != schema.Fingerprint(b) {
		t.Error("two loads of one file differ")
	}
	if len(schema.Fingerprint(a)) != 64 {
		t.Errorf("%q is no SHA-256", schema.Fingerprint(a))
	}
}

func TestFingerprintIgnoresPlaces(t *testing.T) {
	read := func(text string) *schema.Schema {
		s, _ := yamlschema.Load("a.yaml", yamlschema.Options{ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
		return s
	}
	a := read("package: p\ntypes: {A: {type: int, minimum: 1}}\n")
	b := read("# moved\npackage:   'p'\ntypes:\n  A:\n    minimum: 1.0\n    type: int\n")
	if schema.Fingerprint(a) != schema.Fingerprint(b) {
		t.Error("moving the text changes the fingerprint")
	}
}

// Whatever a schema says counts: changing any text, number or switch of the
// example, one at a time, gives another fingerprint.
func TestFingerprintSeesEveryChange(t *testing.T) {
	s := example(t)
	before := schema.Fingerprint(s)
	changes := 0
	seen := map[any]bool{}
	var visit func(v reflect.Value, path string)
	visit = func(v reflect.Value, path string) {
		changed := func() {
			changes++
			if schema.Fingerprint(s) == before {
				t.Errorf("a change of %s is not seen", path)
			}
		}
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() && !seen[v.Interface()] {
				seen[v.Interface()] = true
				visit(v.Elem(), path)
			}
		case reflect.Interface:
			visit(v.Elem(), path)
		case reflect.Struct:
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				if v.Field(i).Type() == reflect.TypeFor[diag.Span]() || name == "Places" || name == "Decl" {
					continue
				}
				visit(v.Field(i), path+"."+name)
			}
		case reflect.Slice:
			for i := range v.Len() {
				visit(v.Index(i), path)
			}
			if v.Len() > 0 {
				old := reflect.ValueOf(v.Interface())
				v.Set(v.Slice(0, v.Len()-1))
				changed()
				v.Set(old)
			}
		case reflect.String:
			old := v.String()
			v.SetString(old + "x")
			changed()
			v.SetString(old)
		case reflect.Bool:
			v.SetBool(!v.Bool())
			changed()
			v.SetBool(!v.Bool())
		case reflect.Int:
			v.SetInt(v.Int() + 1)
			changed()
			v.SetInt(v.Int() - 1)
		case reflect.Uint8:
			v.SetUint(v.Uint() + 1)
			changed()
			v.SetUint(v.Uint() - 1)
		case reflect.Float64:
			v.SetFloat(v.Float() + 1)
			changed()
			v.SetFloat(v.Float() - 1)
		}
	}
	visit(reflect.ValueOf(s), "Schema")
	if changes < 300 {
		t.Errorf("only %d changes were tried", changes)
	}
}
