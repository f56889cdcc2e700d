package convert

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
)

const runtimePath = "github.com/siogen/siogen/runtime"

// NameError reports a contract that Go interfaces cannot say, because of a name.
type NameError struct{ Message string }

// Error implements error.
func (e *NameError) Error() string { return e.Message }

// Go writes a contract as a file of Go interfaces and types. Reading it gives
// the same contract. It fails with a *NameError when identifiers clash.
func Go(s *schema.Schema) ([]byte, error) {
	names, diags := naming.Resolve(s)
	if len(diags) > 0 {
		return nil, &NameError{diags[0].Message}
	}
	w := &goWriter{schema: s, names: names, types: map[*schema.Decl]string{}, reached: map[*schema.Decl]bool{}}
	if err := w.nameTypes(); err != nil {
		return nil, err
	}
	w.reachAll()
	w.findBareErrors()
	for _, d := range s.Types {
		w.decl(d)
	}
	for _, ns := range s.Namespaces {
		w.namespace(ns)
	}
	var out bytes.Buffer
	out.WriteString(w.comment("Package "+s.Package, s.Doc))
	fmt.Fprintf(&out, "package %s\n\n", s.Package)
	body := w.buf.String()
	for _, imp := range []struct{ name, path string }{{"time", "time"}, {"runtime", runtimePath}} {
		if w.uses[imp.name] {
			fmt.Fprintf(&out, "import %q\n\n", imp.path)
		}
	}
	out.WriteString(body)
	text, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("writing Go: %w", err)
	}
	return text, nil
}

// goWriter writes one file.
type goWriter struct {
	schema  *schema.Schema
	names   *naming.Names
	types   map[*schema.Decl]string
	reached map[*schema.Decl]bool
	bare    map[*schema.Decl]bool // errors without a type of their own
	uses    map[string]bool       // imports
	buf     bytes.Buffer
}

func (w *goWriter) printf(format string, args ...any) { fmt.Fprintf(&w.buf, format, args...) }

// nameTypes gives the types of connections the names that make them so.
func (w *goWriter) nameTypes() error {
	w.uses = map[string]bool{}
	reserved := map[string]bool{}
	for _, ns := range w.schema.Namespaces {
		prefix := w.names.Prefix(ns)
		for _, suffix := range []string{"ServerToClient", "ClientToServer", "ServerToServer", "Auth", "SocketData"} {
			reserved[prefix+suffix] = true
		}
	}
	for _, d := range w.schema.Types {
		w.types[d] = w.names.Type(d)
	}
	for _, ns := range w.schema.Namespaces {
		prefix := w.names.Prefix(ns)
		if w.standsFor(ns.Auth, prefixOf(ns)+"HandshakeAuth") {
			w.types[ns.Auth.Decl] = prefix + "Auth"
		}
		if w.standsFor(ns.SocketData, prefixOf(ns)+"SocketData") {
			w.types[ns.SocketData.Decl] = prefix + "SocketData"
		}
	}
	for _, d := range w.schema.Types {
		if reserved[w.types[d]] && !w.isConnection(d) {
			return &NameError{fmt.Sprintf("the type %q would be taken for a part of the contract; call it otherwise", d.Name)}
		}
	}
	return nil
}

func prefixOf(ns *schema.Namespace) string {
	if ns.GoName != "" {
		return ns.GoName
	}
	return camel(ns.Name)
}

// standsFor reports whether a type was written in place at a connection.
func (w *goWriter) standsFor(ref *schema.Ref, name string) bool {
	if ref == nil || !ref.Decl.Inline || ref.Name != name {
		return false
	}
	_, ok := ref.Decl.Body.(*schema.Struct)
	return ok && ref.Decl.GoName == ""
}

func (w *goWriter) isConnection(d *schema.Decl) bool {
	for _, ns := range w.schema.Namespaces {
		if ns.Auth != nil && ns.Auth.Decl == d && w.standsFor(ns.Auth, prefixOf(ns)+"HandshakeAuth") ||
			ns.SocketData != nil && ns.SocketData.Decl == d && w.standsFor(ns.SocketData, prefixOf(ns)+"SocketData") {
			return true
		}
	}
	return false
}

// reachAll finds the types that the contract uses.
func (w *goWriter) reachAll() {
	for _, ns := range w.schema.Namespaces {
		for _, ref := range []*schema.Ref{ns.Auth, ns.SocketData} {
			if ref != nil {
				w.reach(ref, w.reached)
			}
		}
		for _, e := range events(ns) {
			for _, f := range arguments(e) {
				w.reach(f.Type, w.reached)
			}
			if e.Ack != nil && e.Ack.Error != nil {
				w.reach(e.Ack.Error, w.reached)
			}
		}
	}
}

func (w *goWriter) reach(t schema.Type, set map[*schema.Decl]bool) {
	schema.WalkType(t, func(t schema.Type) {
		if ref, ok := t.(*schema.Ref); ok && !set[ref.Decl] {
			set[ref.Decl] = true
			for _, inner := range types(ref.Decl) {
				w.reach(inner, set)
			}
		}
	})
}

