package goldentest

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"testing"

	_ "github.com/siogen/siogen/testdata/golden/docs"
	_ "github.com/siogen/siogen/testdata/golden/everything"
	_ "github.com/siogen/siogen/testdata/golden/minimal"
	_ "github.com/siogen/siogen/testdata/golden/ts_bytes"
	_ "github.com/siogen/siogen/testdata/golden/ts_events"
	_ "github.com/siogen/siogen/testdata/golden/ts_hostile"
	_ "github.com/siogen/siogen/testdata/golden/ts_mapped"
	_ "github.com/siogen/siogen/testdata/golden/ts_types"
)

// TestEveryCaseIsImported holds that no golden package is left out: "./..." skips
// testdata, so that one that doesn't compile fails only by being imported.
func TestEveryCaseIsImported(t *testing.T) {
	imported := make(map[string]bool)
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			imported[path] = true
		}
	}
	schemas, err := filepath.Glob("../../testdata/golden/*/events.yaml")
	if err != nil || len(schemas) == 0 {
		t.Fatalf("no golden cases (%v)", err)
	}
	for _, schema := range schemas {
		path := "github.com/siogen/siogen/testdata/golden/" + filepath.Base(filepath.Dir(schema))
		if !imported[path] {
			t.Errorf("%s is not imported by a test here", path)
		}
	}
}
