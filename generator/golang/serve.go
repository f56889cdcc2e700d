package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

func callParam() *jen.Statement { return jen.Id("call").Op("*").Qual(runtimePath, "Call") }

// serveFunc is the function that decodes an event, calls its handler, and
// replies. On… methods and the exhaustive handler share it.
func (g *generator) serveFunc(f *jen.File, e *schema.Event) {
	declare(f, nil, jen.Func().Id(g.names.Serve(e)).Params(
		ctxParam(), callParam(), jen.Id("handler").Add(g.handlerType(e)),
	).Error().BlockFunc(func(b *jen.Group) {
		if e.Ack != nil && e.Ack.Error != nil {
			b.Id("call").Dot("Declare").Call(jen.Id(g.names.Declare(origin(e.Ack.Error.Decl))))
		}
		g.decodeEvent(b, e)
		if e.Ack == nil {
			b.Return(jen.Id("handler").Call(g.passed(e)...))
			return
		}
		g.reply(b, e)
	}))
}

// decodeEvent declares a variable for each argument and decodes it.
func (g *generator) decodeEvent(b *jen.Group, e *schema.Event) {
	end := jen.Id("call").Dot("Args").Call()
	if len(e.Args) > 0 {
		b.Id("dec").Op(":=").Add(end)
		end = jen.Id("dec")
	}
	for _, f := range e.Args {
		b.Var().Id(g.names.Arg(f)).Add(g.argType(f))
		b.Add(g.decodeArg(jen.Id(g.names.Arg(f)), f, e.Ack != nil))
	}
	b.If(jen.Err().Op(":=").Add(end).Dot("End").Call(), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err()))
}

// decodeArg reads an argument into v. Before a callback null means absent.
func (g *generator) decodeArg(v *jen.Statement, f *schema.Field, callback bool) jen.Code {
	dec := jen.Id("dec")
	name := jen.Lit(f.Name)
	switch form := formOf(f); {
	case f.Variadic:
		return g.decodeRest(v, f)
	case form == plain:
		return jen.If(dec.Dot("Arg").Call(name)).Block(g.decodeField("dec", v, f)...)
	case !callback && (form == three || isAny(f.Type)):
		return jen.If(dec.Dot("OptArgNull").Call(name)).Block(g.decodeField("dec", v, f)...)
	default:
		return jen.If(dec.Dot("OptArg").Call(name)).Block(g.decodeField("dec", v, f)...)
	}
}

// decodeRest reads variadic arguments. Constraints on the number of items are
// about all of them, the others about each.
func (g *generator) decodeRest(v *jen.Statement, f *schema.Field) jen.Code {
	item := jen.Id("item")
	loop := jen.For(jen.Id("dec").Dot("RestArg").Call(jen.Lit(f.Name)))
	read := g.decode(local("dec"), f.Type)
	var checks []jen.Code
	if _, ok := base(f.Type).(*schema.Primitive); ok {
		checks = g.checks("dec", item, f.Type, &f.Constraints)
	}
	stmts := []jen.Code{jen.Add(v).Op("=").Append(v, read)}
	if len(checks) > 0 {
		stmts = append([]jen.Code{jen.Id("item").Op(":=").Add(read)}, checks...)
		stmts = append(stmts, jen.Add(v).Op("=").Append(v, item))
	}
	out := loop.Block(stmts...)
	for _, c := range checkItems(jen.Id("dec"), v, &f.Constraints) {
		out.Line().Add(c)
	}
	return out
}

// reply calls the handler and acknowledges with what it returns.
func (g *generator) reply(b *jen.Group, e *schema.Event) {
	values := make([]jen.Code, 0, len(e.Ack.Args)+1)
	for _, f := range e.Ack.Args {
		values = append(values, jen.Id(g.names.Arg(f)))
	}
	call := jen.Id("handler").Call(g.passed(e)...)
	failed := jen.Err().Op("!=").Nil().Op("||").Op("!").Id("call").Dot("WantsAck").Call()
	if len(values) == 0 {
		b.If(jen.Err().Op(":=").Add(call), failed).Block(jen.Return(jen.Err()))
	} else {
		b.List(append(values, jen.Err())...).Op(":=").Add(call)
		b.If(failed).Block(jen.Return(jen.Err()))
	}
	if len(values) == 0 && e.Ack.Error == nil {
		b.Return(jen.Id("call").Dot("Reply").Call(jen.Qual(codecPath, "NewArgs").Call()))
		return
	}
	b.Id("enc").Op(":=").Qual(codecPath, "NewArgs").Call()
	if e.Ack.Error != nil {
		b.Add(elem("enc")().Dot("Null").Call()) // no error
	}
	g.encodeArgs(b, e.Ack.Args, g.names.Arg, false)
	b.Return(jen.Id("call").Dot("Reply").Call(jen.Id("enc")))
}

// decodeAckFunc is the function that decodes an acknowledgement.
func (g *generator) decodeAckFunc(f *jen.File, e *schema.Event) {
	args := e.Ack.Args
	declare(f, nil, jen.Func().Id(g.names.DecodeAck(e)).Params(
		jen.Id("dec").Op("*").Qual(codecPath, "Decoder"),
	).Params(jen.Id("res").Add(g.ackType(e)), jen.Err().Error()).BlockFunc(func(b *jen.Group) {
		if e.Ack.Error != nil {
			g.decodeDeclared(b, e.Ack.Error)
		}
		for _, a := range args {
			v := jen.Id("res")
			if len(args) > 1 {
				v.Dot(g.names.Field(a))
			}
			b.Add(g.decodeArg(v, a, false))
		}
		b.Return(jen.Id("res"), jen.Nil())
	}))
}

// decodeDeclared returns the declared error, if the acknowledgement begins with
// one.
func (g *generator) decodeDeclared(b *jen.Group, ref *schema.Ref) {
	read := g.decode(local("dec"), ref)
	body := []jen.Code{jen.Return(jen.Id("res"), read)}
	if isStruct(origin(ref.Decl)) {
		body = []jen.Code{jen.Return(jen.Id("res"), jen.Qual(codecPath, "Ptr").Call(read))}
	}
	b.If(jen.Id("dec").Dot("OptArg").Call(jen.Lit("err"))).Block(body...)
}
