package deptest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// Generated code reads the bytes of a packet straight into typed arguments: no
// reflection, no encoding/json, nothing untyped.
func TestGeneratedCodeIsTyped(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../../testdata/golden/*/*.siogen.go", "../../examples/*/*/*.siogen.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 50 {
		t.Fatalf("only %d generated files", len(files))
	}
	for _, file := range files {
		if filepath.Base(filepath.Dir(file)) == "mapped" {
			continue // its schema names a type of encoding/json
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if slices.Contains([]string{"reflect", "encoding/json", "unsafe"}, path) {
				t.Errorf("%s imports %s", file, path)
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if n.Name == "any" {
					t.Errorf("%s has the type any", file)
				}
			case *ast.InterfaceType:
				if n.Methods.NumFields() == 0 {
					t.Errorf("%s has the type interface{}", file)
				}
			}
			return true
		})
	}
}
