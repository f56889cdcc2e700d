package goschema

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

func directions() []string { return []string{"ServerToClient", "ClientToServer", "ServerToServer"} }

// contractTypes are the declarations of a package whose names make them a
// contract, in the order of the source.
func contractTypes(pkg *packages.Package) []*ast.TypeSpec {
	var found []*ast.TypeSpec
	for _, f := range pkg.Syntax {
		for _, d := range f.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range gen.Specs {
				if ts, ok := spec.(*ast.TypeSpec); ok {
					if _, direction := cutDirection(ts.Name.Name); direction != "" && ts.Name.IsExported() {
						found = append(found, ts)
					}
				}
			}
		}
	}
	return found
}

func cutDirection(name string) (prefix, direction string) {
	for _, d := range directions() {
		if prefix, ok := strings.CutSuffix(name, d); ok {
			return prefix, d
		}
	}
	return "", ""
}

// nsGroup is what is declared for one namespace: the interfaces and structs of
// one prefix.
type nsGroup struct {
	ns         *schema.Namespace
	prefix     string
	pos        token.Pos
	namespace  *directive
	interfaces map[string]*typeSyntax // by direction
	auth, data *typeSyntax
	dirs       []directive
}

// contract reads everything that the package declares.
func (l *loader) contract() {
	l.out.Package, l.out.PackageSpan = l.pkg.Name, l.span(l.pkg.Syntax[0].Name)
	if !l.samePackage() {
		l.out.PackageOf = &schema.GoName{ImportPath: l.pkg.PkgPath}
	}
	l.packageDoc()
	l.preferAliases()
	groups := l.groups()
	for _, g := range groups {
		l.namespace(g)
	}
	for i, ns := range l.out.Namespaces {
		if ns.Name == "/" && i > 0 {
			l.out.Namespaces = slices.Insert(slices.Delete(l.out.Namespaces, i, i+1), 0, ns)
		}
	}
	if len(l.out.Namespaces) == 0 || l.out.Namespaces[0].Name != "/" {
		l.out.Namespaces = slices.Insert(l.out.Namespaces, 0, &schema.Namespace{Name: "/", Span: l.out.PackageSpan})
	}
	for i, ns := range l.out.Namespaces {
		for _, g := range groups {
			if g.ns == ns {
				l.events(g, l.out.Namespaces[i])
			}
		}
	}
	l.forcedTypes()
	l.takenNames()
}

// takenNames reports names of the package that generated code beside it needs.
func (l *loader) takenNames() {
	if !l.samePackage() {
		return
	}
	for _, ns := range l.out.Namespaces {
		for _, name := range naming.NamespaceGo(namePrefix(ns)) {
			if obj := l.pkg.Types.Scope().Lookup(name); obj != nil {
				l.errorf(diag.CodeGoCollision, l.between(obj.Pos(), obj.Pos()+token.Pos(len(name))),
					"rename it, or generate into a folder of its own", "what is generated for namespace %q beside it is called %s as well", ns.Name, name)
			}
		}
	}
}

// namePrefix begins the names of what is generated for a namespace.
func namePrefix(ns *schema.Namespace) string {
	switch {
	case ns.GoName != "":
		return ns.GoName
	case ns.Name == "/":
		return ""
	default:
		return naming.Exported(ns.Name)
	}
}

func (l *loader) packageDoc() {
	for _, f := range l.pkg.Syntax {
		dirs := l.directives(onPackage, f.Doc)
		if doc := l.doc("Package "+f.Name.Name, dirs, f.Doc); l.out.Doc == (schema.Doc{}) {
			l.out.Doc = doc
		}
		for _, d := range dirs {
			if d.name == "package" {
				l.out.Package, l.out.PackageSpan, l.out.PackageOf = d.args, d.span, nil
			}
		}
	}
	l.out.Doc.Deprecated, l.out.Doc.Since = "", ""
}

