package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// A contract that was written in Go brings its types along: generated code uses
// them as they are, and adds the codecs.

// isOwn reports whether the Go type of a declaration is the user's.
func isOwn(d *schema.Decl) bool { return d.HasOwnType() }

// typeName is the Go type of a declaration.
func (g *generator) typeName(d *schema.Decl) *jen.Statement {
	if isOwn(d) {
		return g.goName(d.Own)
	}
	return jen.Id(g.names.Type(d))
}

// goName is a Go type that the user has.
func (g *generator) goName(n *schema.GoName) *jen.Statement {
	if n.Expr != nil {
		return g.goType(n.Expr)
	}
	t := jen.Id(n.Name)
	if n.ImportPath != "" {
		t = jen.Qual(n.ImportPath, n.Name)
	}
	if len(n.Args) == 0 {
		return t
	}
	args := make([]jen.Code, len(n.Args))
	for i, arg := range n.Args {
		args[i] = g.goType(arg)
	}
	return t.Types(args...)
}

// bareStruct gives a struct that the user wrote without a name one that stands
// for the very same type.
func (g *generator) bareStruct(f *jen.File, d *schema.Decl) {
	declare(f, g.typeComment(d, "a struct that has no name where it is used"),
		jen.Type().Id(g.names.Type(d)).Op("=").StructFunc(func(b *jen.Group) {
			for _, field := range d.Body.(*schema.Struct).Fields {
				member := b.Id(g.fieldName(field)).Add(g.fieldType(field))
				if field.Own.Tag != "" {
					member.Op("`" + field.Own.Tag + "`")
				}
			}
		}))
}

// fieldName is the last selector of a field.
func (g *generator) fieldName(f *schema.Field) string {
	if f.Own != nil {
		return f.Own.Path[len(f.Own.Path)-1].Name
	}
	return g.names.Field(f)
}

// member is the expression for a field of v, and, outside first, the embedded
// pointers on the way.
func (g *generator) member(f *schema.Field) (v *jen.Statement, pointers []*jen.Statement, inner []*schema.GoName) {
	v = jen.Id("v")
	if f.Own == nil {
		return v.Dot(g.names.Field(f)), nil, nil
	}
	for _, step := range f.Own.Path {
		v = jen.Add(v).Dot(step.Name)
		if step.Pointer {
			pointers, inner = append(pointers, v), append(inner, step.Embedded)
		}
	}
	return v, pointers, inner
}

// encodeMember encodes a field of the struct v, if all that it is embedded in is
// there.
func (g *generator) encodeMember(f *schema.Field) jen.Code {
	v, pointers, _ := g.member(f)
	stmt := g.encodeField("e", v, f)
	if len(pointers) == 0 {
		return stmt
	}
	present := jen.Add(pointers[0]).Op("!=").Nil()
	for _, p := range pointers[1:] {
		present.Op("&&").Add(p).Op("!=").Nil()
	}
	return jen.If(present).Block(stmt)
}

// decodeMember decodes a field of the struct v, and makes what it is embedded
// in.
func (g *generator) decodeMember(f *schema.Field) []jen.Code {
	v, pointers, inner := g.member(f)
	var stmts []jen.Code
	for i, p := range pointers {
		stmts = append(stmts, jen.If(jen.Add(p).Op("==").Nil()).Block(jen.Add(p).Op("=").New(g.goName(inner[i]))))
	}
	return append(stmts, g.decodeField("d", v, f)...)
}

// ownForm is the form of an optional field of a struct of the user's.
func ownForm(f *schema.Field) form {
	switch f.Own.Form {
	case schema.GoPointer:
		return pointer
	case schema.GoOptional:
		return three
	default:
		return value
	}
}

// isThere is the condition for a field by value to be present; nil: always.
func (g *generator) isThere(v *jen.Statement, f *schema.Field) *jen.Statement {
	v = jen.Add(v)
	switch f.Own.Omit {
	case schema.OmitNil:
		return v.Op("!=").Nil()
	case schema.OmitIsZero:
		return jen.Op("!").Add(v).Dot("IsZero").Call()
	case schema.OmitZero:
		return v.Op("!=").Parens(g.goType(f.Type).Values())
	case schema.OmitEmpty:
		return g.notEmpty(v, f)
	default:
		return nil
	}
}

