package golang

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// codecs builds the file of the functions that encode and decode the types.
func (g *generator) codecs() source {
	return source{name: "codec.go", parts: append(partsOf(g.schema.Types, g.codec), g.patternVars)}
}

// codec adds the functions of one type.
func (g *generator) codec(f *jen.File, d *schema.Decl) {
	if g.encoded[d] && !transparent(d) {
		g.encodeDecl(f, d)
	}
	if g.decoded[d] && hasDecoder(d) {
		g.decodeDecl(f, d)
	}
	if g.errors[d] {
		g.declareFunc(f, d)
	}
}

func (g *generator) encodeDecl(f *jen.File, d *schema.Decl) {
	param := jen.Id("v")
	if len(structFields(d)) == 0 && isStruct(d) {
		param = jen.Id("_")
	}
	declare(f, nil, jen.Func().Id(g.names.Encode(d)).Params(
		jen.Id("e").Op("*").Qual(codecPath, "Encoder"),
		param.Add(g.typeName(d)),
	).BlockFunc(func(b *jen.Group) {
		if d.Go != nil {
			g.encodeMapped(b, d)
			return
		}
		switch body := d.Body.(type) {
		case *schema.Struct:
			b.Id("e").Dot("BeginObject").Call()
			for _, field := range body.Fields {
				b.Add(g.encodeMember(field))
			}
			b.Id("e").Dot("EndObject").Call()
		case *schema.Enum:
			b.Add(g.encodeEnum(d, body))
		case *schema.Union:
			g.encodeUnion(b, d, body)
		case *schema.Alias:
			b.Add(g.encodeAlias(body))
		}
	}))
}

func isStruct(d *schema.Decl) bool {
	_, ok := d.Body.(*schema.Struct)
	return ok && d.Go == nil
}

func (g *generator) encodeEnum(d *schema.Decl, body *schema.Enum) jen.Code {
	if body.Open {
		return jen.Id("e").Dot("String").Call(jen.String().Call(jen.Id("v")))
	}
	args := []jen.Code{jen.Id("e"), jen.Id("v"), jen.Lit(d.Name)}
	return jen.Qual(codecPath, "EncodeEnum").Add(listOf(append(args, g.enumValues(d, body)...), "(", ")"))
}

// encodeAlias encodes a defined type as what it is made of.
func (g *generator) encodeAlias(body *schema.Alias) jen.Code {
	v := jen.Id("v")
	if p, ok := body.Type.(*schema.Primitive); ok && p.Kind != schema.Bytes {
		v = jen.Id(kinds[p.Kind].goType).Call(v)
	}
	return g.encode(local("e"), v, body.Type)
}

func (g *generator) encodeUnion(b *jen.Group, d *schema.Decl, body *schema.Union) {
	b.Switch(jen.Id("v").Op(":=").Id("v").Assert(jen.Type())).BlockFunc(func(b *jen.Group) {
		for _, v := range body.Variants {
			variant := origin(v.Type.Decl)
			if v.Go != nil && v.Go.Value {
				b.Case(g.typeName(variant)).Block(
					jen.Qual(codecPath, "EncodeVariant").Call(jen.Id("e"), jen.Lit(body.Tag), jen.Lit(v.Tag), jen.Op("&").Id("v"), g.encoder(v.Type)))
			}
			b.Case(jen.Op("*").Add(g.typeName(variant))).Block(
				jen.Qual(codecPath, "EncodeVariant").Call(jen.Id("e"), jen.Lit(body.Tag), jen.Lit(v.Tag), jen.Id("v"), g.encoder(v.Type)))
		}
		if body.Open && !isOwn(d) {
			b.Case(jen.Op("*").Id(g.names.UnknownVariant(d))).Block(
				jen.Id("e").Dot("Any").Call(jen.Id("v").Dot("Value")))
		}
		b.Default().Block(jen.Id("e").Dot("Fail").Call(jen.Lit(d.Name + " is nil")))
	})
}

func (g *generator) decodeDecl(f *jen.File, d *schema.Decl) {
	result := g.typeName(d)
	if isStruct(d) || d.Go != nil {
		result = jen.Parens(jen.Id("v").Add(result))
	}
	declare(f, nil, jen.Func().Id(g.names.Decode(d)).Params(
		jen.Id("d").Op("*").Qual(codecPath, "Decoder"),
	).Add(result).BlockFunc(func(b *jen.Group) {
		if d.Go != nil {
			g.decodeMapped(b, d)
			return
		}
		switch body := d.Body.(type) {
		case *schema.Struct:
			g.decodeStruct(b, body)
		case *schema.Enum:
			b.Return(g.decodeEnum(d, body))
		case *schema.Union:
			g.decodeUnion(b, d, body)
		case *schema.Alias:
			g.decodeAlias(b, d, body)
		}
	}))
}

