package golang

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// argType is the Go type of an argument where it is not a parameter: of a
// variadic one, a slice.
func (g *generator) argType(f *schema.Field) *jen.Statement {
	if f.Variadic {
		return jen.Index().Add(g.goType(f.Type))
	}
	return g.fieldType(f)
}

// param is an argument as a parameter.
func (g *generator) param(f *schema.Field) *jen.Statement {
	if f.Variadic {
		return jen.Id(g.names.Arg(f)).Op("...").Add(g.goType(f.Type))
	}
	return jen.Id(g.names.Arg(f)).Add(g.fieldType(f))
}

// params are a context, what lead says, and the arguments of an event.
func (g *generator) params(e *schema.Event, lead ...jen.Code) []jen.Code {
	params := append([]jen.Code{ctxParam()}, lead...)
	for _, f := range e.Args {
		params = append(params, g.param(f))
	}
	return params
}

func ctxParam() *jen.Statement { return jen.Id("ctx").Qual("context", "Context") }

// unnamedParams are params without their names.
func (g *generator) unnamedParams(e *schema.Event, lead ...jen.Code) []jen.Code {
	params := append([]jen.Code{jen.Qual("context", "Context")}, lead...)
	for _, f := range e.Args {
		if f.Variadic {
			params = append(params, jen.Op("...").Add(g.goType(f.Type)))
		} else {
			params = append(params, g.fieldType(f))
		}
	}
	return params
}

// passed are a context, what lead says, and the arguments of an event, as a call
// passes them on.
func (g *generator) passed(e *schema.Event, lead ...jen.Code) []jen.Code {
	args := append([]jen.Code{jen.Id("ctx")}, lead...)
	for _, f := range e.Args {
		arg := jen.Id(g.names.Arg(f))
		if f.Variadic {
			arg.Op("...")
		}
		args = append(args, arg)
	}
	return args
}

// results are the values of an acknowledgement and an error. Several have names,
// which tell them apart.
func (g *generator) results(e *schema.Event) jen.Code {
	if e.Ack == nil || len(e.Ack.Args) == 0 {
		return jen.Error()
	}
	if len(e.Ack.Args) == 1 {
		return jen.Parens(jen.List(g.argType(e.Ack.Args[0]), jen.Error()))
	}
	results := make([]jen.Code, 0, len(e.Ack.Args)+1)
	for _, f := range e.Ack.Args {
		results = append(results, jen.Id(g.names.Arg(f)).Add(g.argType(f)))
	}
	return jen.Params(append(results, jen.Err().Error())...)
}

// unnamedResults are results without their names.
func (g *generator) unnamedResults(e *schema.Event) jen.Code {
	if len(ackArgs(e)) < 2 {
		return g.results(e)
	}
	types := make([]jen.Code, 0, len(e.Ack.Args)+1)
	for _, f := range e.Ack.Args {
		types = append(types, g.argType(f))
	}
	return jen.Params(append(types, jen.Error())...)
}

// zero is the zero value of an argument's type.
func (g *generator) zero(f *schema.Field) jen.Code {
	core, isNull, _ := nullable(f.Type)
	if isArray(core) && !f.Optional && !isNull {
		return jen.Op("*").New(g.argType(f))
	}
	if f.Variadic || formOf(f) == nilForm || formOf(f) == pointer || isNull && !f.Optional || nilable(core) && !f.Optional {
		return jen.Nil()
	}
	switch b := base(core).(type) {
	case *schema.Primitive:
		switch {
		case b.Kind == schema.AnyKind && b.Go != nil && !f.Optional:
			return jen.Nil()
		case f.Optional || b.Kind == schema.Time || b.Kind == schema.AnyKind:
		case b.Kind == schema.Bool:
			return jen.False()
		case b.Kind == schema.String:
			return jen.Lit("")
		default:
			return jen.Lit(0)
		}
	case *schema.Ref:
		if _, ok := b.Decl.Body.(*schema.Enum); ok && b.Decl.Go == nil && !f.Optional {
			return jen.Lit("")
		}
		if b.Decl.Go != nil {
			return jen.Op("*").New(g.argType(f))
		}
	}
	return g.argType(f).Values()
}

// handlerType is the type of an event's handler.
func (g *generator) handlerType(e *schema.Event, lead ...jen.Code) *jen.Statement {
	return jen.Func().Params(g.params(e, lead...)...).Add(g.results(e))
}

// eventDoc is the doc comment of what has to do with an event.
func eventDoc(lead string, e *schema.Event) jen.Code {
	doc := e.Doc
	for _, part := range []struct {
		title  string
		fields []*schema.Field
	}{{"arguments", e.Args}, {"acknowledgement", ackArgs(e)}} {
		if list := argDocs(part.fields); list != "" {
			doc.Text = paragraph(doc.Text, "\n\n", "The "+part.title+":\n"+list)
		}
	}
	if e.Doc.Text == "" && doc.Text != "" {
		return docComment(lead+"\n\n"+doc.Text, schema.Doc{Since: doc.Since, Deprecated: doc.Deprecated})
	}
	return docComment(lead, doc)
}

// argDocs lists the arguments that the schema says something about.
func argDocs(fields []*schema.Field) string {
	list := ""
	for _, f := range fields {
		doc := f.Doc
		if doc.Deprecated != "" {
			doc.Text = paragraph(doc.Text, " ", "(Deprecated: "+doc.Deprecated+")")
		}
		if doc.Since != "" {
			doc.Text = paragraph(doc.Text, " ", "(Since "+doc.Since+".)")
		}
		if doc.Text != "" {
			list += "\n  - " + f.Name + ": " + oneLine(doc.Text)
		}
	}
	return list
}

func ackArgs(e *schema.Event) []*schema.Field {
	if e.Ack == nil {
		return nil
	}
	return e.Ack.Args
}

// eventName is the name of an event as comments have it.
func eventName(e *schema.Event) string { return strconv.Quote(e.Name) }
