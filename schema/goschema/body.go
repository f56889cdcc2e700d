package goschema

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// body reads what a named type is.
type body struct {
	*loader
	decl *schema.Decl
	obj  *types.TypeName
	t    types.Type
	expr *typeSyntax // or nil
	dirs []directive
}

func (b *body) directive(name string) (directive, bool) {
	i := slices.IndexFunc(b.dirs, func(d directive) bool { return d.name == name })
	if i < 0 {
		return directive{}, false
	}
	return b.dirs[i], true
}

// typeSpan is where the type stands that the declaration is about.
func (b *body) typeSpan() diag.Span {
	if b.expr != nil {
		return b.span(b.expr.spec.Type)
	}
	return b.decl.Span
}

func (b *body) read() {
	b.decl.Body = b.shape()
	for _, d := range b.dirs {
		switch d.name {
		case "ts":
			b.decl.TS = b.tsMapping(d)
		case "go":
			b.decl.Go, b.decl.Own = b.goMapping(d), nil
		}
	}
	alias, isAlias := b.decl.Body.(*schema.Alias)
	for _, d := range b.dirs {
		switch {
		case slices.Contains(constraintWords(), d.name) && isAlias:
			b.constraint(&alias.Constraints, d.name, d)
		case d.name == "wire" && isAlias:
			b.wire(d, alias.Type)
		case slices.Contains(constraintWords(), d.name), d.name == "wire":
			b.errorf(diag.CodeDirective, d.span, "", "%s%s does not belong to a struct, an enum or a union", directivePrefix, d.name)
		case d.name == "nullable" && isAlias:
			alias.Type = &schema.Nullable{Elem: alias.Type, Span: d.span}
		case d.name == "nullable":
			b.errorf(diag.CodeDirective, d.span, "null is a pointer: *"+b.obj.Name(), "%snullable does not belong to a struct, an enum or a union", directivePrefix)
		case d.name == "open":
			switch body := b.decl.Body.(type) {
			case *schema.Enum:
				body.Open = true
			case *schema.Union:
				body.Open = true
			default:
				b.errorf(diag.CodeDirective, d.span, "", "%sopen belongs to an enum or a union", directivePrefix)
			}
		}
	}
}

// shape is the body of the declaration.
func (b *body) shape() schema.Body {
	at := site{span: b.typeSpan(), own: owner{camel(b.decl.Name)}, what: b.obj.Name(), pos: b.obj.Pos()}
	if alias, ok := b.t.(*types.Alias); ok {
		return aliasOf(b.typeOf(alias.Rhs(), at))
	}
	if via := marshals(b.t); via != 0 {
		return b.marshalled(via)
	}
	switch u := b.t.Underlying().(type) {
	case *types.Struct:
		return &schema.Struct{Fields: b.structFields(b.t, b.decl)}
	case *types.Basic:
		if u.Info()&types.IsString != 0 {
			if values := b.enumValues(); len(values) > 0 {
				return &schema.Enum{Values: values}
			}
		}
		return aliasOf(b.typeOf(u, at))
	case *types.Interface:
		if d, ok := b.directive("union"); ok {
			return b.union(d, u)
		}
		if u.NumMethods() == 0 && u.IsMethodSet() {
			return aliasOf(b.typeOf(u, at))
		}
		b.errorf(diag.CodeGoWire, b.decl.Span, "if it is a union, say which key tells the variants apart: "+directivePrefix+"union kind",
			"the interface %s cannot travel as JSON", b.obj.Name())
		return nil
	default:
		return aliasOf(b.typeOf(u, at))
	}
}

func aliasOf(t schema.Type) schema.Body {
	if t == nil {
		return nil
	}
	return &schema.Alias{Type: t}
}

// marshalled is the body of a type that brings its own JSON: a string, or
// anything.
func (b *body) marshalled(via schema.Via) schema.Body {
	b.decl.Go = &schema.GoMapping{TypeName: b.obj.Name(), ImportPath: b.obj.Pkg().Path(), Via: via, Span: b.decl.Span}
	kind := schema.AnyKind
	if via == schema.ViaText {
		kind = schema.String
	}
	return &schema.Alias{Type: &schema.Primitive{Kind: kind, Span: b.decl.Span}}
}

// enumValues are the constants of the type, in the order of the source.
func (b *body) enumValues() []*schema.EnumValue {
	scope := b.obj.Pkg().Scope()
	var consts []*types.Const
	for _, name := range scope.Names() {
		c, ok := scope.Lookup(name).(*types.Const)
		if ok && types.Identical(c.Type(), b.t) && (c.Exported() || b.isOurs(c)) {
			consts = append(consts, c)
		}
	}
	slices.SortFunc(consts, func(x, y *types.Const) int {
		p, q := b.fset.Position(x.Pos()), b.fset.Position(y.Pos())
		return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
	})
	var values []*schema.EnumValue
	seen := map[string]bool{}
	for _, c := range consts {
		text := constant.StringVal(c.Val())
		if seen[text] {
			continue // another name for a value: DefaultRole = RoleGuest
		}
		seen[text] = true
		values = append(values, b.enumValue(c, text))
	}
	return values
}

func (b *body) enumValue(c *types.Const, text string) *schema.EnumValue {
	v := &schema.EnumValue{Value: text, Span: b.between(c.Pos(), c.Pos())}
	if tail, ok := cutPrefix(c.Name(), b.obj.Name()); ok && tail != naming.EnumTail(text) {
		v.GoName = tail
	}
	if fs := b.fileOf(c); fs != nil {
		if cs := fs.consts[c.Name()]; cs != nil {
			b.readConsts[cs.name] = true
			v.Span = b.span(cs.name)
			dirs := b.directives(onConst, cs.doc, cs.line)
			v.Doc = b.doc(c.Name(), dirs, cs.doc, cs.line)
		}
	}
	return v
}

