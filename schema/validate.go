package schema

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/siogen/siogen/schema/diag"
)

// ReservedEvents are the event names that Socket.IO keeps for itself.
func ReservedEvents() []string {
	return []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
}

// Validate checks what every contract must hold, whatever language it was
// written in. The diagnostics come in no particular order. References that are
// not resolved and missing bodies and types are passed over: the loader has
// reported them.
func Validate(s *Schema) []diag.Diagnostic {
	v := validator{schema: s}
	v.packageName()
	v.types()
	v.recursion()
	v.namespaces()
	return v.diags
}

type validator struct {
	schema *Schema
	diags  []diag.Diagnostic
}

func (v *validator) add(code string, span diag.Span, hint, format string, args ...any) *diag.Diagnostic {
	v.diags = append(v.diags, diag.Diagnostic{Code: code, Span: span, Message: fmt.Sprintf(format, args...), Hint: hint})
	return &v.diags[len(v.diags)-1]
}

// twice reports a second declaration of a name, with the place of the first.
func (v *validator) twice(code string, second, first diag.Span, hint, format string, args ...any) {
	d := v.add(code, second, hint, format, args...)
	d.Notes = []diag.Note{{Span: first, Message: "first declared here"}}
}

func (v *validator) packageName() {
	name := v.schema.Package
	switch {
	case name == "": // the loader's to report
	case token.IsKeyword(name):
		v.add(diag.CodeBadPackage, v.schema.PackageSpan, "choose another name", "%q is a keyword of Go and cannot be the name of a package", name)
	case !token.IsIdentifier(name), name == "_":
		v.add(diag.CodeBadPackage, v.schema.PackageSpan, "use lower-case letters and digits; begin with a letter", "%q cannot be the name of a Go package", name)
	case name == "main":
		v.add(diag.CodeBadPackage, v.schema.PackageSpan, "choose another name", "package main cannot be imported")
	}
}

func (v *validator) types() {
	first := map[string]*Decl{}
	for _, decl := range v.schema.Types {
		if other := first[decl.Name]; other == nil {
			first[decl.Name] = decl
		} else {
			v.duplicateType(decl, other)
		}
		v.decl(decl)
	}
}

func (v *validator) duplicateType(second, first *Decl) {
	if first.Inline && !second.Inline {
		first, second = second, first
	}
	if !second.Inline {
		v.twice(diag.CodeDuplicateType, second.Span, first.Span, "", "the type %q is declared twice", second.Name)
		return
	}
	v.twice(diag.CodeDuplicateType, second.Span, first.Span, "declare the type under types, with a name of its own",
		"the type that is written in place here would be called %q, and that name is taken", second.Name)
}

func (v *validator) decl(decl *Decl) {
	switch body := decl.Body.(type) {
	case *Struct:
		v.fields(body.Fields, "field")
	case *Enum:
		v.enum(body)
	case *Union:
		v.union(decl, body)
	case *Alias:
		if body.Type != nil {
			v.constraints(body.Constraints, body.Type, decl.Span)
			v.mappedConstraints(body.Constraints, decl, decl.Span)
		}
	}
	if decl.Go != nil && decl.Go.Via == ViaText && decl.Body != nil && !decl.IsText() {
		v.add(diag.CodeBadVia, decl.Go.Span, "use via: json, or via: convert", "via: text needs a type that is a string on the wire")
	}
}

// fields checks fields of a struct.
func (v *validator) fields(fields []*Field, what string) {
	first := map[string]*Field{}
	for _, f := range fields {
		if other := first[f.Name]; other == nil {
			first[f.Name] = f
		} else if f.Name != "" {
			v.twice(diag.CodeDuplicateField, f.Span, other.Span, "", "the %s %q is declared twice", what, f.Name)
		}
		if f.Type == nil {
			continue
		}
		v.constraints(f.Constraints, f.Type, f.Span)
		if ref, ok := NonNull(f.Type).(*Ref); ok && ref.Decl != nil {
			v.mappedConstraints(f.Constraints, ref.Decl, f.Span)
		}
	}
}

