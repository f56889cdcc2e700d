package goschema

import (
	"cmp"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
)

// entry is a declaration with what puts it in order.
type entry struct {
	decl *schema.Decl
	path string // of its package; empty: that of the contract
	file string
	pos  int
	n    int // instances of one generic type have one place
}

// sortTypes puts the declarations in order: those of other packages first, as
// imported ones are, then by their place in the source.
func (l *loader) sortTypes() {
	slices.SortStableFunc(l.order, func(a, b *entry) int {
		if (a.path == "") != (b.path == "") {
			if a.path == "" {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.file, b.file), cmp.Compare(a.pos, b.pos), cmp.Compare(a.n, b.n))
	})
	for _, e := range l.order {
		l.out.Types = append(l.out.Types, e.decl)
	}
}

func (l *loader) enter(decl *schema.Decl, pkg *types.Package, pos token.Pos) {
	p := l.fset.Position(pos)
	e := &entry{decl: decl, file: filepath.Base(p.Filename), pos: p.Offset, n: len(l.order)}
	if pkg != nil && pkg != l.pkg.Types {
		e.path = pkg.Path()
		e.pos = p.Line<<16 + p.Column // export data has no offsets
	}
	l.order = append(l.order, e)
}

func (l *loader) packageDir() string {
	if len(l.pkg.GoFiles) == 0 {
		return ""
	}
	return filepath.Dir(l.pkg.GoFiles[0])
}

// key tells types apart.
func key(t types.Type) string {
	return types.TypeString(t, (*types.Package).Path)
}

// preferAliases finds the aliases of the package for types of others: they name
// them in the contract.
func (l *loader) preferAliases() {
	scope := l.pkg.Types.Scope()
	var found []*types.TypeName
	for _, name := range scope.Names() {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		if ok && obj.Exported() && obj.IsAlias() {
			found = append(found, obj)
		}
	}
	slices.SortFunc(found, func(a, b *types.TypeName) int { return cmp.Compare(a.Pos(), b.Pos()) })
	for _, obj := range found {
		alias, ok := obj.Type().(*types.Alias)
		if !ok || strings.HasSuffix(obj.Name(), "Auth") || strings.HasSuffix(obj.Name(), "SocketData") {
			continue
		}
		if named, ok := l.renamed(alias); ok && l.preferred[key(named)] == nil {
			l.preferred[key(named)] = obj
		}
	}
}

// renamed is the type that an alias gives a name to when that has none in the
// package: a type of another package, or an instance of a generic one.
func (l *loader) renamed(alias *types.Alias) (*types.Named, bool) {
	named, ok := alias.Rhs().(*types.Named)
	if !ok || named.Obj().Pkg() == nil || isSpecial(named.Obj()) {
		return nil, false
	}
	if _, three := optionalOf(named); three {
		return nil, false
	}
	return named, !l.isOurs(named.Obj()) || named.TypeArgs().Len() > 0
}

// declare is the declaration of a named type. Its body is read later, so that
// types may be recursive.
func (l *loader) declare(obj *types.TypeName, t types.Type) *schema.Decl {
	k := key(t)
	if e := l.decls[k]; e != nil {
		return e
	}
	decl := &schema.Decl{Own: l.goNameLater(obj, t)}
	l.decls[k] = decl
	at := obj
	if alias := l.preferred[k]; alias != nil {
		at = alias
	}
	decl.Name = l.typeName(at, obj, t)
	l.names[decl.Name] = decl
	decl.Span = l.between(at.Pos(), at.Pos()+token.Pos(len(at.Name())))
	l.enter(decl, at.Pkg(), at.Pos())
	b := &body{loader: l, decl: decl, obj: obj, t: t}
	if ts := l.typeSyntax(at); ts != nil {
		l.readTypes[ts.spec] = true
		b.dirs = l.directives(onType, ts.doc, ts.line)
		decl.Span = l.span(ts.spec.Name)
		decl.Doc = l.doc(at.Name(), b.dirs, ts.doc, ts.line)
	}
	b.expr = l.typeSyntax(obj)
	if b.expr != nil && at != obj {
		dirs := l.directives(onType, b.expr.doc, b.expr.line)
		if decl.Doc == (schema.Doc{}) {
			decl.Doc = l.doc(obj.Name(), dirs, b.expr.doc, b.expr.line)
		}
		b.dirs = append(b.dirs, dirs...)
	}
	l.rename(decl, at, b.dirs)
	l.todo = append(l.todo, b.read)
	return decl
}

