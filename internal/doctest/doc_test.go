// Package doctest holds that everything public says what it is for.
package doctest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// public are the folders whose packages others may import.
var public = []string{"schema", "generator", "runtime", "templates"}

func TestEverythingPublicIsDocumented(t *testing.T) {
	folders := 0
	for _, root := range public {
		err := filepath.WalkDir(filepath.Join("../..", root), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() {
				return err
			}
			if name := entry.Name(); name == "testdata" || name == "internal" {
				return filepath.SkipDir
			}
			folders++
			for _, missing := range undocumented(t, path) {
				t.Error(missing)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if folders < 10 {
		t.Errorf("only %d folders", folders)
	}
}

// The check itself: what it takes for documented, and what not.
func TestUndocumented(t *testing.T) {
	const source = `package p

// Documented is; F is special.
type Documented struct {
	// A and B are, by one comment.
	A, B int
	C int // at the end of the line
	D int
	e int
	F int
}

type Bare struct{ unexported int }

func (Bare) Method() {}
func (Bare) method() {}
func (*hidden) Method() {}

type hidden struct{ X int }

// Seam is an interface.
type Seam interface {
	// Do does.
	Do()
	Undo()
}

// A group's comment is for all of it.
const (
	One = 1
	Two = 2
)

var Loose, other = 1, 2

func Func() {}

// Generic is.
type Generic[T any] struct{}

func (g *Generic[T]) Of() {}
`
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "p.go", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range publicNames(file) {
		if !n.documented {
			got = append(got, n.name)
		}
	}
	want := []string{"Documented.D", "Bare", "Bare.Method", "Seam.Undo", "Loose", "Func", "Generic.Of"}
	if !slices.Equal(got, want) {
		t.Errorf("undocumented: %v, want %v", got, want)
	}
}

// undocumented lists what the package in a folder exports without a comment, and
// the package itself.
func undocumented(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	described, any := false, false
	files := token.NewFileSet()
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if ast.IsGenerated(file) {
			continue
		}
		any = true
		described = described || file.Doc != nil
		for _, n := range publicNames(file) {
			if !n.documented {
				missing = append(missing, fmt.Sprintf("%s: %s has no doc comment", files.Position(n.pos), n.name))
			}
		}
	}
	if any && !described {
		missing = append(missing, folder+": no package comment")
	}
	return missing
}

// name is something that a file exports.
type name struct {
	name       string
	pos        token.Pos
	documented bool
}

func publicNames(file *ast.File) []name {
	var all []name
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			all = append(all, function(decl)...)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					all = append(all, typ(decl, spec)...)
				case *ast.ValueSpec:
					documented := decl.Doc != nil || spec.Doc != nil || spec.Comment != nil
					all = append(all, exported("", spec.Names, documented)...)
				}
			}
		}
	}
	return all
}

func function(decl *ast.FuncDecl) []name {
	receiver := ""
	if decl.Recv != nil {
		receiver = receiverName(decl.Recv.List[0].Type)
		if !ast.IsExported(receiver) {
			return nil
		}
		receiver += "."
	}
	return exported(receiver, []*ast.Ident{decl.Name}, decl.Doc != nil)
}

func receiverName(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return receiverName(expr.X)
	case *ast.IndexExpr:
		return receiverName(expr.X)
	case *ast.IndexListExpr:
		return receiverName(expr.X)
	case *ast.Ident:
		return expr.Name
	}
	return ""
}

// typ is a type with its fields, or its methods where it is an interface. These
// may also be documented by name where the type is, or another of them.
func typ(decl *ast.GenDecl, spec *ast.TypeSpec) []name {
	all := exported("", []*ast.Ident{spec.Name}, decl.Doc != nil || spec.Doc != nil || spec.Comment != nil)
	if len(all) == 0 {
		return nil
	}
	var members *ast.FieldList
	switch t := spec.Type.(type) {
	case *ast.StructType:
		members = t.Fields
	case *ast.InterfaceType:
		members = t.Methods
	default:
		return all
	}
	said := decl.Doc.Text() + spec.Doc.Text()
	for _, m := range members.List {
		said += m.Doc.Text() + m.Comment.Text()
	}
	for _, m := range members.List {
		for _, n := range exported(spec.Name.Name+".", m.Names, m.Doc != nil || m.Comment != nil) {
			_, member, _ := strings.Cut(n.name, ".")
			n.documented = n.documented || slices.Contains(words(said), member)
			all = append(all, n)
		}
	}
	return all
}

func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func exported(prefix string, idents []*ast.Ident, documented bool) []name {
	var all []name
	for _, id := range idents {
		if id.IsExported() {
			all = append(all, name{prefix + id.Name, id.Pos(), documented})
		}
	}
	return all
}
