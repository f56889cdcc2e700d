package golang_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/generator"
	"github.com/siogen/siogen/schema/yamlschema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const goldenDir = "../../testdata/golden"

// TestGolden generates the package of every case folder and compares it with the
// one that is there. Package goldentest compiles and drives those packages.
func TestGolden(t *testing.T) {
	schemas, err := filepath.Glob(filepath.Join(goldenDir, "*", "events.yaml"))
	if err != nil || len(schemas) == 0 {
		t.Fatalf("no golden cases (%v)", err)
	}
	for _, path := range schemas {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			got := generate(t, path)
			if *update {
				write(t, dir, got)
			}
			want := read(t, dir)
			for name := range want {
				if _, ok := got[name]; !ok {
					t.Errorf("%s is not generated any more", name)
				}
			}
			for name, content := range got {
				if diff := cmp.Diff(want[name], content); diff != "" {
					t.Errorf("%s differs (-want +got; go test ./generator/golang -update rewrites it):\n%s", name, diff)
				}
			}
		})
	}
}

func generate(t *testing.T, path string) map[string]string {
	t.Helper()
	s, diags := yamlschema.Load(path, yamlschema.Options{})
	if len(diags) > 0 {
		t.Fatalf("loading %s: %+v", path, diags)
	}
	files, err := generator.Generate(context.Background(), s, generator.Options{Go: &generator.GoOptions{}})
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, f := range files {
		got[f.Path] = string(f.Content)
	}
	return got
}

func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.siogen.go"))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = string(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")))
	}
	return files
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name := range read(t, dir) {
		if _, ok := files[name]; !ok {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
