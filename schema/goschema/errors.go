package goschema

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema/diag"
)

// packageErrors reports what the go command and the type checker found, in
// their words. What follows from generated code that is not there yet, or not
// up to date, is left out: generating mends it.
func (l *loader) packageErrors(pkg *packages.Package) {
	missing := l.generatedImports(pkg)
	var list, syntax []packages.Error
	for _, e := range pkg.Errors {
		if e.Kind == packages.ListError {
			list = append(list, e)
		} else {
			syntax = append(syntax, e)
		}
	}
	l.tainted = l.tainted || len(missing) > 0
	for _, e := range syntax {
		l.tainted = l.tainted || l.undefinedGenerated(e.Msg)
	}
	before := len(l.diags)
	for _, e := range syntax {
		if !l.tolerated(pkg, e, missing) {
			l.goError(pkg, e)
		}
	}
	if len(syntax) > 0 || len(l.diags) > before {
		return // the go command has compiled the package, and says the same again
	}
	for _, e := range list {
		l.goError(pkg, e)
	}
}

// tolerated reports whether an error goes away once code has been generated.
func (l *loader) tolerated(pkg *packages.Package, e packages.Error, missing map[string]bool) bool {
	if l.undefinedGenerated(e.Msg) {
		return true
	}
	if path, ok := cutImport(e.Msg); ok && missing[path] {
		return true
	}
	return l.tainted && e.Kind == packages.TypeError && l.insideFunction(pkg, e.Pos)
}

// cutImport is the import path in the type checker's message about an import.
func cutImport(msg string) (string, bool) {
	rest, ok := strings.CutPrefix(msg, "could not import ")
	path, _, _ := strings.Cut(rest, " ")
	return path, ok
}

// undefinedGenerated recognises an identifier that generating will declare.
func (l *loader) undefinedGenerated(msg string) bool {
	name, ok := strings.CutPrefix(msg, "undefined: ")
	if !ok {
		return false
	}
	for _, e := range l.order {
		if !e.decl.HasOwnType() && naming.Exported(e.decl.Name) == name {
			return true
		}
	}
	for _, ns := range l.out.Namespaces {
		for _, generated := range naming.NamespaceGo(namePrefix(ns)) {
			if name == generated {
				return true
			}
		}
	}
	return false
}

// generatedImports are the imports of packages that consist of generated files
// only, or are in the folder that is to be generated into.
func (l *loader) generatedImports(pkg *packages.Package) map[string]bool {
	found := map[string]bool{}
	if pkg.Module == nil {
		return found
	}
	for _, f := range pkg.Syntax {
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue
			}
			rest, ok := strings.CutPrefix(path+"/", pkg.Module.Path+"/")
			if !ok {
				continue
			}
			dir := filepath.Join(pkg.Module.Dir, filepath.FromSlash(rest))
			if dir == l.goOut || onlyGenerated(dir) {
				found[path] = true
			}
		}
	}
	return found
}

// onlyGenerated reports whether a folder has no Go files that people wrote; it
// may be missing.
func onlyGenerated(dir string) bool {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return false
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil || !isGenerated(src) {
			return false
		}
	}
	return true
}

// insideFunction reports whether a place is in the body of a function.
func (l *loader) insideFunction(pkg *packages.Package, pos string) bool {
	for _, f := range pkg.Syntax {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && l.within(fn.Body, pos) {
				return true
			}
		}
	}
	return false
}

func (l *loader) within(n ast.Node, pos string) bool {
	file, line, _ := cutPos(pos)
	from, to := l.fset.Position(n.Pos()), l.fset.Position(n.End())
	return file == from.Filename && line >= from.Line && line <= to.Line
}

// cutPos splits file:line:col.
func cutPos(pos string) (file string, line, col int) {
	parts := []int{0, 0}
	file = pos
	for i := len(parts) - 1; i >= 0; i-- {
		at := strings.LastIndexByte(file, ':')
		if at < 0 {
			return file, 0, 0
		}
		n, err := strconv.Atoi(file[at+1:])
		if err != nil {
			return file, 0, 0
		}
		parts[i], file = n, file[:at]
	}
	return file, parts[0], parts[1]
}

// goError reports an error in Go's words.
func (l *loader) goError(pkg *packages.Package, e packages.Error) {
	msg := e.Msg
	if more, ok := strings.CutPrefix(msg, "\t"); ok && len(l.diags) > 0 {
		// The type checker's way to say that it goes on about the error before.
		last := &l.diags[len(l.diags)-1]
		last.Notes = append(last.Notes, diag.Note{Span: l.goPlace(pkg, e.Pos), Message: more})
		return
	}
	if path, ok := cutImport(msg); ok {
		if dep := pkg.Imports[path]; dep != nil && len(dep.Errors) > 0 {
			msg = strings.TrimSpace(dep.Errors[0].Msg)
		}
	}
	d := diag.Diagnostic{Code: diag.CodeGoPackage, Span: l.goPlace(pkg, e.Pos), Message: msg}
	if first, rest, ok := strings.Cut(msg, "\n"); ok {
		d.Message, d.Hint = strings.TrimSuffix(first, "; to add it:"), strings.TrimSpace(rest)
	}
	l.report(d)
}

// goPlace is the span of a position that Go printed: that of the identifier
// which begins there, if one does.
func (l *loader) goPlace(pkg *packages.Package, pos string) diag.Span {
	file, line, col := cutPos(pos)
	if line == 0 {
		if file == "" || file == "-" {
			return diag.Span{}
		}
		return diag.Span{File: l.display(file)}
	}
	for _, f := range pkg.Syntax {
		tf := l.fset.File(f.FileStart)
		if tf == nil || tf.Name() != file || line > tf.LineCount() {
			continue
		}
		at := tf.LineStart(line) + token.Pos(col-1)
		span := l.between(at, token.NoPos)
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Pos() == at {
				span = l.span(id)
			}
			return n != nil && n.Pos() <= at && at < n.End()
		})
		return span
	}
	return diag.Span{File: l.display(file), Line: line, Col: col}
}

// isInvalid reports whether the type checker has complained about a type.
func isInvalid(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Kind() == types.Invalid
}
