package yamlschema

import (
	"fmt"
	"go/token"

	"gopkg.in/yaml.v3"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// readContract reads all of the root file but its types.
func (f *file) readContract() {
	f.readPackage()
	f.out.Doc = f.doc(f.root)
	main := &schema.Namespace{Name: "/", Span: f.root.span}
	f.out.Namespaces = []*schema.Namespace{main}
	f.readNamespace(main, f.root)

	namespaces, ok := f.root.get("namespaces")
	if !ok {
		return
	}
	entries, _ := f.mapping(namespaces.value, "namespaces", "write namespaces: {/admin: {ServerToClient: {…}}}")
	for _, e := range entries {
		o, ok := f.object(e.value, namespaceLevel(), "a namespace", "", f.unknownDirection)
		if !ok {
			continue
		}
		ns := &schema.Namespace{Name: e.key, Span: e.span, Doc: f.doc(o), GoName: f.goName(o, true)}
		f.out.Namespaces = append(f.out.Namespaces, ns)
		f.readNamespace(ns, o)
	}
}

func (f *file) readPackage() {
	e, ok := f.root.get("package")
	if !ok {
		f.errorf(diag.CodeMissingKey, f.src.span(0, 0), "add package: chat, the name of the Go package to generate", "the schema names no package")
		return
	}
	hint := "write package: chat"
	name, ok := f.text(e, hint)
	if !ok {
		return
	}
	f.out.Package, f.out.PackageSpan = name, f.valueSpan(e)
	if !f.out.PackageSpan.IsValid() || name == "" {
		f.errorf(diag.CodeBadPackage, f.valueSpan(e), hint, "the name of the package is empty")
	}
}

// readNamespace reads what a namespace and the root of a schema have in common.
func (r *reader) readNamespace(ns *schema.Namespace, o object) {
	prefix := camel(ns.Name)
	if ns.GoName != "" {
		prefix = ns.GoName
	}
	if e, ok := o.get("auth"); ok {
		ns.Auth = r.connectionType(e, owner{prefix + "HandshakeAuth"})
	}
	if e, ok := o.get("SocketData"); ok {
		ns.SocketData = r.connectionType(e, owner{prefix + "SocketData"})
	}
	for _, e := range o.entries {
		switch e.key {
		case "ServerToClient":
			ns.ServerToClient = r.events(e, prefix)
		case "ClientToServer":
			ns.ClientToServer = r.events(e, prefix)
		case "ServerToServer":
			ns.ServerToServer = r.events(e, prefix)
		}
	}
}

// connectionType reads auth or SocketData: the name of a type, fields, or the
// long form {fields: {…}}.
func (r *reader) connectionType(e entry, own owner) *schema.Ref {
	n := deref(e.value)
	if n.Kind == yaml.ScalarNode && !isNull(n) {
		return r.named(n, e, e.key)
	}
	entries, ok := r.mapping(n, e.key, fmt.Sprintf("write %s: {name: type}, or the name of a type", e.key))
	if !ok {
		return nil
	}
	decl := r.hoist(own, e.span)
	fields := n
	for _, inner := range entries {
		if inner.key == "fields" && deref(inner.value).Kind == yaml.MappingNode {
			o, _ := r.object(n, objectLevel(), e.key, "", nil)
			decl.Doc = r.doc(o)
			fields = inner.value
		}
	}
	decl.Body = &schema.Struct{Fields: r.fields(fields, owner{decl.Name}, "fields")}
	return refTo(decl, e.span)
}

func (r *reader) events(direction entry, prefix string) []*schema.Event {
	entries, _ := r.mapping(direction.value, direction.key, "write the name of the event, a colon, and {args: {…}}")
	var events []*schema.Event
	for _, e := range entries {
		own := owner{prefix + camel(e.key), prefix + direction.key + camel(e.key)}
		events = append(events, r.event(e, own))
	}
	return events
}

func (r *reader) event(e entry, own owner) *schema.Event {
	event := &schema.Event{Name: e.key, Span: e.span}
	hint := fmt.Sprintf("write %s: {args: {name: type}}", e.key)
	o, ok := r.object(e.value, eventLevel(), "an event", hint, r.strayArgument)
	if !ok {
		return event
	}
	event.Doc = r.doc(o)
	event.GoName = r.goName(o, true)
	if args, ok := o.get("args"); ok {
		event.Args = r.fields(args.value, own, "args")
	}
	if ack, ok := o.get("ack"); ok {
		event.Ack = &schema.Ack{Span: ack.span, Args: r.fields(ack.value, append(own, own.child("Ack")...), "ack")}
	}
	if declared, ok := o.get("error"); ok {
		if event.Ack == nil {
			event.Ack = &schema.Ack{Span: declared.span}
		}
		event.Ack.Error = r.ackError(declared, own.child("Error"))
	}
	return event
}

// strayArgument recognises an argument that stands outside args.
func (r *reader) strayArgument(e entry) bool {
	n := deref(e.value)
	if n.Kind != yaml.ScalarNode || isNull(n) || diag.Nearest(e.key, eventLevel().names()) != "" {
		return false
	}
	r.errorf(diag.CodeUnknownKey, e.span, fmt.Sprintf("arguments stand under args: {args: {%s: %s}}", e.key, n.Value), "unknown key %q in an event", e.key)
	return true
}

// ackError reads the declared error of an ack: a name, string, or a type in
// place, which gets a declaration of its own.
func (r *reader) ackError(e entry, own owner) *schema.Ref {
	n := deref(e.value)
	if n.Kind == yaml.MappingNode {
		o, ok := r.object(n, typeLevel(), "error", "", r.strayField(typeLevel()))
		if !ok {
			return nil
		}
		if ref := r.plainError(o); ref != nil {
			return ref
		}
		decl := r.hoist(own, e.span)
		decl.Doc, decl.GoName = r.doc(o), r.goName(o, true)
		decl.Go, decl.TS = r.mappings(o)
		body, inPlace := r.body(o, owner{decl.Name})
		if !inPlace {
			if typ, _, constraints := r.expressionOf(o, "error", false); typ != nil {
				body = &schema.Alias{Type: typ, Constraints: constraints}
			}
		}
		decl.Body = body
		return refTo(decl, r.valueSpan(e))
	}
	typ, ok := r.typeExpression(n, e.span, "error", false)
	if !ok {
		return nil
	}
	if ref, ok := typ.(*schema.Ref); ok {
		return ref
	}
	decl := r.hoist(own, e.span)
	decl.Body = &schema.Alias{Type: typ}
	return refTo(decl, r.span(n))
}

// plainError is the reference when the long form says no more than a name.
func (r *reader) plainError(o object) *schema.Ref {
	e, ok := o.get("type")
	if !ok || len(o.entries) != 1 || deref(e.value).Kind != yaml.ScalarNode {
		return nil
	}
	typ, _, refs, failed := parseType(r.src.locate(deref(e.value)))
	ref, ok := typ.(*schema.Ref)
	if failed != nil || !ok {
		return nil
	}
	r.refs = append(r.refs, refs...)
	return ref
}

// goName reads go: {name: …}; exported identifiers begin with a capital.
func (r *reader) goName(o object, exported bool) string {
	e, ok := o.get("go")
	if !ok || deref(e.value).Kind != yaml.MappingNode {
		return ""
	}
	entries, _ := r.mapping(e.value, "go", "")
	for _, inner := range entries {
		if inner.key != "name" {
			continue
		}
		name, ok := r.text(inner, "")
		if !ok {
			return ""
		}
		switch {
		case !token.IsIdentifier(name):
			r.errorf(diag.CodeBadGoName, r.valueSpan(inner), "use letters, digits and _; begin with a letter", "%q is not a Go identifier", name)
		case exported && !token.IsExported(name):
			r.errorf(diag.CodeBadGoName, r.valueSpan(inner), "begin with a capital", "%q is not exported from a Go package", name)
		}
		return name
	}
	return ""
}
