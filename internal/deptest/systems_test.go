//go:build !race

package deptest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestTypesOnOtherSystems: what runs here is Linux, and much of the runtime has files for
// it alone. What others are to compile is at least checked. (Not with -race, which makes
// it several times as slow and has nothing to find here.)
func TestTypesOnOtherSystems(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, system := range []struct {
		os, arch string
	}{
		{"windows", "amd64"},
		{"darwin", "arm64"},
		{"linux", "386"},
	} {
		t.Run(system.os+"/"+system.arch, func(t *testing.T) {
			t.Parallel()
			loaded, err := packages.Load(&packages.Config{
				Mode:      packages.LoadAllSyntax,
				Dir:       root,
				Env:       append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system.os, "GOARCH="+system.arch),
				Tests:     true,
				ParseFile: bodiesBelow(root),
			}, "./runtime/...", "./cmd/...")
			if err != nil {
				t.Fatal(err)
			}
			own := 0
			packages.Visit(loaded, nil, func(p *packages.Package) {
				if !strings.HasPrefix(p.PkgPath, module) {
					return
				}
				own++
				for _, e := range p.Errors {
					t.Error(e)
				}
			})
			if own == 0 {
				t.Error("no package of the module was checked")
			}
		})
	}
}

// bodiesBelow parses files, but of functions of other modules the declarations only: they
// are known to compile.
func bodiesBelow(root string) func(*token.FileSet, string, []byte) (*ast.File, error) {
	return func(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
		f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
		ofGoTest := strings.HasSuffix(name, "-d") // the main package that it writes for tests, in its cache
		if err != nil || ofGoTest || strings.HasPrefix(name, root+string(filepath.Separator)) {
			return f, err
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				fn.Body = nil
			}
		}
		return f, nil
	}
}