// groups sorts the declarations of the contract by prefix, in the order of
// the source.
func (l *loader) groups() []*nsGroup {
	byPrefix := map[string]*nsGroup{}
	get := func(prefix string, pos token.Pos) *nsGroup {
		g := byPrefix[prefix]
		if g == nil {
			g = &nsGroup{prefix: prefix, pos: pos, interfaces: map[string]*typeSyntax{}}
			byPrefix[prefix] = g
		}
		return g
	}
	for _, ts := range contractTypes(l.pkg) { // in the order of the source
		prefix, direction := cutDirection(ts.Name.Name)
		obj := l.pkg.Types.Scope().Lookup(ts.Name.Name)
		if obj == nil {
			continue // declared twice; Go says so
		}
		if _, ok := obj.Type().Underlying().(*types.Interface); !ok {
			if !isInvalid(obj.Type().Underlying()) {
				l.errorf(diag.CodeNoContract, l.span(ts.Name), fmt.Sprintf("write type %s interface { … }, or choose another name", ts.Name.Name),
					"%s lists the events of a direction and must be an interface", ts.Name.Name)
			}
			continue
		}
		g := get(prefix, ts.Pos())
		g.interfaces[direction] = l.typeSyntax(obj)
		l.contractDirectives(g, g.interfaces[direction], onContract)
	}
	scope := l.pkg.Types.Scope()
	for _, name := range scope.Names() {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		for _, suffix := range []string{"Auth", "SocketData"} {
			prefix, ok := strings.CutSuffix(name, suffix)
			ts := l.typeSyntax(obj)
			if !ok || ts == nil || byPrefix[prefix] == nil && !l.hasDirective(ts, "namespace") && prefix != "" {
				continue
			}
			g := get(prefix, ts.spec.Pos())
			if suffix == "Auth" {
				g.auth = ts
			} else {
				g.data = ts
			}
			l.contractDirectives(g, ts, onType)
		}
	}
	var sorted []*nsGroup
	for _, g := range byPrefix {
		sorted = append(sorted, g)
	}
	slices.SortFunc(sorted, func(a, b *nsGroup) int { return cmp.Compare(a.pos, b.pos) })
	return sorted
}

func (l *loader) hasDirective(ts *typeSyntax, name string) bool {
	if ts.doc == nil {
		return false
	}
	for _, c := range ts.doc.List {
		if d, ok := l.parseDirective(c); ok && d.name == name {
			return true
		}
	}
	return false
}

// contractDirectives gathers what the directives of a group's declarations say
// about the namespace.
func (l *loader) contractDirectives(g *nsGroup, ts *typeSyntax, at place) {
	for _, d := range l.directives(at, ts.doc, ts.line) {
		if d.name == "namespace" {
			if g.namespace != nil && g.namespace.args != d.args {
				l.report(diag.Diagnostic{
					Code: diag.CodeBadNamespace, Span: d.span, Message: fmt.Sprintf("%s is the prefix of two namespaces", g.prefix),
					Notes: []diag.Note{{Span: g.namespace.span, Message: "the other one is here"}},
				})
				continue
			}
			g.namespace = &d
		} else if at == onContract {
			g.dirs = append(g.dirs, d)
		}
	}
	if at == onContract {
		l.readTypes[ts.spec] = true
	}
}

// namespace makes the namespace of a group.
func (l *loader) namespace(g *nsGroup) {
	ns := &schema.Namespace{Name: "/", Span: l.between(g.pos, g.pos)}
	for _, d := range directions() {
		if ts := g.interfaces[d]; ts != nil && ts.spec.Pos() == g.pos {
			ns.Span = l.span(ts.spec.Name)
		}
	}
	if g.prefix != "" {
		ns.Name = "/" + lowerFirst(g.prefix)
	}
	if g.namespace != nil {
		ns.Name, ns.Span = l.text(*g.namespace), g.namespace.span
	}
	if ns.Name != "/" && naming.Exported(ns.Name) != g.prefix {
		ns.GoName = g.prefix
		if g.prefix == "" {
			l.errorf(diag.CodeBadNamespace, ns.Span, fmt.Sprintf("call it %sServerToClient, and so on", naming.Exported(ns.Name)),
				`declarations without a prefix belong to the namespace "/"`)
		}
	}
	if ns.Name == "/" && g.prefix != "" {
		l.errorf(diag.CodeBadNamespace, ns.Span, "call it ServerToClient, ClientToServer or ServerToServer", `declarations of the namespace "/" have no prefix`)
	}
	ns.Doc = l.doc("", g.dirs)
	l.out.Namespaces = append(l.out.Namespaces, ns)
	g.ns = ns
	l.nameConnection(g.auth, typePrefix(ns)+"HandshakeAuth")
	l.nameConnection(g.data, typePrefix(ns)+"SocketData")
}