// goNameLater fills in the type arguments once the declaration is known: they
// may refer to it.
func (l *loader) goNameLater(obj *types.TypeName, t types.Type) *schema.GoName {
	name := &schema.GoName{Name: obj.Name(), ImportPath: l.importPath(obj)}
	if named, ok := t.(*types.Named); ok && named.TypeArgs().Len() > 0 {
		l.todo = append(l.todo, func() { *name = *l.goName(obj, t) })
	}
	return name
}

// rename follows the directives that say what the schema calls a type.
func (l *loader) rename(decl *schema.Decl, obj *types.TypeName, dirs []directive) {
	for _, d := range dirs {
		switch d.name {
		case "inline":
			decl.Inline = true
		case "name":
			name := l.text(d)
			delete(l.names, decl.Name)
			decl.Name = name
			l.names[name] = decl
			if naming.Exported(name) != obj.Name() {
				decl.GoName = obj.Name()
			}
		}
	}
	if name := l.inPlace[obj]; name != "" {
		decl.Inline = true
	}
}

// typeName is what the schema calls a Go type. Types of the contract's package
// keep their names; others get that of their package in front where it is taken.
func (l *loader) typeName(at, obj *types.TypeName, t types.Type) string {
	if name := l.inPlace[at]; name != "" {
		return name
	}
	name := at.Name()
	if at == obj {
		if named, ok := t.(*types.Named); ok {
			for arg := range named.TypeArgs().Types() {
				name += argumentName(arg)
			}
		}
	}
	ours := l.isOurs(at)
	_, reserved := l.pkg.Types.Scope().Lookup(name).(*types.TypeName)
	if l.names[name] == nil && (ours || !reserved) {
		return name
	}
	name = camel(at.Pkg().Name()) + name
	for base, n := name, 2; l.names[name] != nil || l.pkg.Types.Scope().Lookup(name) != nil; n++ {
		name = base + strconv.Itoa(n)
	}
	return name
}

// argumentName is the part of a generic instance's name for an argument:
// PageUser, PageStringList.
func argumentName(t types.Type) string {
	switch t := t.(type) {
	case *types.Named:
		name := t.Obj().Name()
		for arg := range t.TypeArgs().Types() {
			name += argumentName(arg)
		}
		return camel(name)
	case *types.Alias:
		return camel(t.Obj().Name())
	case *types.Basic:
		return camel(t.Name())
	case *types.Pointer:
		return argumentName(t.Elem())
	case *types.Slice:
		return argumentName(t.Elem()) + "List"
	case *types.Array:
		return argumentName(t.Elem()) + "List" + strconv.FormatInt(t.Len(), 10)
	case *types.Map:
		return argumentName(t.Elem()) + "Map"
	}
	return "Any"
}

// owner is where a type stands that has no name of its own: the names that it
// may get, the best first.
type owner []string

func (o owner) child(name string) owner {
	var names owner
	for _, n := range o {
		names = append(names, n+camel(name))
	}
	return names
}

// camel makes a part of a type name of any text: chat message → ChatMessage.
func camel(text string) string {
	var b strings.Builder
	up := true
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
		up = false
	}
	return b.String()
}

// hoist makes a declaration of a type without a name.
func (l *loader) hoist(own owner, at site) *schema.Decl {
	decl := &schema.Decl{Name: own[0], Span: at.span, Inline: true}
	for _, name := range own {
		if l.names[name] == nil {
			decl.Name = name
			break
		}
		if !l.names[name].Inline {
			break // Validate reports the clash with the user's own type
		}
	}
	if l.names[decl.Name] == nil {
		l.names[decl.Name] = decl
	}
	l.enter(decl, at.pkg, at.pos)
	return decl
}
