package naming

import (
	"fmt"
	"path"
	"slices"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// resolver is the state of one Resolve.
type resolver struct {
	names   *Names
	diags   []diag.Diagnostic
	goScope *scope // package-level Go names
	tsScope *scope // exported TypeScript names
	// imports are the names under which generated Go may import the packages
	// of mapped types.
	imports map[string]bool
}

func importNames(s *schema.Schema) map[string]bool {
	m := make(map[string]bool)
	for _, d := range s.Types {
		if d.Go != nil && d.Go.ImportPath != "" {
			m[path.Base(d.Go.ImportPath)] = true
		}
		if d.Own != nil && d.Own.ImportPath != "" {
			m[path.Base(d.Own.ImportPath)] = true
		}
	}
	return m
}

func (r *resolver) namespace(ns *schema.Namespace) {
	prefix := ""
	if ns.Name != "/" || ns.GoName != "" {
		prefix = r.exported(ns.Name, ns.GoName, ns.Span)
	}
	r.names.prefixes[ns] = prefix
	o := owner{what: fmt.Sprintf("namespace %q", ns.Name), span: ns.Span, generated: true}
	for _, name := range goNames(prefix) {
		if !r.goScope.declare(name, o) {
			break // one diagnostic says it for the whole family
		}
	}
	for _, name := range tsNames(prefix, ns) {
		if !r.tsScope.declare(name, o) {
			break
		}
	}
	for _, events := range [][]*schema.Event{ns.ServerToClient, ns.ClientToServer, ns.ServerToServer} {
		r.events(events)
	}
}

// aliases takes the TypeScript names that stand for what a namespace declares,
// where the schema calls those types otherwise.
func (r *resolver) aliases(ns *schema.Namespace) {
	o := owner{what: fmt.Sprintf("namespace %q", ns.Name), span: ns.Span, generated: true}
	alias := func(name string, ref *schema.Ref) {
		if ref != nil && r.names.types[ref.Decl] != name {
			r.tsScope.declare(name, o)
		}
	}
	prefix := r.names.prefixes[ns]
	alias(prefix+"HandshakeAuth", ns.Auth)
	alias(prefix+"SocketData", ns.SocketData)
}

// events names the events of one direction of a namespace.
func (r *resolver) events(events []*schema.Event) {
	sc := r.newScope(diag.CodeGoCollision, "Go")
	for _, e := range events {
		ident := r.exported(e.Name, e.GoName, e.Span)
		if isPromotedEvent(ident) {
			ident += "Event"
		}
		r.names.events[e] = ident
		sc.declare(ident, owner{what: fmt.Sprintf("event %q", e.Name), span: e.Span})
		r.arguments(e)
	}
}

func (r *resolver) decl(d *schema.Decl) {
	name := r.exported(d.Name, d.GoName, d.Span)
	r.names.types[d] = name
	o := owner{what: fmt.Sprintf("type %q", d.Name), span: d.Span, inline: d.Inline}
	// A type that the user has already is declared elsewhere in Go.
	fresh := d.HasOwnType() || r.goScope.declare(name, o)
	if fresh {
		r.tsScope.declare(name, o)
	}
}

// members names what is inside a type, and the names that it brings along.
func (r *resolver) members(d *schema.Decl) {
	o := owner{what: fmt.Sprintf("type %q", d.Name), span: d.Span, generated: true}
	switch body := d.Body.(type) {
	case *schema.Struct:
		r.structFields(d, body.Fields)
	case *schema.Enum:
		r.tsScope.declare(r.names.EnumValues(d), o)
		r.enumConsts(d, body.Values)
	case *schema.Union:
		if body.Open && d.HasOwnType() {
			r.tsScope.declare(r.names.UnknownVariant(d), o)
		} else if body.Open && r.goScope.declare(r.names.UnknownVariant(d), o) {
			r.tsScope.declare(r.names.UnknownVariant(d), o)
		}
	case *schema.Alias:
	}
}

func (r *resolver) structFields(d *schema.Decl, fields []*schema.Field) {
	sc := r.newScope(diag.CodeGoCollision, "Go")
	for _, f := range fields {
		ident := r.exported(f.Name, f.GoName, f.Span)
		if d.IsError && ident == "Error" {
			ident = "ErrorField" // a struct cannot have a field and a method of one name
		}
		r.names.fields[f] = ident
		if d.HasOwnType() {
			continue // the struct is there, and right
		}
		sc.declare(ident, owner{what: fmt.Sprintf("field %q", f.Name), span: f.Span})
	}
}

func (r *resolver) enumConsts(d *schema.Decl, values []*schema.EnumValue) {
	for _, v := range values {
		tail := v.GoName
		if tail == "" {
			tail = exportedTail(v.Value)
		} else if !IsExportedGo("X" + tail) {
			r.notIdentifier(tail, v.Span)
		}
		name := r.names.types[d] + tail
		r.names.consts[v] = name
		if d.HasOwnType() {
			continue
		}
		r.goScope.declare(name, owner{what: fmt.Sprintf("value %q of %s", v.Value, d.Name), span: v.Span})
	}
}

// arguments names the arguments of an event and of its ack.
func (r *resolver) arguments(e *schema.Event) {
	taken := r.fieldList(e.Args, nil)
	if e.Ack != nil {
		r.fieldList(e.Ack.Args, taken)
	}
}

// fieldList names one list of arguments. Its Go names stay clear of taken, the
// names of the list before it; it returns its own.
func (r *resolver) fieldList(fields []*schema.Field, taken []string) []string {
	goNames, tsNames := r.newScope(diag.CodeGoCollision, "Go"), r.newScope(diag.CodeTSCollision, "TypeScript")
	fieldNames := r.newScope(diag.CodeGoCollision, "Go")
	var idents []string
	for _, f := range fields {
		o := owner{what: fmt.Sprintf("argument %q", f.Name), span: f.Span}
		r.names.fields[f] = r.exported(f.Name, f.GoName, f.Span)
		ident := r.argument(f)
		for slices.Contains(taken, ident) {
			ident += "Result"
		}
		r.names.args[f] = ident
		idents = append(idents, ident)
		r.names.tsArgs[f] = tsArgument(f)
		fresh := goNames.declare(ident, o)
		fresh = fresh && fieldNames.declare(r.names.fields[f], o)
		if fresh {
			tsNames.declare(r.names.tsArgs[f], o)
		}
	}
	return idents
}

func (r *resolver) argument(f *schema.Field) string {
	name := f.Name
	if f.GoName != "" {
		name = f.GoName
	}
	ident := unexported(name)
	if isReservedArg(ident) || r.imports[ident] {
		ident += "_"
	}
	return ident
}

func tsArgument(f *schema.Field) string {
	ident := f.Name
	if !isTSIdent(ident) {
		if f.GoName != "" {
			ident = f.GoName
		}
		ident = camel(ident)
	}
	if isReservedTSArg(ident) {
		ident += "_"
	}
	return ident
}

// exported is the identifier that the user chose, or else the one derived from
// the wire name.
func (r *resolver) exported(name, chosen string, span diag.Span) string {
	if chosen == "" {
		return Exported(name)
	}
	if !IsExportedGo(chosen) {
		r.notIdentifier(chosen, span)
	}
	return chosen
}

func (r *resolver) notIdentifier(name string, span diag.Span) {
	r.diags = append(r.diags, diag.Diagnostic{
		Code:    diag.CodeNotIdentifier,
		Span:    span,
		Message: fmt.Sprintf("%q is not an exported Go identifier", name),
		Hint:    "go: {name: …} takes letters and digits, an upper-case letter first",
	})
}