// arguments checks what holds for arguments beyond fields: they are told apart
// by their order.
func (v *validator) arguments(args []*Field) {
	v.fields(args, "argument")
	var optional *Field
	for i, f := range args {
		if f.Variadic && i < len(args)-1 {
			v.add(diag.CodeBadVariadic, f.Span, `make it the last one, or a list: "[]T"`, "the variadic argument %q is not the last one", f.Name)
		}
		if optional != nil && !f.Optional && !f.Variadic {
			d := v.add(diag.CodeRequiredAfterOptional, f.Span, "make it optional as well, or move it to the front", "the required argument %q stands behind an optional one", f.Name)
			d.Notes = []diag.Note{{Span: optional.Span, Message: fmt.Sprintf("%q is optional", optional.Name)}}
		}
		if f.Optional {
			optional = f
		}
	}
}

func (v *validator) enum(enum *Enum) {
	first := map[string]*EnumValue{}
	for _, value := range enum.Values {
		if other := first[value.Value]; other == nil {
			first[value.Value] = value
		} else {
			v.twice(diag.CodeDuplicateEnumValue, value.Span, other.Span, "", "the value %q stands in the enum twice", value.Value)
		}
	}
}

func (v *validator) union(decl *Decl, union *Union) {
	tags, structs := map[string]*Variant{}, map[*Decl]*Variant{}
	for _, variant := range union.Variants {
		if other := tags[variant.Tag]; other == nil {
			tags[variant.Tag] = variant
		} else {
			v.twice(diag.CodeBadUnion, variant.Span, other.Span, "", "two variants have the tag %q", variant.Tag)
		}
		target := v.variantStruct(variant)
		if target == nil {
			continue
		}
		if other := structs[target]; other == nil {
			structs[target] = variant
		} else {
			v.twice(diag.CodeVariantTwice, variant.Type.Span, other.Type.Span, "declare a struct for each variant", "the struct %q stands for two variants; Go could not tell them apart", target.Name)
		}
		v.tagField(union, variant, target)
	}
}

// variantStruct is the declaration of a variant's struct, after aliases.
func (v *validator) variantStruct(variant *Variant) *Decl {
	if variant.Type == nil || variant.Type.Decl == nil {
		return nil
	}
	resolved := Resolve(variant.Type)
	ref, ok := resolved.(*Ref)
	if !ok || ref.Decl == nil {
		if resolved != nil {
			v.notStruct(variant)
		}
		return nil
	}
	if _, ok := ref.Decl.Body.(*Struct); !ok {
		if ref.Decl.Body != nil {
			v.notStruct(variant)
		}
		return nil
	}
	if mapped := mappedDecl(variant.Type); mapped != nil {
		d := v.add(diag.CodeMappingNotFit, variant.Type.Span, "let siogen generate the struct", "%q is mapped to a Go type of its own, which cannot be made a variant", mapped.Name)
		d.Notes = []diag.Note{{Span: mapped.Go.Span, Message: "mapped here"}}
	}
	return ref.Decl
}

func (v *validator) notStruct(variant *Variant) {
	d := v.add(diag.CodeVariantNotStruct, variant.Type.Span, "declare a struct with a field for it", "the variant %q must be a struct, and %q is none", variant.Tag, variant.Type.Name)
	d.Notes = []diag.Note{{Span: variant.Type.Decl.Span, Message: "declared here"}}
}

// mappedDecl is the first declaration that t leads to, over aliases, that has
// a Go type of the user's own; or nil.
func mappedDecl(t Type) *Decl {
	for seen := map[*Decl]bool{}; ; {
		ref, ok := t.(*Ref)
		if !ok || ref.Decl == nil || seen[ref.Decl] {
			return nil
		}
		if ref.Decl.Go != nil {
			return ref.Decl
		}
		seen[ref.Decl] = true
		alias, ok := ref.Decl.Body.(*Alias)
		if !ok {
			return nil
		}
		t = alias.Type
	}
}

func (v *validator) tagField(union *Union, variant *Variant, target *Decl) {
	for _, f := range target.Body.(*Struct).Fields {
		if f.Name != union.Tag || f.Name == "" {
			continue
		}
		d := v.add(diag.CodeTagCollision, variant.Type.Span, "remove the field: the union writes the tag itself", "the struct %q has a field %q, which is the tag of the union", target.Name, f.Name)
		d.Notes = []diag.Note{{Span: f.Span, Message: "the field"}}
	}
}

func (v *validator) namespaces() {
	first := map[string]*Namespace{}
	for i, ns := range v.schema.Namespaces {
		if i > 0 {
			v.namespaceName(ns)
		}
		if other := first[ns.Name]; other == nil {
			first[ns.Name] = ns
		} else if ns.Name != "/" {
			v.twice(diag.CodeDuplicateNamespace, ns.Span, other.Span, "", "the namespace %q is declared twice", ns.Name)
		}
		v.connection(ns)
		for _, events := range ns.Directions() {
			v.events(events)
		}
	}
}