// events reads the handshake and the directions of a group.
func (l *loader) events(g *nsGroup, ns *schema.Namespace) {
	prefix := typePrefix(ns)
	ns.Auth = l.connectionType(g.auth, prefix+"HandshakeAuth")
	ns.SocketData = l.connectionType(g.data, prefix+"SocketData")
	for _, direction := range directions() {
		ts := g.interfaces[direction]
		if ts == nil {
			continue
		}
		r := &eventReader{loader: l, prefix: prefix, direction: direction, seen: map[string]bool{}}
		r.interfaceEvents(l.pkg.Types.Scope().Lookup(ts.spec.Name.Name).(*types.TypeName))
		switch direction {
		case "ServerToClient":
			ns.ServerToClient = r.events
		case "ClientToServer":
			ns.ClientToServer = r.events
		case "ServerToServer":
			ns.ServerToServer = r.events
		}
	}
}

// typePrefix begins the names of types that a namespace has in place.
func typePrefix(ns *schema.Namespace) string {
	if ns.GoName != "" {
		return ns.GoName
	}
	return camel(ns.Name)
}

// connectionType is the type of the handshake, or of the data of a socket: a
// struct that stands for itself, or the alias of another type.
func (l *loader) connectionType(ts *typeSyntax, name string) *schema.Ref {
	if ts == nil {
		return nil
	}
	obj := l.pkg.Types.Scope().Lookup(ts.spec.Name.Name).(*types.TypeName)
	span := l.span(ts.spec.Name)
	if alias, ok := obj.Type().(*types.Alias); ok {
		l.readTypes[ts.spec] = true
		ref, _ := l.typeOf(alias.Rhs(), site{span: l.span(ts.spec.Type), own: owner{name}, what: obj.Name(), pos: ts.spec.Type.Pos()}).(*schema.Ref)
		if ref == nil {
			return nil
		}
		l.later(func() {
			if target, ok := schema.Resolve(ref).(*schema.Ref); ok {
				ref.Name, ref.Decl = target.Name, target.Decl
			}
		})
		return ref
	}
	decl := l.declare(obj, obj.Type())
	return &schema.Ref{Name: decl.Name, Decl: decl, Span: span}
}

// nameConnection gives the structs of the handshake and of the data of a socket
// the names that they have in a schema which writes them in place.
func (l *loader) nameConnection(ts *typeSyntax, name string) {
	if ts == nil {
		return
	}
	obj := l.pkg.Types.Scope().Lookup(ts.spec.Name.Name)
	if named, ok := obj.Type().(*types.Named); ok {
		if _, ok := named.Underlying().(*types.Struct); ok {
			l.inPlace[obj] = name
		}
	}
}

// forcedTypes reads the types that the contract does not use but has.
func (l *loader) forcedTypes() {
	scope := l.pkg.Types.Scope()
	for _, name := range scope.Names() {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		if ts := l.typeSyntax(obj); ts != nil && l.hasDirective(ts, "type") {
			l.typeOf(obj.Type(), site{span: l.span(ts.spec.Name), what: name, pos: ts.spec.Pos()})
		}
	}
}

// later runs f when all types have been read.
func (l *loader) later(f func()) { l.finally = append(l.finally, f) }

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	rs := []rune(s)
	return strings.ToLower(string(rs[0])) + string(rs[1:])
}