func (g *generator) notEmpty(v *jen.Statement, f *schema.Field) *jen.Statement {
	switch b := base(f.Type).(type) {
	case *schema.Primitive:
		switch {
		case b.Kind == schema.Bool && b == f.Type:
			return v
		case b.Kind == schema.Bool:
			return jen.Bool().Call(v)
		case b.Kind == schema.String:
			return v.Op("!=").Lit("")
		case b.Kind.IsInteger(), b.Kind.IsFloat():
			return v.Op("!=").Lit(0)
		}
	case *schema.Ref: // an enum
		if _, ok := b.Decl.Body.(*schema.Enum); ok {
			return v.Op("!=").Lit("")
		}
		return v.Op("!=").Op("*").New(g.goType(f.Type))
	}
	return jen.Len(v).Op("!=").Lit(0)
}

// isPointer reports whether a nullable type is a pointer whatever it points to.
func isPointer(t schema.Type) bool {
	null, ok := t.(*schema.Nullable)
	return ok && null.Go != nil && null.Go.Pointer
}

// nilIsNull reports whether null is the nil of the core of a nullable type, and
// not of a pointer to it.
func nilIsNull(t, core schema.Type) bool {
	for {
		if isPointer(t) {
			return false
		}
		ref, ok := t.(*schema.Ref)
		if !ok || !transparent(ref.Decl) {
			return nilable(core)
		}
		t = ref.Decl.Body.(*schema.Alias).Type
	}
}

// holdsPointer reports whether a runtime.Optional holds a pointer.
func (g *generator) holdsPointer(f *schema.Field) bool { return g.loops[f] || isPointer(f.Type) }

// anyFunc is the function of package codec for an any in the user's own types:
// EncodeRaw, DecodeValue; nil: the type is none.
func anyFunc(verb string, t *schema.Primitive) jen.Code {
	switch {
	case t.Go == nil || t.Go.Type == nil:
		return nil
	case t.Go.Type.ImportPath == "":
		return jen.Qual(codecPath, verb+"Value")
	default:
		return jen.Qual(codecPath, verb+"Raw")
	}
}

func isArray(t schema.Type) bool {
	list, ok := base(t).(*schema.List)
	return ok && list.Go != nil && list.Go.Array > 0
}

// importedPaths are the packages of the types that the user has.
func importedPaths(s *schema.Schema) []string {
	var paths []string
	add := func(n *schema.GoName) {
		if n != nil {
			paths = append(paths, n.ImportPath)
		}
	}
	visit := func(t schema.Type) {
		switch t := t.(type) {
		case *schema.Primitive:
			if t.Go != nil {
				add(t.Go.Type)
			}
		case *schema.Map:
			if t.Go != nil {
				add(t.Go.Type)
			}
		}
	}
	for _, d := range s.Types {
		if d.Go != nil && !isOwn(d) {
			paths = append(paths, d.Go.ImportPath)
		}
		add(d.Own)
		for _, f := range structFields(d) {
			if f.Own == nil {
				continue
			}
			for _, step := range f.Own.Path {
				add(step.Embedded)
			}
		}
		for _, t := range fieldTypes(structFields(d)) {
			schema.WalkType(t, visit)
		}
		if alias, ok := d.Body.(*schema.Alias); ok {
			schema.WalkType(alias.Type, visit)
		}
	}
	for _, ns := range s.Namespaces {
		for _, events := range ns.Directions() {
			for _, e := range events {
				for _, t := range append(fieldTypes(e.Args), fieldTypes(ackArgs(e))...) {
					schema.WalkType(t, visit)
				}
			}
		}
	}
	return paths
}

func fieldTypes(fields []*schema.Field) []schema.Type {
	types := make([]schema.Type, len(fields))
	for i, f := range fields {
		types[i] = f.Type
	}
	return types
}
