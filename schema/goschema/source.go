package goschema

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/siogen/siogen/schema/diag"
)

// fileSyntax finds the declarations of one file by name.
type fileSyntax struct {
	file   *ast.File
	types  map[string]*typeSyntax
	consts map[string]*constSyntax
	// methods are those of interfaces, by where their names stand.
	methods map[linePos]*ast.Field
}

// linePos is where a name stands. Of packages that the compiler has built, the
// column is not known.
type linePos struct {
	line int
	name string
}

// typeSyntax is a type declaration with what is written about it.
type typeSyntax struct {
	spec *ast.TypeSpec
	doc  *ast.CommentGroup
	line *ast.CommentGroup
}

type constSyntax struct {
	name      *ast.Ident
	doc, line *ast.CommentGroup
}

// index records the declarations of a parsed file.
func (l *loader) index(f *ast.File) *fileSyntax {
	fs := &fileSyntax{file: f, types: map[string]*typeSyntax{}, consts: map[string]*constSyntax{}, methods: map[linePos]*ast.Field{}}
	l.syntax[l.fset.Position(f.FileStart).Filename] = fs
	for _, d := range f.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				doc := spec.Doc
				if doc == nil && !gen.Lparen.IsValid() {
					doc = gen.Doc
				}
				fs.types[spec.Name.Name] = &typeSyntax{spec, doc, spec.Comment}
				if iface, ok := ast.Unparen(spec.Type).(*ast.InterfaceType); ok {
					l.indexMethods(fs, iface)
				}
			case *ast.ValueSpec:
				doc := spec.Doc
				if doc == nil && !gen.Lparen.IsValid() {
					doc = gen.Doc
				}
				for _, name := range spec.Names {
					fs.consts[name.Name] = &constSyntax{name, doc, spec.Comment}
				}
			}
		}
	}
	return fs
}

func (l *loader) indexMethods(fs *fileSyntax, iface *ast.InterfaceType) {
	for _, f := range iface.Methods.List {
		for _, name := range f.Names {
			fs.methods[linePos{l.fset.Position(name.Pos()).Line, name.Name}] = f
		}
	}
}

// methodSyntax is the syntax of a method of an interface, or nil.
func (l *loader) methodSyntax(m *types.Func) *ast.Field {
	fs := l.fileOf(m)
	if fs == nil {
		return nil
	}
	return fs.methods[linePos{l.fset.Position(m.Pos()).Line, m.Name()}]
}

// fileOf is the syntax of the file that an object was declared in. Files of
// other packages are parsed when first asked for: their types are known without,
// but not what is written about them. It is nil when the source is not at hand.
func (l *loader) fileOf(obj types.Object) *fileSyntax {
	name := l.fset.Position(obj.Pos()).Filename
	if fs, ok := l.syntax[name]; ok {
		return fs
	}
	l.syntax[name] = nil
	if name == "" {
		return nil
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	f, err := parser.ParseFile(l.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	l.sources[name] = src
	return l.index(f)
}

func (l *loader) typeSyntax(obj types.Object) *typeSyntax {
	if fs := l.fileOf(obj); fs != nil {
		return fs.types[obj.Name()]
	}
	return nil
}

// span is where a node stands, as a person names the file.
func (l *loader) span(n ast.Node) diag.Span { return l.between(n.Pos(), n.End()) }

func (l *loader) between(from, to token.Pos) diag.Span {
	if !from.IsValid() {
		return diag.Span{}
	}
	a := l.fset.Position(from)
	s := diag.Span{File: l.display(a.Filename), Line: a.Line, Col: l.column(a)}
	if to.IsValid() {
		b := l.fset.Position(to)
		s.EndLine, s.EndCol = b.Line, l.column(b)
	}
	return s
}

// column counts code points, where Go counts bytes.
func (l *loader) column(p token.Position) int {
	src := l.sources[p.Filename]
	start := p.Offset - (p.Column - 1)
	if start < 0 || p.Offset > len(src) {
		return p.Column
	}
	return 1 + utf8.RuneCount(src[start:p.Offset])
}

// display names a file relative to the folder that siogen was called in, if
// that is the shorter way to say it.
func (l *loader) display(name string) string {
	rel, err := filepath.Rel(l.dir, name)
	if err != nil || !filepath.IsAbs(name) || strings.HasPrefix(rel, filepath.Join("..", "..", "..")) {
		return filepath.ToSlash(name)
	}
	return filepath.ToSlash(rel)
}

// isOurs reports whether an object belongs to the package of the contract.
func (l *loader) isOurs(obj types.Object) bool { return obj.Pkg() == l.pkg.Types }

// isNear reports whether an object belongs to the user's own module: what is
// wrong there, the user can mend.
func (l *loader) isNear(obj types.Object) bool {
	if obj.Pkg() == nil {
		return false
	}
	path := obj.Pkg().Path()
	if l.pkg.Module == nil {
		return l.isOurs(obj)
	}
	return path == l.pkg.Module.Path || strings.HasPrefix(path, l.pkg.Module.Path+"/")
}
