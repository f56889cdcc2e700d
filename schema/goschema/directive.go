package goschema

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/siogen/siogen/schema/diag"
)

const directivePrefix = "//siogen:"

// directive is a comment such as //siogen:event chat message.
type directive struct {
	name string
	args string // without surrounding blanks
	pos  token.Pos
	span diag.Span
}

// place is a kind of declaration that takes directives.
type place string

const (
	onPackage  place = "a package"
	onContract place = "the interface of a direction"
	onMethod   place = "an event"
	onType     place = "a type"
	onField    place = "a field"
	onConst    place = "an enum value"
)

func constraintWords() []string {
	return []string{"minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems"}
}

// allowed are the directives of a place.
func (p place) allowed() []string {
	doc := []string{"doc", "deprecated", "since"}
	switch p {
	case onPackage:
		return []string{"package", "doc"}
	case onContract:
		return append(doc, "namespace")
	case onMethod:
		return append(doc, "event", "optional", "variadic", "arg")
	case onType:
		return append(append(doc, constraintWords()...),
			"name", "inline", "open", "nullable", "type", "wire", "go", "ts", "union", "variant", "variantdoc", "namespace")
	case onField:
		return append(append(doc, constraintWords()...), "name", "wire", "ts")
	default:
		return doc
	}
}

func allDirectives() []string {
	var all []string
	for _, p := range []place{onPackage, onContract, onMethod, onType, onField, onConst} {
		all = append(all, p.allowed()...)
	}
	return all
}

// parseDirective reads a comment that is one.
func (l *loader) parseDirective(c *ast.Comment) (directive, bool) {
	text, ok := strings.CutPrefix(c.Text, directivePrefix)
	if !ok {
		return directive{}, false
	}
	name, args, _ := strings.Cut(strings.TrimRight(text, " \t\r"), " ")
	return directive{name: name, args: strings.TrimSpace(args), pos: c.Pos(), span: l.span(c)}, true
}

// directives reads those of a declaration, and reports what does not belong
// there.
func (l *loader) directives(at place, groups ...*ast.CommentGroup) []directive {
	var found []directive
	once := map[string]diag.Span{}
	for _, g := range groups {
		if g == nil {
			continue
		}
		for _, c := range g.List {
			d, ok := l.parseDirective(c)
			if !ok {
				continue
			}
			l.used[d.pos] = true
			if !slices.Contains(at.allowed(), d.name) {
				l.misplaced(d, at)
				continue
			}
			if first, twice := once[d.name]; twice && !d.repeats() {
				l.report(diag.Diagnostic{
					Code: diag.CodeDirective, Span: d.span, Message: fmt.Sprintf("%s%s stands here twice", directivePrefix, d.name),
					Notes: []diag.Note{{Span: first, Message: "first here"}},
				})
				continue
			}
			once[d.name] = d.span
			found = append(found, d)
		}
	}
	return found
}

func (d directive) repeats() bool {
	return slices.Contains([]string{"arg", "optional", "variadic", "variant", "variantdoc"}, d.name)
}

func (l *loader) misplaced(d directive, at place) {
	if !slices.Contains(allDirectives(), d.name) {
		l.unknownDirective(d, at.allowed())
		return
	}
	hint := fmt.Sprintf("%s takes %s", at, strings.Join(at.allowed(), ", "))
	if at == onMethod && slices.Contains(onField.allowed(), d.name) {
		hint = fmt.Sprintf("of an argument, write %sarg NAME %s …", directivePrefix, d.name)
	}
	l.errorf(diag.CodeDirective, d.span, hint, "%s%s does not belong to %s", directivePrefix, d.name, at)
}

func (l *loader) unknownDirective(d directive, known []string) {
	hint := "there are " + strings.Join(known, ", ")
	near := diag.Nearest(d.name, known)
	if near == "" {
		near = diag.Nearest(d.name, allDirectives())
	}
	if near != "" {
		hint = fmt.Sprintf("did you mean %s%s?", directivePrefix, near)
	}
	l.errorf(diag.CodeDirective, d.span, hint, "unknown directive %s%s", directivePrefix, d.name)
}

// strayDirectives reports those that stand where nothing reads them. Those of
// types that the contract does not use are looked at only for their names.
func (l *loader) strayDirectives() {
	for _, f := range l.pkg.Syntax {
		for _, g := range f.Comments {
			for _, c := range g.List {
				l.stray(f, c)
			}
		}
	}
}

func (l *loader) stray(f *ast.File, c *ast.Comment) {
	if rest, ok := strings.CutPrefix(c.Text, "// siogen:"); ok {
		name, _, _ := strings.Cut(rest, " ")
		if slices.Contains(allDirectives(), name) {
			l.errorf(diag.CodeDirective, l.span(c), "write "+directivePrefix+rest, "a directive has no blank behind the slashes")
		}
		return
	}
	d, ok := l.parseDirective(c)
	if !ok || l.used[d.pos] {
		return
	}
	if !slices.Contains(allDirectives(), d.name) {
		l.unknownDirective(d, allDirectives())
		return
	}
	for _, decl := range f.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE && gen.Tok != token.CONST {
			continue
		}
		from := gen.Pos()
		if gen.Doc != nil {
			from = gen.Doc.Pos()
		}
		if from <= c.Pos() && c.Pos() < gen.End() && !l.readsInside(gen) {
			return
		}
	}
	l.errorf(diag.CodeDirective, d.span, "put it on the line above the declaration that it is about, without an empty line between",
		"%s%s is about nothing here", directivePrefix, d.name)
}

// readsInside reports whether a declaration is part of the contract.
func (l *loader) readsInside(gen *ast.GenDecl) bool {
	for _, spec := range gen.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if l.readTypes[spec] {
				return true
			}
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				if l.readConsts[name] {
					return true
				}
			}
		}
	}
	return false
}

// text is the text behind a directive: as it stands, or quoted as in Go.
func (l *loader) text(d directive) string {
	text, ok := unquote(d.args)
	if !ok {
		l.errorf(diag.CodeDirective, d.span, `a text in quotes is written as in Go: "…"`, "the text of %s%s is not closed", directivePrefix, d.name)
	}
	return text
}

func unquote(s string) (string, bool) {
	if !strings.HasPrefix(s, `"`) {
		return s, true
	}
	text, err := strconv.Unquote(s)
	return text, err == nil
}

// word takes the first word off s: up to a blank, or in quotes.
func word(s string) (first, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		first, rest, _ = strings.Cut(s, " ")
		return first, strings.TrimSpace(rest), true
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", false
	}
	first, err = strconv.Unquote(quoted)
	return first, strings.TrimSpace(s[len(quoted):]), err == nil
}
