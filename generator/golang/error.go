package golang

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// errorMethod makes a declared error type an error: a struct through its
// pointer, a string by value.
func (g *generator) errorMethod(f *jen.File, d *schema.Decl) {
	name := g.names.Type(d)
	receiver := jen.Id("e").Id(name)
	var text jen.Code
	switch body := d.Body.(type) {
	case *schema.Struct:
		receiver = jen.Id("e").Op("*").Id(name)
		text = g.errorText(name, body)
	default:
		text = jen.String().Call(jen.Id("e"))
	}
	declare(f, jen.Comment("// Error implements error."),
		jen.Func().Params(receiver).Id("Error").Params().String().Block(jen.Return(text)))
}

// errorText is the message of an error that is a struct: its field of that name,
// or everything.
func (g *generator) errorText(name string, body *schema.Struct) jen.Code {
	if f := messageField(body); f != nil {
		return jen.Id("e").Dot(g.names.Field(f))
	}
	return jen.Qual("fmt", "Sprintf").Call(jen.Lit(name+"%+v"), jen.Op("*").Id("e"))
}

// messageField is the field of an error that holds a text for people.
func messageField(body *schema.Struct) *schema.Field {
	for _, f := range body.Fields {
		if p, ok := f.Type.(*schema.Primitive); ok && f.Name == "message" && p.Kind == schema.String && !f.Optional {
			return f
		}
	}
	return nil
}

// onlyMessage reports whether an error can be made of a text alone.
func onlyMessage(body *schema.Struct) bool {
	for _, f := range body.Fields {
		if f.Name != "message" && !f.Optional {
			return false
		}
	}
	m := messageField(body)
	return m != nil && (m.Own == nil || len(m.Own.Path) == 1) // not in an embedded struct
}

// declareFunc is the function that encodes a declared error for the peer. If a
// text alone makes one, it also says what was wrong with a payload.
func (g *generator) declareFunc(f *jen.File, d *schema.Decl) {
	errType := g.typeName(d)
	value := jen.Id("declared")
	body, isStruct := d.Body.(*schema.Struct)
	isStruct = isStruct && d.Go == nil
	if isStruct {
		errType = jen.Op("*").Add(errType)
		value = jen.Op("*").Add(value)
	}
	lead := fmt.Sprintf("// %s encodes err if it is a declared error of the schema.", g.names.Declare(d))
	declare(f, jen.Comment(lead), jen.Func().Id(g.names.Declare(d)).Params(
		jen.Id("enc").Op("*").Qual(codecPath, "Encoder"), jen.Err().Error(),
	).Bool().BlockFunc(func(b *jen.Group) {
		found := func(of jen.Code) *jen.Statement {
			return jen.List(jen.Id("declared"), jen.Id("ok")).Op(":=").Qual("errors", "AsType").Index(of).Call(jen.Err())
		}
		is := jen.Id("ok")
		if isStruct {
			is.Op("&&").Id("declared").Op("!=").Nil()
		}
		b.If(found(errType), is).Block(
			jen.Id(g.names.Encode(d)).Call(jen.Id("enc"), value),
			jen.Return(jen.True()),
		)
		if text := g.errorOf(d, body, isStruct); text != nil {
			b.If(jen.List(jen.Id("invalid"), jen.Id("ok")).Op(":=").Qual("errors", "AsType").Index(
				jen.Op("*").Qual(runtimePath, "DecodeError")).Call(jen.Err()), jen.Id("ok")).Block(
				jen.Id(g.names.Encode(d)).Call(jen.Id("enc"), text),
				jen.Return(jen.True()),
			)
		}
		b.Return(jen.False())
	}))
}

// errorOf makes an error of the text of an invalid payload; nil if it needs more.
func (g *generator) errorOf(d *schema.Decl, body *schema.Struct, isStruct bool) jen.Code {
	text := jen.Id("invalid").Dot("Error").Call()
	switch {
	case isStruct && onlyMessage(body):
		return g.typeName(d).Values(jen.Dict{jen.Id(g.fieldName(messageField(body))): text})
	case !isStruct && d.Go == nil:
		if p := primitive(&schema.Ref{Decl: d}); p != nil && p.Kind == schema.String {
			return g.typeName(d).Call(text)
		}
	}
	return nil
}