func (v *validator) namespaceName(ns *Namespace) {
	switch {
	case ns.Name == "/":
		v.add(diag.CodeDuplicateNamespace, ns.Span, "move its keys to the top level of the file", `the top level of the file is the namespace "/" already`)
	case ns.Name == "":
		v.add(diag.CodeBadNamespace, ns.Span, "the top level of the file is the namespace /", "a namespace needs a name")
	case !strings.HasPrefix(ns.Name, "/"):
		v.add(diag.CodeBadNamespace, ns.Span, fmt.Sprintf("write /%s", ns.Name), "the name of a namespace begins with /")
	case strings.ContainsAny(ns.Name, ",?"):
		v.add(diag.CodeBadNamespace, ns.Span, "a comma ends the name on the wire, a question mark begins a query", "the name of a namespace has no comma and no question mark")
	}
}

func (v *validator) events(events []*Event) {
	first := map[string]*Event{}
	for _, event := range events {
		if other := first[event.Name]; other == nil {
			first[event.Name] = event
		} else {
			v.twice(diag.CodeDuplicateEvent, event.Span, other.Span, "", "the event %q is declared twice", event.Name)
		}
		if slices.Contains(ReservedEvents(), event.Name) {
			v.add(diag.CodeReservedEvent, event.Span, "Socket.IO itself emits it; choose another name", "the event name %q is reserved", event.Name)
		}
		v.arguments(event.Args)
		if event.Ack != nil {
			v.arguments(event.Ack.Args)
			v.ackError(event.Ack)
		}
	}
}

func (v *validator) ackError(ack *Ack) {
	if ack.Error == nil || ack.Error.Decl == nil {
		return
	}
	decl := ack.Error.Decl
	ok := decl.Body == nil
	switch body := decl.Body.(type) {
	case *Struct, *Enum:
		ok = true
	case *Alias:
		p, isPrimitive := Resolve(body.Type).(*Primitive)
		ok = body.Type == nil || isPrimitive && p.Kind == String
	}
	if !ok {
		v.add(diag.CodeBadAckError, ack.Error.Span, "a struct with a code and a message serves well", "the error of an ack must be a string, an enum or a struct")
	}
	if decl.Go != nil {
		d := v.add(diag.CodeMappingNotFit, ack.Error.Span, "let siogen generate the type", "%q is mapped to a Go type of its own, which cannot be made an error", decl.Name)
		d.Notes = []diag.Note{{Span: decl.Go.Span, Message: "mapped here"}}
	}
}

// connection checks auth and SocketData.
func (v *validator) connection(ns *Namespace) {
	if ns.SocketData != nil && ns.SocketData.Decl != nil && ns.SocketData.Decl.Body != nil {
		if _, ok := ns.SocketData.Decl.Body.(*Struct); !ok {
			v.add(diag.CodeBadHandshakeType, ns.SocketData.Span, "write SocketData: {user: User}", "SocketData must be a struct")
		}
	}
	if ns.Auth == nil || ns.Auth.Decl == nil || ns.Auth.Decl.Body == nil {
		return
	}
	switch ns.Auth.Decl.Body.(type) {
	case *Struct, *Union:
	default:
		v.add(diag.CodeBadHandshakeType, ns.Auth.Span, "write auth: {token: string}", "auth must be a struct or a union")
	}
	if place := findKind(ns.Auth, Bytes); place != nil {
		d := v.add(diag.CodeBadHandshakeType, ns.Auth.Span, "send it in an event after the connection, or as base64 in a string", "auth holds bytes, but the packet that opens a connection has no attachments")
		d.Notes = []diag.Note{{Span: place.Pos(), Message: "bytes"}}
	}
}

// findKind returns the first place of a built-in type in everything that t is
// made of, or nil.
func findKind(t Type, kind Kind) (found Type) {
	seen := map[*Decl]bool{}
	queue := []Type{t}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		WalkType(next, func(inner Type) {
			switch inner := inner.(type) {
			case *Primitive:
				if inner.Kind == kind && found == nil {
					found = inner
				}
			case *Ref:
				if inner != nil && inner.Decl != nil && !seen[inner.Decl] {
					seen[inner.Decl] = true
					queue = append(queue, inner.Decl.members()...)
				}
			}
		})
	}
	return found
}