// findBareErrors finds the errors of acks that are written err string. A type
// in place comes where its event stands: that is right for the last ones only.
func (w *goWriter) findBareErrors() {
	w.bare = map[*schema.Decl]bool{}
	var declared []*schema.Decl
	for _, ns := range w.schema.Namespaces {
		prefix := prefixOf(ns)
		for i, direction := range []string{"ServerToClient", "ClientToServer", "ServerToServer"} {
			for _, e := range ns.Directions()[i] {
				if e.Ack == nil || e.Ack.Error == nil {
					continue
				}
				d, tail := e.Ack.Error.Decl, camel(e.Name)+"Error"
				if isText(d) && (d.Name == prefix+tail || d.Name == prefix+direction+tail) {
					declared = append(declared, d)
				}
			}
		}
	}
	last := w.schema.Types
	for len(last) > 0 && len(declared) > 0 && last[len(last)-1] == declared[len(declared)-1] {
		w.bare[last[len(last)-1]] = true
		last, declared = last[:len(last)-1], declared[:len(declared)-1]
	}
}

// isText reports whether a type in place is nothing but a string.
func isText(d *schema.Decl) bool {
	if !d.Inline || d.Go != nil || d.TS != nil || d.GoName != "" || d.Doc != (schema.Doc{}) {
		return false
	}
	alias, ok := d.Body.(*schema.Alias)
	if !ok || !alias.Constraints.IsZero() {
		return false
	}
	p, ok := alias.Type.(*schema.Primitive)
	return ok && p.Kind == schema.String
}

func (w *goWriter) decl(d *schema.Decl) {
	if w.bare[d] {
		return
	}
	name := w.types[d]
	w.printf("%s", w.comment(name, d.Doc))
	if !w.isConnection(d) {
		if d.Inline {
			w.printf("//siogen:inline\n")
		}
		if d.Name != name {
			w.printf("//siogen:name %s\n", quoteIfNeeded(d.Name))
		}
	}
	if !w.reached[d] {
		w.printf("//siogen:type\n")
	}
	w.mappings(d)
	switch body := d.Body.(type) {
	case *schema.Struct:
		w.structDecl(name, body)
	case *schema.Enum:
		w.enumDecl(d, name, body)
	case *schema.Union:
		w.unionDecl(name, body)
	case *schema.Alias:
		w.aliasDecl(name, body, d.Go != nil)
	}
	if d.IsError {
		w.errorMethod(d, name)
	}
}

func (w *goWriter) mappings(d *schema.Decl) {
	if d.Go != nil {
		name := d.Go.TypeName
		if d.Go.ImportPath != "" {
			name = d.Go.ImportPath + "." + name
		}
		if d.Go.Pointer {
			name = "*" + name
		}
		w.printf("//siogen:go %s %s\n", name, viaWord(d.Go.Via))
	}
	if d.TS != nil {
		w.printf("//siogen:ts %s", d.TS.Type)
		if d.TS.Import != "" {
			w.printf(" from %s", quoteIfNeeded(d.TS.Import))
		}
		w.printf("\n")
	}
}

func (w *goWriter) structDecl(name string, body *schema.Struct) {
	w.printf("type %s struct {\n", name)
	for _, f := range body.Fields {
		w.field(f)
	}
	w.printf("}\n\n")
}

func (w *goWriter) field(f *schema.Field) {
	ident := w.names.Field(f)
	w.printf("%s", w.comment(ident, f.Doc))
	for _, line := range constraintLines(f.Constraints) {
		w.printf("//siogen:%s\n", line)
	}
	typ, option := w.goType(f.Type), ""
	if f.Optional {
		typ, option = w.optionalField(f)
	}
	direct, _ := schema.NonNull(f.Type).(*schema.Primitive)
	if direct != nil && direct.AsString && !(f.Optional && isNullable(f.Type)) {
		option += ",string"
	} else if wiresStrings(f.Type) {
		w.printf("//siogen:wire string\n")
	}
	tag := f.Name
	if !isTagName(f.Name) {
		w.printf("//siogen:name %s\n", quoteIfNeeded(f.Name))
		tag = ""
	} else if f.Name == "-" && option == "" {
		tag = "-,"
	}
	w.printf("%s %s `json:%q`\n", ident, typ, tag+option)
}

// optionalField is the type of a field that may be absent, and the option of its
// tag.
func (w *goWriter) optionalField(f *schema.Field) (typ, option string) {
	if null, ok := f.Type.(*schema.Nullable); ok {
		return w.threeStates(null.Elem), ",omitzero"
	}
	if nilInGo(f.Type) {
		return w.goType(f.Type), ",omitzero"
	}
	return "*" + w.goType(f.Type), ",omitempty"
}

