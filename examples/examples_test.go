// Package examples_test holds the examples to what they promise.
package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/testjs"
)

// All TypeScript of the examples compiles under --strict, by both compilers that
// generated code is promised to compile with.
func TestTypeScriptIsStrict(t *testing.T) {
	testjs.Modules(t)
	var projects []string
	sources := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "dist" || entry.Name() == "node_modules"):
			return filepath.SkipDir
		case entry.Name() == "tsconfig.json":
			projects = append(projects, path)
		case filepath.Ext(path) == ".ts":
			sources[path] = true
		}
		return nil
	})
	if err != nil || len(projects) < 4 {
		t.Fatalf("projects %v, %v", projects, err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, project := range projects {
		for _, compiler := range []testjs.Compiler{testjs.TypeScript, testjs.TypeScript5} {
			out, code := testjs.Tsc(t, compiler, "-p", filepath.Join("examples", project), "--strict", "--noEmit", "--listFiles")
			if code != 0 {
				t.Errorf("%s -p %s:\n%s", compiler, project, out)
			}
			for line := range strings.Lines(out) {
				if name, err := filepath.Rel(here, strings.TrimSpace(line)); err == nil {
					delete(sources, name)
				}
			}
		}
	}
	for name := range sources {
		t.Errorf("%s belongs to no tsconfig.json", name)
	}
}