// cutPrefix cuts the name of the type off that of its constant, if something is
// left that may stand behind it.
func cutPrefix(name, prefix string) (string, bool) {
	if len(name) <= len(prefix) || name[:len(prefix)] != prefix {
		return "", false
	}
	return name[len(prefix):], true
}

// union reads an interface whose structs are told apart by a key.
func (b *body) union(d directive, iface *types.Interface) schema.Body {
	u := &schema.Union{Tag: b.text(d)}
	if u.Tag == "" {
		b.errorf(diag.CodeBadUnion, d.span, "name the key on the wire that tells the variants apart: "+directivePrefix+"union kind", "the union names no key")
	}
	if iface.NumMethods() == 0 {
		b.errorf(diag.CodeGoUnion, b.decl.Span, fmt.Sprintf("give it a method that only its structs have: is%s()", b.obj.Name()), "every type implements the interface %s", b.obj.Name())
		return u
	}
	structs := b.implementers(iface)
	listed := map[*types.TypeName]bool{}
	for _, v := range b.dirs {
		if v.name != "variant" {
			continue
		}
		tag, name, ok := word(v.args)
		i := slices.IndexFunc(structs, func(s *types.TypeName) bool { return s.Name() == name })
		if !ok || i < 0 {
			b.unknownVariant(v, name, structs)
			continue
		}
		listed[structs[i]] = true
		u.Variants = append(u.Variants, b.variant(tag, v.span, structs[i]))
	}
	for _, s := range structs {
		if !listed[s] {
			tag, span := b.variantTag(s)
			u.Variants = append(u.Variants, b.variant(tag, span, s))
		}
	}
	b.variantDocs(u)
	if len(u.Variants) == 0 {
		b.errorf(diag.CodeGoUnion, b.decl.Span, fmt.Sprintf("declare the methods of %s on the structs that are its variants", b.obj.Name()), "no struct implements %s", b.obj.Name())
	}
	return u
}

// variantDocs reads //siogen:variantdoc TAG doc|deprecated|since TEXT.
func (b *body) variantDocs(u *schema.Union) {
	for _, d := range b.dirs {
		if d.name != "variantdoc" {
			continue
		}
		tag, rest, _ := word(d.args)
		key, text, _ := word(rest)
		i := slices.IndexFunc(u.Variants, func(v *schema.Variant) bool { return v.Tag == tag })
		if i < 0 || !slices.Contains(onConst.allowed(), key) {
			b.errorf(diag.CodeDirective, d.span, fmt.Sprintf("write %svariantdoc TAG doc TEXT", directivePrefix), "%svariantdoc is about no variant", directivePrefix)
			continue
		}
		about := b.doc("", []directive{{name: key, args: text, span: d.span}})
		doc := &u.Variants[i].Doc
		doc.Text, doc.Deprecated, doc.Since = cmp.Or(about.Text, doc.Text), cmp.Or(about.Deprecated, doc.Deprecated), cmp.Or(about.Since, doc.Since)
	}
}

func (b *body) unknownVariant(d directive, name string, structs []*types.TypeName) {
	var known []string
	for _, s := range structs {
		known = append(known, s.Name())
	}
	hint := fmt.Sprintf("write %svariant TAG TYPE", directivePrefix)
	if near := diag.Nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	b.errorf(diag.CodeGoUnion, d.span, hint, "%q is no struct that implements %s", name, b.obj.Name())
}

// implementers are the structs of the interface's package that implement it, in
// the order of the source.
func (b *body) implementers(iface *types.Interface) []*types.TypeName {
	var found []*types.TypeName
	scope := b.obj.Pkg().Scope()
	for _, name := range scope.Names() {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || obj.IsAlias() {
			continue
		}
		if named, ok := obj.Type().(*types.Named); !ok || named.TypeParams().Len() > 0 {
			continue
		}
		if _, ok := obj.Type().Underlying().(*types.Struct); ok && types.Implements(types.NewPointer(obj.Type()), iface) {
			found = append(found, obj)
		}
	}
	slices.SortFunc(found, func(x, y *types.TypeName) int {
		p, q := b.fset.Position(x.Pos()), b.fset.Position(y.Pos())
		return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Line, q.Line))
	})
	return found
}

// variantTag is the tag that a struct gives itself, or its name with a small
// first letter.
func (b *body) variantTag(obj *types.TypeName) (string, diag.Span) {
	if ts := b.typeSyntax(obj); ts != nil {
		for _, d := range b.directives(onType, ts.doc, ts.line) {
			if d.name == "variant" {
				return b.text(d), d.span
			}
		}
		return lowerFirst(obj.Name()), b.span(ts.spec.Name)
	}
	return lowerFirst(obj.Name()), b.decl.Span
}

func (b *body) variant(tag string, span diag.Span, obj *types.TypeName) *schema.Variant {
	v := &schema.Variant{Tag: tag, Span: span}
	if iface := b.t.Underlying().(*types.Interface); types.Implements(obj.Type(), iface) {
		v.Go = &schema.GoForm{Value: true}
	}
	v.Type, _ = b.typeOf(obj.Type(), site{span: span, what: "a variant of " + b.obj.Name(), pos: obj.Pos()}).(*schema.Ref)
	return v
}

// structSyntax is the syntax of a struct type, if it was written out.
func structSyntax(expr ast.Expr) *ast.StructType {
	st, _ := ast.Unparen(expr).(*ast.StructType)
	return st
}
