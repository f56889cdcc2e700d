package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// decode is the expression that reads a value of type t.
func (g *generator) decode(from place, t schema.Type) *jen.Statement {
	switch t := t.(type) {
	case *schema.Primitive:
		if f := anyFunc("Decode", t); f != nil {
			return jen.Add(f).Call(from())
		}
		return decodePrimitive(from, t)
	case *schema.List:
		if t.Go != nil && t.Go.Array > 0 {
			return g.goType(t).Call(jen.Qual(codecPath, "DecodeArray").Call(from(), jen.Lit(t.Go.Array), g.decoder(t.Elem)))
		}
		return jen.Qual(codecPath, "DecodeList").Call(from(), g.decoder(t.Elem))
	case *schema.Map:
		if t.Go != nil && t.Go.Type != nil {
			return jen.Qual(codecPath, "DecodeKeyedMap").Index(g.goName(t.Go.Type)).Call(from(), g.decoder(t.Elem))
		}
		return jen.Qual(codecPath, "DecodeMap").Call(from(), g.decoder(t.Elem))
	case *schema.Nullable:
		return g.decodeNullable(from, t)
	case *schema.Ref:
		switch {
		case hasDecoder(t.Decl):
			return jen.Id(g.names.Decode(t.Decl)).Call(from())
		case acceptsNull(t):
			return g.decodeNullable(from, t)
		default:
			return g.decode(from, t.Decl.Body.(*schema.Alias).Type)
		}
	default:
		panic("schema.Type is a closed sum")
	}
}

// hasDecoder reports whether d has a decode function: a Go alias without
// constraints is decoded as what it stands for, and a nullable one with them,
// too: they are about what is not null.
func hasDecoder(d *schema.Decl) bool {
	if !transparent(d) {
		return true
	}
	alias := d.Body.(*schema.Alias)
	return !acceptsNull(alias.Type) && !alias.Constraints.IsZero()
}

func decodePrimitive(from place, t *schema.Primitive) *jen.Statement {
	k := kinds[t.Kind]
	switch {
	case t.AsString && k.signed:
		return convert(k.goType, "int64", from().Dot("IntString").Call(jen.Lit(k.bits)))
	case t.AsString:
		return convert(k.goType, "uint64", from().Dot("UintString").Call(jen.Lit(k.bits)))
	default:
		return from().Dot(k.method).Call()
	}
}

func (g *generator) decodeNullable(from place, t schema.Type, more ...*schema.Constraints) *jen.Statement {
	core, _, cs := nullable(t)
	cs = append(cs, more...)
	helper := "Nullable"
	if nilIsNull(t, core) {
		helper = "NullAsZero"
	}
	return jen.Qual(codecPath, helper).Call(from(), g.decoder(core, cs...))
}

// decoder is a func(*codec.Decoder) T for values of type t, which checks cs.
func (g *generator) decoder(t schema.Type, cs ...*schema.Constraints) jen.Code {
	checks := g.checks("d", jen.Id("v"), t, cs...)
	if len(checks) == 0 {
		if f := g.decodeFunc(t); f != nil {
			return f
		}
	}
	params := jen.Id("d").Op("*").Qual(codecPath, "Decoder")
	read := g.decode(local("d"), t)
	if len(checks) == 0 {
		return jen.Func().Params(params).Add(g.goType(t)).Block(jen.Return(read))
	}
	return jen.Func().Params(params).Add(g.goType(t)).BlockFunc(func(b *jen.Group) {
		b.Var().Id("v").Add(g.goType(t)).Op("=").Add(read)
		for _, c := range checks {
			b.Add(c)
		}
		b.Return(jen.Id("v"))
	})
}

// decodeFunc is the function that reads a t, if one has a name.
func (g *generator) decodeFunc(t schema.Type) jen.Code {
	switch t := t.(type) {
	case *schema.Primitive:
		if f := anyFunc("Decode", t); f != nil {
			return f
		}
		if !t.AsString {
			return jen.Parens(jen.Op("*").Qual(codecPath, "Decoder")).Dot(kinds[t.Kind].method)
		}
	case *schema.Ref:
		if hasDecoder(t.Decl) {
			return jen.Id(g.names.Decode(t.Decl))
		}
		if !acceptsNull(t) {
			return g.decodeFunc(t.Decl.Body.(*schema.Alias).Type)
		}
	}
	return nil
}

// pointerDecoder is a decoder of *T.
func (g *generator) pointerDecoder(t schema.Type, cs ...*schema.Constraints) jen.Code {
	f := jen.Func().Params(jen.Id("d").Op("*").Qual(codecPath, "Decoder")).Op("*").Add(g.goType(t))
	checks := g.checks("d", jen.Id("v"), t, cs...)
	if len(checks) == 0 {
		return f.Block(jen.Return(jen.Qual(codecPath, "Ptr").Call(g.decode(local("d"), t))))
	}
	return f.BlockFunc(func(b *jen.Group) {
		b.Var().Id("v").Add(g.goType(t)).Op("=").Add(g.decode(local("d"), t))
		for _, c := range checks {
			b.Add(c)
		}
		b.Return(jen.Op("&").Id("v"))
	})
}

// decodeField reads what is there of a field or an argument, and checks it. The
// statements follow the form that formOf gives it.
func (g *generator) decodeField(dec string, v *jen.Statement, f *schema.Field) []jen.Code {
	from := local(dec)
	core, isNull, cs := nullable(f.Type)
	cs = append(cs, &f.Constraints)
	assign := func(value *jen.Statement, checks ...jen.Code) []jen.Code {
		return append([]jen.Code{jen.Add(v).Op("=").Add(value)}, checks...)
	}
	switch form := formOf(f); {
	case form == three && g.holdsPointer(f):
		return assign(jen.Qual(codecPath, "DecodeOptional").Call(from(), g.pointerDecoder(core, cs...)))
	case form == three:
		return assign(jen.Qual(codecPath, "DecodeOptional").Call(from(), g.decoder(core, cs...)))
	case form == pointer:
		return assign(jen.Qual(codecPath, "Ptr").Call(g.decode(from, core)),
			g.checks(dec, jen.Op("*").Add(v), core, cs...)...)
	case isNull && nilIsNull(f.Type, core) && len(g.checks(dec, v, core, cs...)) == 0:
		return assign(g.decode(from, f.Type))
	case isNull && nilIsNull(f.Type, core):
		return assign(jen.Qual(codecPath, "NullAsZero").Call(from(), g.decoder(core, cs...)))
	case isNull:
		return assign(jen.Qual(codecPath, "Nullable").Call(from(), g.decoder(core, cs...)))
	default:
		return assign(g.decode(from, core), g.checks(dec, v, core, cs...)...)
	}
}