// threeStates holds a struct that may contain itself behind a pointer.
func (w *goWriter) threeStates(t schema.Type) string {
	w.uses["runtime"] = true
	elem := w.goType(t)
	if ref, ok := t.(*schema.Ref); ok {
		inside := map[*schema.Decl]bool{}
		for _, inner := range types(ref.Decl) {
			w.reach(inner, inside)
		}
		if inside[ref.Decl] && !nilInGo(t) {
			elem = "*" + elem
		}
	}
	return "runtime.Optional[" + elem + "]"
}

func isNullable(t schema.Type) bool {
	_, ok := t.(*schema.Nullable)
	return ok
}

// nilInGo reports whether a Go value of the type can be nil.
func nilInGo(t schema.Type) bool {
	switch t := t.(type) {
	case *schema.Primitive:
		return t.Kind == schema.Bytes
	case *schema.List, *schema.Map, *schema.Nullable:
		return true
	case *schema.Ref:
		switch body := t.Decl.Body.(type) {
		case *schema.Union:
			return true
		case *schema.Alias:
			return nilInGo(body.Type)
		}
	}
	return false
}

func (w *goWriter) goType(t schema.Type) string {
	switch t := t.(type) {
	case *schema.Primitive:
		switch t.Kind {
		case schema.Bytes:
			return "[]byte"
		case schema.Time:
			w.uses["time"] = true
			return "time.Time"
		case schema.AnyKind:
			w.uses["runtime"] = true
			return "runtime.Any"
		}
		return t.Kind.String()
	case *schema.List:
		return "[]" + w.goType(t.Elem)
	case *schema.Map:
		return "map[string]" + w.goType(t.Elem)
	case *schema.Nullable:
		return "*" + w.goType(t.Elem)
	case *schema.Ref:
		return w.types[t.Decl]
	}
	return "any"
}

func (w *goWriter) enumDecl(d *schema.Decl, name string, body *schema.Enum) {
	if body.Open {
		w.printf("//siogen:open\n")
	}
	w.printf("type %s string\n\nconst (\n", name)
	for _, v := range body.Values {
		ident := w.names.EnumConst(d, v)
		w.printf("%s%s %s = %q\n", w.comment(ident, v.Doc), ident, name, v.Value)
	}
	w.printf(")\n\n")
}

func (w *goWriter) unionDecl(name string, body *schema.Union) {
	w.printf("//siogen:union %s\n", quoteIfNeeded(body.Tag))
	if body.Open {
		w.printf("//siogen:open\n")
	}
	for _, v := range body.Variants {
		w.printf("//siogen:variant %s %s\n", quoteWord(v.Tag), w.types[v.Type.Decl])
		for _, line := range docLines(v.Doc) {
			w.printf("//siogen:variantdoc %s %s\n", quoteWord(v.Tag), line)
		}
	}
	w.printf("type %s interface{ is%s() }\n\n", name, name)
	for _, v := range body.Variants {
		w.printf("func (*%s) is%s() {}\n", w.types[v.Type.Decl], name)
	}
	w.printf("\n")
}

func (w *goWriter) aliasDecl(name string, body *schema.Alias, mapped bool) {
	for _, line := range constraintLines(body.Constraints) {
		w.printf("//siogen:%s\n", line)
	}
	if wiresStrings(body.Type) {
		w.printf("//siogen:wire string\n")
	}
	op, typ := "", body.Type
	if null, ok := typ.(*schema.Nullable); ok && w.recursive(name, null) {
		w.printf("//siogen:nullable\n") // an alias cannot refer to itself
		typ = null.Elem
	}
	switch t := typ.(type) {
	case *schema.Ref, *schema.Nullable:
		op = "= "
	case *schema.Primitive:
		if t.Kind == schema.AnyKind || t.Kind == schema.Time {
			op = "= "
		}
	}
	w.printf("type %s %s%s\n\n", name, op, w.goType(typ))
}

// recursive reports whether a type is made of the one called name.
func (w *goWriter) recursive(name string, t schema.Type) bool {
	inside := map[*schema.Decl]bool{}
	w.reach(t, inside)
	for d := range inside {
		if w.types[d] == name {
			return true
		}
	}
	return false
}

// errorMethod makes an error of a type that an ack declares.
func (w *goWriter) errorMethod(d *schema.Decl, name string) {
	w.printf("// Error implements error.\n")
	body, ok := d.Body.(*schema.Struct)
	if !ok {
		w.printf("func (e %s) Error() string { return string(e) }\n\n", name)
		return
	}
	i := slices.IndexFunc(body.Fields, func(f *schema.Field) bool {
		p, ok := f.Type.(*schema.Primitive)
		return ok && p.Kind == schema.String && f.Name == "message" && !f.Optional
	})
	if i < 0 {
		w.printf("func (e *%s) Error() string { return %q }\n\n", name, name)
		return
	}
	w.printf("func (e *%s) Error() string { return e.%s }\n\n", name, w.names.Field(body.Fields[i]))
}