// seenBits is how many required fields one variable keeps track of.
const seenBits = 64

func seenVar(i int) string {
	if i < seenBits {
		return "seen"
	}
	return fmt.Sprintf("seen%d", i/seenBits+1)
}

func (g *generator) decodeStruct(b *jen.Group, body *schema.Struct) {
	var required []jen.Code
	var cases []jen.Code
	for _, f := range body.Fields {
		stmts := g.decodeMember(f)
		if !f.Optional {
			n := len(required)
			stmts = append(stmts, jen.Id(seenVar(n)).Op("|=").Lit(1).Op("<<").Lit(n%seenBits))
			required = append(required, jen.Lit(f.Name))
		}
		cases = append(cases, jen.Case(jen.Lit(f.Name)).Block(stmts...))
	}
	for i := 0; i < len(required); i += seenBits {
		b.Var().Id(seenVar(i)).Uint64()
	}
	skip := jen.Id("d").Dot("Skip").Call()
	loop := skip
	if len(cases) > 0 {
		cases = append(cases, jen.Default().Block(skip))
		loop = jen.Switch(jen.String().Call(jen.Id("d").Dot("Key").Call())).Block(cases...)
	}
	b.For(jen.Id("d").Dot("BeginObject").Call(), jen.Id("d").Dot("NextField").Call(), jen.Empty()).Block(loop)
	for i := 0; i < len(required); i += seenBits {
		names := required[i:min(i+seenBits, len(required))]
		b.Id("d").Dot("Require").Add(listOf(append([]jen.Code{jen.Id(seenVar(i))}, names...), "(", ")"))
	}
	b.Return(jen.Id("v"))
}

func (g *generator) decodeEnum(d *schema.Decl, body *schema.Enum) jen.Code {
	if body.Open {
		return g.typeName(d).Call(jen.Id("d").Dot("String").Call())
	}
	args := []jen.Code{jen.Id("d"), jen.Lit(d.Name)}
	f := jen.Qual(codecPath, "DecodeEnum")
	if d.Go != nil || isOwn(d) {
		f = f.Index(g.typeName(d))
	}
	return f.Add(listOf(append(args, g.enumValues(d, body)...), "(", ")"))
}

func (g *generator) decodeUnion(b *jen.Group, d *schema.Decl, body *schema.Union) {
	tag := jen.Id("d").Dot("Tag").Call(jen.Lit(body.Tag))
	cases := make([]jen.Code, 0, len(body.Variants)+1)
	known := []jen.Code{jen.Lit(body.Tag), jen.Lit(d.Name)}
	for _, v := range body.Variants {
		cases = append(cases, jen.Case(jen.Lit(v.Tag)).Block(
			jen.Return(jen.Qual(codecPath, "Ptr").Call(g.decode(local("d"), v.Type)))))
		known = append(known, jen.Lit(v.Tag))
	}
	if body.Open && isOwn(d) {
		// The application has no type for a variant that it does not know.
		cases = append(cases, jen.Default().Block(jen.Id("d").Dot("Skip").Call(), jen.Return(jen.Nil())))
		b.Switch(tag).Block(cases...)
		return
	}
	if body.Open {
		cases = append(cases, jen.Default().Block(jen.Return(jen.Op("&").Id(g.names.UnknownVariant(d)).Values(jen.Dict{
			jen.Id("Tag"):   jen.Id("tag"),
			jen.Id("Value"): jen.Id("d").Dot("Any").Call(),
		}))))
		b.Switch(jen.Id("tag").Op(":=").Add(tag), jen.Id("tag")).Block(cases...)
		return
	}
	cases = append(cases, jen.Default().Block(
		jen.Id("d").Dot("FailTag").Add(listOf(known, "(", ")")),
		jen.Return(jen.Nil())))
	b.Switch(tag).Block(cases...)
}

func (g *generator) decodeAlias(b *jen.Group, d *schema.Decl, body *schema.Alias) {
	t := &schema.Ref{Name: d.Name, Decl: d}
	if acceptsNull(body.Type) {
		b.Return(g.decodeNullable(local("d"), body.Type, &body.Constraints))
		return
	}
	value := g.decode(local("d"), body.Type)
	if _, ok := body.Type.(*schema.Primitive); ok && !transparent(d) {
		value = g.typeName(d).Call(value)
	}
	checks := g.checks("d", jen.Id("v"), t, &body.Constraints)
	if len(checks) == 0 {
		b.Return(value)
		return
	}
	if _, ok := body.Type.(*schema.Primitive); ok || transparent(d) {
		b.Id("v").Op(":=").Add(value)
	} else {
		b.Var().Id("v").Add(g.typeName(d)).Op("=").Add(value)
	}
	for _, c := range checks {
		b.Add(c)
	}
	b.Return(jen.Id("v"))
}
