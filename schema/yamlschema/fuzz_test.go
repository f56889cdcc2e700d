package yamlschema_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/yamlschema"
)

// FuzzLoad holds for any bytes: no panic, every diagnostic has a known code
// and points into the file, a schema without errors is complete, and the
// renderers cope.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(casesDir, "*", "*.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(files, "../../examples/events.yaml") {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		read := func(name string) ([]byte, error) {
			if name == "fuzz.yaml" {
				return text, nil
			}
			return nil, fs.ErrNotExist
		}
		s, ds := yamlschema.Load("fuzz.yaml", yamlschema.Options{ReadFile: read})
		lines := bytes.Count(text, []byte("\n")) + 1
		for _, d := range ds {
			checkDiagnostic(t, d, lines)
		}
		if !diag.HasErrors(ds) {
			checkComplete(t, s)
			schema.Fingerprint(s)
		}
		var out bytes.Buffer
		source := func(string) []byte { return text }
		for _, err := range []error{diag.Text(&out, ds, source, true), diag.JSON(&out, ds), diag.GitHub(&out, ds)} {
			if err != nil {
				t.Error(err)
			}
		}
	})
}

func checkDiagnostic(t *testing.T, d diag.Diagnostic, lines int) {
	t.Helper()
	if d.Span.File != "fuzz.yaml" || d.Span.Line < 1 || d.Span.Line > lines || d.Span.Col < 1 {
		t.Errorf("%+v does not point into the file of %d lines", d, lines)
	}
	if d.Message == "" {
		t.Errorf("%+v says nothing", d)
	}
	for _, code := range diag.Codes() {
		if code.ID == d.Code {
			return
		}
	}
	t.Errorf("%+v has an unknown code", d)
}

// checkComplete fails for a schema that a generator could not use.
func checkComplete(t *testing.T, s *schema.Schema) {
	t.Helper()
	if s == nil || s.Package == "" || len(s.Namespaces) == 0 || s.Namespaces[0].Name != "/" {
		t.Fatalf("not a schema: %+v", s)
	}
	for _, decl := range s.Types {
		switch body := decl.Body.(type) {
		case *schema.Struct:
			checkFields(t, body.Fields)
		case *schema.Alias:
			checkType(t, body.Type)
		case *schema.Union:
			for _, v := range body.Variants {
				checkType(t, v.Type)
			}
		case *schema.Enum:
			if len(body.Values) == 0 {
				t.Errorf("%s has no values", decl.Name)
			}
		default:
			t.Errorf("%s has no body", decl.Name)
		}
	}
	for _, ns := range s.Namespaces {
		for _, events := range ns.Directions() {
			for _, event := range events {
				checkFields(t, event.Args)
				if event.Ack != nil {
					checkFields(t, event.Ack.Args)
				}
			}
		}
	}
}

func checkFields(t *testing.T, fields []*schema.Field) {
	t.Helper()
	for _, f := range fields {
		checkType(t, f.Type)
	}
}

func checkType(t *testing.T, typ schema.Type) {
	t.Helper()
	if typ == nil {
		t.Fatal("a type is missing")
	}
	schema.WalkType(typ, func(inner schema.Type) {
		if ref, ok := inner.(*schema.Ref); ok && (ref == nil || ref.Decl == nil) {
			t.Fatalf("%+v is not resolved", ref)
		}
		if n, ok := inner.(*schema.Nullable); ok {
			if _, twice := n.Elem.(*schema.Nullable); twice {
				t.Fatalf("null twice at %+v", n.Span)
			}
		}
	})
}
