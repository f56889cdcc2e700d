package doctest

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// The page that Go's tools make of a package shows how it is used.
func TestEveryPublicPackageHasAnExample(t *testing.T) {
	for _, root := range public {
		err := filepath.WalkDir(filepath.Join("../..", root), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() {
				return err
			}
			if name := entry.Name(); name == "testdata" || name == "internal" {
				return filepath.SkipDir
			}
			if isPackage, examples := examplesIn(t, path); isPackage && examples == 0 {
				t.Errorf("%s has no example", path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// examplesIn counts the examples of the package in a folder, if there is one.
func examplesIn(t *testing.T, folder string) (isPackage bool, examples int) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var tests []*ast.File
	for _, path := range paths {
		if !strings.HasSuffix(path, "_test.go") {
			isPackage = true
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		tests = append(tests, file)
	}
	return isPackage, len(doc.Examples(tests...))
}
