package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// place is where the encoder is told to put a value. Some values need two
// statements, so it makes a new expression each time.
type place func() *jen.Statement

// local is the place of an encoder or decoder in a variable.
func local(name string) place { return func() *jen.Statement { return jen.Id(name) } }

// elem is the place of the next argument or list element.
func elem(enc string) place {
	return func() *jen.Statement { return jen.Id(enc).Dot("Elem").Call() }
}

// key is the place of a field.
func key(enc, name string) place {
	return func() *jen.Statement { return jen.Id(enc).Dot("Field").Call(jen.Lit(name)) }
}

// encode is the statement that puts v, of type t, at a place.
func (g *generator) encode(at place, v *jen.Statement, t schema.Type) jen.Code {
	switch t := t.(type) {
	case *schema.Primitive:
		if f := anyFunc("Encode", t); f != nil {
			return jen.Add(f).Call(at(), v)
		}
		return encodePrimitive(at, v, t)
	case *schema.List:
		if t.Go != nil && t.Go.Array > 0 {
			v = jen.Add(v).Index(jen.Op(":"))
		}
		return jen.Qual(codecPath, "EncodeList").Call(at(), v, g.encoder(t.Elem))
	case *schema.Map:
		if t.Go != nil && t.Go.Type != nil {
			return jen.Qual(codecPath, "EncodeKeyedMap").Call(at(), v, g.encoder(t.Elem))
		}
		return jen.Qual(codecPath, "EncodeMap").Call(at(), v, g.encoder(t.Elem))
	case *schema.Nullable:
		return g.encodeNullable(at, v, t)
	case *schema.Ref:
		if transparent(t.Decl) {
			return g.encode(at, v, t.Decl.Body.(*schema.Alias).Type)
		}
		return jen.Id(g.names.Encode(t.Decl)).Call(at(), v)
	default:
		panic("schema.Type is a closed sum")
	}
}

func encodePrimitive(at place, v *jen.Statement, t *schema.Primitive) jen.Code {
	k := kinds[t.Kind]
	switch {
	case t.AsString && k.signed:
		return at().Dot("IntString").Call(convert("int64", k.goType, v))
	case t.AsString:
		return at().Dot("UintString").Call(convert("uint64", k.goType, v))
	default:
		return at().Dot(k.method).Call(v)
	}
}

// convert converts v between types if they differ.
func convert(to, from string, v *jen.Statement) *jen.Statement {
	if to == from {
		return v
	}
	return jen.Id(to).Call(v)
}

func (g *generator) encodeNullable(at place, v *jen.Statement, t schema.Type) jen.Code {
	core, _, _ := nullable(t)
	if !nilIsNull(t, core) {
		return jen.Qual(codecPath, "EncodeNullable").Call(at(), v, g.encoder(core))
	}
	return jen.If(jen.Add(v).Op("==").Nil()).Block(
		at().Dot("Null").Call(),
	).Else().Block(
		g.encode(at, v, core),
	)
}

// encoder is a func(*codec.Encoder, T) for values of type t.
func (g *generator) encoder(t schema.Type) jen.Code {
	switch t := t.(type) {
	case *schema.Primitive:
		if f := anyFunc("Encode", t); f != nil {
			return f
		}
		if !t.AsString {
			return jen.Parens(jen.Op("*").Qual(codecPath, "Encoder")).Dot(kinds[t.Kind].method)
		}
	case *schema.Ref:
		if !transparent(t.Decl) {
			return jen.Id(g.names.Encode(t.Decl))
		}
		return g.encoder(t.Decl.Body.(*schema.Alias).Type)
	}
	return jen.Func().Params(
		jen.Id("e").Op("*").Qual(codecPath, "Encoder"),
		jen.Id("v").Add(g.goType(t)),
	).Block(g.encode(local("e"), jen.Id("v"), t))
}

// pointee is the encoder of *T for a type whose encoder takes T.
func (g *generator) pointee(t schema.Type) jen.Code {
	return jen.Func().Params(
		jen.Id("e").Op("*").Qual(codecPath, "Encoder"),
		jen.Id("v").Op("*").Add(g.goType(t)),
	).Block(g.encode(local("e"), jen.Op("*").Id("v"), t))
}

// encodeField is the statement that writes a field if it is there.
func (g *generator) encodeField(enc string, v *jen.Statement, f *schema.Field) jen.Code {
	at := key(enc, f.Name)
	switch formOf(f) {
	case nilForm:
		return jen.If(jen.Add(v).Op("!=").Nil()).Block(g.encode(at, v, f.Type))
	case pointer:
		return jen.If(jen.Add(v).Op("!=").Nil()).Block(g.encodePointer(at, v, f.Type))
	case three:
		return jen.If(jen.Op("!").Add(v).Dot("IsAbsent").Call()).Block(g.encodeOptional(at, v, f))
	case value:
		stmt := g.encode(at, v, f.Type)
		if there := g.isThere(v, f); there != nil {
			return jen.If(there).Block(stmt)
		}
		return stmt
	default:
		return g.encode(at, v, f.Type)
	}
}

// encodePointer is the statement that writes what the pointer v points to. Objects
// go through the helper that stops at the encoder's depth limit: a value that
// points to itself must be an error and not the end of the stack.
func (g *generator) encodePointer(at place, v *jen.Statement, t schema.Type) jen.Code {
	if ref, ok := t.(*schema.Ref); ok && !transparent(ref.Decl) {
		if _, object := ref.Decl.Body.(*schema.Struct); object {
			return jen.Qual(codecPath, "EncodeNullable").Call(at(), v, g.encoder(t))
		}
	}
	return g.encode(at, jen.Op("*").Add(v), t)
}

func (g *generator) encodeOptional(at place, v *jen.Statement, f *schema.Field) jen.Code {
	core, _, _ := nullable(f.Type)
	enc := g.encoder(core)
	if g.holdsPointer(f) {
		enc = g.pointee(core)
	}
	return jen.Qual(codecPath, "EncodeOptional").Call(at(), v, enc)
}
