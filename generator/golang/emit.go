package golang

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// wirePrefix is how an event's JSON begins: `["name"`.
func wirePrefix(e *schema.Event) jen.Code {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e.Name); err != nil {
		panic(err) // a string has no encoding error
	}
	return quoted("[" + strings.TrimSuffix(buf.String(), "\n"))
}

// emitMethod is a method that sends an event without acknowledgement. send makes
// the statement that sends the encoder it is given.
func (g *generator) emitMethod(f *jen.File, receiver jen.Code, e *schema.Event, params []jen.Code, send func(enc jen.Code) jen.Code) {
	declare(f, eventDoc("Emit"+g.names.Event(e)+" sends "+eventName(e)+".", e),
		jen.Func().Params(receiver).Id("Emit"+g.names.Event(e)).Params(params...).Error().BlockFunc(func(b *jen.Group) {
			if len(e.Args) == 0 {
				b.Return(send(jen.Qual(codecPath, "NewEvent").Call(wirePrefix(e))))
				return
			}
			g.encodeEvent(b, e)
			b.Return(send(jen.Id("enc")))
		}))
}

// encodeEvent writes the event's name and arguments to a new encoder, enc.
func (g *generator) encodeEvent(b *jen.Group, e *schema.Event) {
	b.Id("enc").Op(":=").Qual(codecPath, "NewEvent").Call(wirePrefix(e))
	g.encodeArgs(b, e.Args, g.names.Arg, e.Ack != nil)
}

// encodeArgs writes arguments. Before an acknowledgement's callback, an absent
// one is null: JavaScript has no other way to leave it out.
func (g *generator) encodeArgs(b *jen.Group, fields []*schema.Field, name func(*schema.Field) string, callback bool) {
	for _, f := range fields {
		b.Add(g.encodeArg(jen.Id(name(f)), f, callback))
	}
}

func (g *generator) encodeArg(v *jen.Statement, f *schema.Field, callback bool) jen.Code {
	at := elem("enc")
	absent := jen.Id("enc").Dot("Absent").Call()
	if callback {
		absent = at().Dot("Null").Call()
	}
	switch form := formOf(f); {
	case f.Variadic:
		return jen.For(jen.List(jen.Id("_"), jen.Id("item")).Op(":=").Range().Add(v)).Block(g.encode(at, jen.Id("item"), f.Type))
	case form == nilForm:
		return jen.If(jen.Add(v).Op("==").Nil()).Block(absent).Else().Block(g.encode(at, v, f.Type))
	case form == pointer && callback:
		return jen.Qual(codecPath, "EncodeNullable").Call(at(), v, g.encoder(f.Type))
	case form == pointer:
		return jen.If(jen.Add(v).Op("==").Nil()).Block(absent).Else().Block(g.encode(at, jen.Op("*").Add(v), f.Type))
	case form == three && callback:
		return g.encodeOptional(at, v, f)
	case form == three:
		return jen.If(jen.Add(v).Dot("IsAbsent").Call()).Block(absent).Else().Block(g.encodeOptional(at, v, f))
	default:
		return g.encode(at, v, f.Type)
	}
}

// callMethod is a method that sends an event and returns what is acknowledged:
// from one peer, through runtime.Emit.
func (g *generator) callMethod(f *jen.File, receiver jen.Code, caller string, e *schema.Event) {
	lead := "Emit" + g.names.Event(e) + " sends " + eventName(e) + " and waits for the acknowledgement."
	declare(f, eventDoc(lead, e),
		jen.Func().Params(receiver).Id("Emit"+g.names.Event(e)).Params(g.params(e)...).Add(g.results(e)).BlockFunc(func(b *jen.Group) {
			g.encodeEvent(b, e)
			emit := jen.Qual(runtimePath, "Emit").Call(jen.Id("ctx"), jen.Id(caller), jen.Id("enc"), jen.Id(g.names.DecodeAck(e)))
			switch len(e.Ack.Args) {
			case 0:
				b.List(jen.Id("_"), jen.Err()).Op(":=").Add(emit)
				b.Return(jen.Err())
			case 1:
				b.Return(emit)
			default:
				b.List(jen.Id("res"), jen.Err()).Op(":=").Add(emit)
				values := make([]jen.Code, 0, len(e.Ack.Args)+1)
				for _, a := range e.Ack.Args {
					values = append(values, jen.Id("res").Dot(g.names.Field(a)))
				}
				b.Return(append(values, jen.Err())...)
			}
		}))
}

// collectMethod is a method that sends an event to many and returns what they
// acknowledge. collect is runtime.Collect or runtime.CollectServers.
func (g *generator) collectMethod(f *jen.File, receiver jen.Code, e *schema.Event, whom, collect string, from jen.Code) {
	lead := "Emit" + g.names.Event(e) + " sends " + eventName(e) + " to " + whom +
		" and collects the acknowledgements,\nwith a *runtime.BroadcastAckError if some are missing."
	method := jen.Func().Params(receiver).Id("Emit" + g.names.Event(e)).Params(g.params(e)...)
	call := jen.Qual(runtimePath, collect).Call(jen.Id("ctx"), from, jen.Id("enc"), jen.Id(g.names.DecodeAck(e)))
	none := len(e.Ack.Args) == 0
	if none {
		method.Error()
	} else {
		method.Parens(jen.List(jen.Index().Add(g.ackType(e)), jen.Error()))
	}
	declare(f, eventDoc(lead, e), method.BlockFunc(func(b *jen.Group) {
		g.encodeEvent(b, e)
		if none {
			b.List(jen.Id("_"), jen.Err()).Op(":=").Add(call)
			b.Return(jen.Err())
			return
		}
		b.Return(call)
	}))
}

// ackType is an acknowledgement as one Go value.
func (g *generator) ackType(e *schema.Event) *jen.Statement {
	switch len(e.Ack.Args) {
	case 0:
		return jen.Struct()
	case 1:
		return g.argType(e.Ack.Args[0])
	default:
		return jen.Id(g.names.AckStruct(e))
	}
}
