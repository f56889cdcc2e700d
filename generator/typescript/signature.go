package typescript

import (
	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
)

// direction is one of the three lists of events of a namespace.
type direction struct {
	name string
	// argsSent and ackSent say that the official client sends, and never
	// receives, the arguments and the ack.
	argsSent, ackSent bool
}

var (
	serverToClient = direction{name: "ServerToClient", ackSent: true}
	clientToServer = direction{name: "ClientToServer", argsSent: true}
	serverToServer = direction{name: "ServerToServer"}
)

func (b *builder) event(e *schema.Event, dir direction) Event {
	v := Event{
		Name:   e.Name,
		Prop:   naming.TSProp(e.Name),
		Doc:    newDoc(e.Doc),
		Params: b.params(e.Args, dir.argsSent),
	}
	v.Doc.Params = paramDocs(v.Params)
	if e.Ack != nil {
		v.Ack = b.ack(e, dir.ackSent)
		if doc := ackDoc(v.Ack); doc.Text != "" {
			v.Doc.Params = append(v.Doc.Params, doc)
		}
	}
	const indent = "  "
	v.Type = layout(listener(v.Params, v.Ack), indent, len(indent)+columns(v.Prop)+len(": "))
	return v
}

func (b *builder) ack(e *schema.Event, sent bool) *Ack {
	a := &Ack{
		Callback: fresh("callback", b.params(e.Args, false)),
		Params:   b.params(e.Ack.Args, sent),
	}
	if e.Ack.Error == nil {
		return a
	}
	a.Error = b.names.Type(e.Ack.Error.Decl)
	for i := range a.Params {
		// With an error, nothing else comes.
		a.Params[i].Optional = !a.Params[i].Variadic
	}
	return a
}

func (b *builder) params(fields []*schema.Field, sent bool) []Param {
	params := make([]Param, len(fields))
	for i, f := range fields {
		t := b.expression(f.Type, sent)
		params[i] = Param{
			Name:     b.names.TSArg(f),
			Type:     t.text,
			Optional: f.Optional,
			Variadic: f.Variadic,
			Doc:      newDoc(f.Doc),
			union:    t.union,
			nullable: isNullable(f.Type),
		}
	}
	return params
}

// listener is the function type of an event's listener.
func listener(params []Param, ack *Ack) node {
	if ack == nil {
		return function(items(params), isVariadic(params))
	}
	callback := item{label: ack.Callback + ": ", node: ack.function()}
	if !isVariadic(params) {
		return function(append(requiredItems(params), callback), false)
	}
	// Parameters cannot follow a rest parameter, but a tuple may have its rest
	// element anywhere.
	last := len(params) - 1
	tuple := list{open: "[", end: "]", items: append(items(params[last:]), callback)}
	rest := item{label: "..." + fresh("args", params) + ": ", node: tuple}
	return function(append(requiredItems(params[:last]), rest), true)
}

func (a *Ack) function() node {
	its := items(a.Params)
	if a.Error != "" {
		its = append([]item{{label: fresh("err", a.Params) + ": ", node: word(a.Error + " | null")}}, its...)
	}
	return function(its, isVariadic(a.Params))
}

// function is a function type; TypeScript allows no comma behind a rest
// parameter.
func function(its []item, rest bool) node {
	return list{open: "(", end: ") => void", items: its, noTrailingComma: rest}
}

func items(params []Param) []item {
	its := make([]item, len(params), len(params)+1)
	for i, p := range params {
		switch {
		case p.Variadic:
			its[i] = item{label: "..." + p.Name + ": ", node: word(p.expression().list().text)}
		case p.Optional:
			its[i] = item{label: p.Name + "?: ", node: word(p.Type)}
		default:
			its[i] = item{label: p.Name + ": ", node: word(p.Type)}
		}
	}
	return its
}

// requiredItems is for parameters in front of a callback, where TypeScript
// allows no optional ones. JavaScript writes undefined in an array as null, so
// an absent one arrives as null.
func requiredItems(params []Param) []item {
	its := make([]item, len(params), len(params)+1)
	for i, p := range params {
		t := p.expression()
		if p.Optional {
			if !p.nullable {
				t = t.or("null")
			}
			t = t.or("undefined")
		}
		its[i] = item{label: p.Name + ": ", node: word(t.text)}
	}
	return its
}

func (p Param) expression() expression { return expression{text: p.Type, union: p.union} }

func isVariadic(params []Param) bool {
	return len(params) > 0 && params[len(params)-1].Variadic
}

// fresh is name, or the first of name_, name__… that no parameter has.
func fresh(name string, params []Param) string {
	for _, p := range params {
		if p.Name == name {
			return fresh(name+"_", params)
		}
	}
	return name
}

func isNullable(t schema.Type) bool {
	_, ok := t.(*schema.Nullable)
	return ok
}

func paramDocs(params []Param) []ParamDoc {
	var docs []ParamDoc
	for _, p := range params {
		if text := p.Doc.plain(); text != "" {
			docs = append(docs, ParamDoc{Name: p.Name, Text: text})
		}
	}
	return docs
}

// ackDoc gathers what is said about the ack's arguments: TSDoc has no tag for
// the parameters of a callback.
func ackDoc(a *Ack) ParamDoc {
	doc := ParamDoc{Name: a.Callback}
	for _, p := range paramDocs(a.Params) {
		if doc.Text != "" {
			doc.Text += "\n"
		}
		doc.Text += p.Name + ": " + p.Text
	}
	return doc
}
