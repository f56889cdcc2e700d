// Package naming computes every Go and TypeScript identifier of a schema,
// once, before anything is generated, and reports those that clash.
package naming

import (
	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// Names holds the identifiers of one schema. Its methods take nodes of the
// schema it was resolved from; for any other node they return "". It does not
// change after Resolve and may be used from several goroutines.
type Names struct {
	types    map[*schema.Decl]string
	consts   map[*schema.EnumValue]string
	fields   map[*schema.Field]string
	args     map[*schema.Field]string
	tsArgs   map[*schema.Field]string
	events   map[*schema.Event]string
	prefixes map[*schema.Namespace]string
	helpers  map[*schema.Event]eventHelpers
}

// Resolve names everything in s. The diagnostics are the clashes, and names
// that the user chose and that are no identifiers; with any, the Names must not
// be used to generate.
func Resolve(s *schema.Schema) (*Names, []diag.Diagnostic) {
	r := &resolver{
		names: &Names{
			types:    make(map[*schema.Decl]string),
			consts:   make(map[*schema.EnumValue]string),
			fields:   make(map[*schema.Field]string),
			args:     make(map[*schema.Field]string),
			tsArgs:   make(map[*schema.Field]string),
			events:   make(map[*schema.Event]string),
			prefixes: make(map[*schema.Namespace]string),
			helpers:  make(map[*schema.Event]eventHelpers),
		},
		imports: importNames(s),
	}
	r.goScope, r.tsScope = r.newScope(diag.CodeGoCollision, "Go"), r.newScope(diag.CodeTSCollision, "TypeScript")
	for _, ns := range s.Namespaces {
		r.namespace(ns)
	}
	for _, d := range s.Types {
		r.decl(d)
	}
	for _, d := range s.Types {
		r.members(d)
	}
	for _, ns := range s.Namespaces {
		r.aliases(ns)
	}
	r.helperNames(s)
	return r.names, r.diags
}

// Type is the exported name of a type, in Go and in TypeScript.
func (n *Names) Type(d *schema.Decl) string { return n.types[d] }

// EnumConst is the Go constant of an enum's value: RoleAdmin.
func (n *Names) EnumConst(_ *schema.Decl, v *schema.EnumValue) string { return n.consts[v] }

// EnumValues is the TypeScript constant that lists an enum's values: RoleValues.
func (n *Names) EnumValues(d *schema.Decl) string { return n.types[d] + "Values" }

// UnknownVariant is the Go struct that holds a variant with an unknown tag of
// an open union: UnknownMessage.
func (n *Names) UnknownVariant(d *schema.Decl) string { return "Unknown" + n.types[d] }

// Field is the exported Go name of a struct's field, or of an argument where
// arguments become the fields of a struct.
func (n *Names) Field(f *schema.Field) string { return n.fields[f] }

// Arg is the Go name of an argument as a parameter or a result. Arguments of an
// event and of its ack never share one, nor does any clash with what generated
// bodies use (see isReservedArg).
func (n *Names) Arg(f *schema.Field) string { return n.args[f] }

// TSArg is the TypeScript name of an argument as a parameter.
func (n *Names) TSArg(f *schema.Field) string { return n.tsArgs[f] }

// Event is the part of Go's method names that stands for an event:
// ChatMessage of EmitChatMessage and OnChatMessage.
func (n *Names) Event(e *schema.Event) string { return n.events[e] }

// Prefix is what the names of a namespace begin with: "" for "/", else Admin.
func (n *Names) Prefix(ns *schema.Namespace) string { return n.prefixes[ns] }
