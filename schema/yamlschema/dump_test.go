package yamlschema_test

import (
	"fmt"
	"strings"

	"github.com/siogen/siogen/schema"
)

// dump writes a schema so that tests can state what they expect of it: a line
// for every declaration, field, event and argument.
func dump(s *schema.Schema) string {
	d := dumper{}
	d.line(0, "package %s%s", s.Package, docOf(s.Doc))
	for _, decl := range s.Types {
		d.decl(decl)
	}
	for _, ns := range s.Namespaces {
		d.namespace(ns)
	}
	return d.String()
}

type dumper struct{ strings.Builder }

func (d *dumper) line(indent int, format string, args ...any) {
	fmt.Fprintf(d, strings.Repeat("  ", indent)+format+"\n", args...)
}

func docOf(doc schema.Doc) string {
	var b strings.Builder
	for _, part := range []struct{ name, text string }{{"doc", doc.Text}, {"deprecated", doc.Deprecated}, {"since", doc.Since}} {
		if part.text != "" {
			fmt.Fprintf(&b, " %s=%q", part.name, part.text)
		}
	}
	return b.String()
}

func goNameOf(name string) string {
	if name == "" {
		return ""
	}
	return " goName=" + name
}

func (d *dumper) decl(decl *schema.Decl) {
	head := decl.Name + docOf(decl.Doc) + goNameOf(decl.GoName)
	if decl.Inline {
		head += " inline"
	}
	if decl.IsError {
		head += " error"
	}
	if m := decl.Go; m != nil {
		head += fmt.Sprintf(" go=%s|%s|pointer=%v|via=%d", m.ImportPath, m.TypeName, m.Pointer, m.Via)
	}
	if m := decl.TS; m != nil {
		head += fmt.Sprintf(" ts=%s|%s", m.Type, m.Import)
	}
	switch body := decl.Body.(type) {
	case *schema.Struct:
		d.line(0, "struct %s", head)
		d.fields(1, body.Fields)
	case *schema.Enum:
		d.line(0, "enum %s open=%v", head, body.Open)
		for _, v := range body.Values {
			d.line(1, "%q%s%s", v.Value, docOf(v.Doc), goNameOf(v.GoName))
		}
	case *schema.Union:
		d.line(0, "union %s tag=%s open=%v", head, body.Tag, body.Open)
		for _, v := range body.Variants {
			d.line(1, "%q: %s%s", v.Tag, typeOf(v.Type), docOf(v.Doc))
		}
	case *schema.Alias:
		d.line(0, "alias %s: %s%s", head, typeOf(body.Type), constraintsOf(body.Constraints))
	}
}

func (d *dumper) fields(indent int, fields []*schema.Field) {
	for _, f := range fields {
		mark, dots := "", ""
		if f.Optional {
			mark = "?"
		}
		if f.Variadic {
			dots = "..."
		}
		d.line(indent, "%s%s: %s%s%s%s%s", f.Name, mark, dots, typeOf(f.Type), constraintsOf(f.Constraints), docOf(f.Doc), goNameOf(f.GoName))
	}
}

func (d *dumper) namespace(ns *schema.Namespace) {
	d.line(0, "namespace %s%s%s", ns.Name, docOf(ns.Doc), goNameOf(ns.GoName))
	if ns.Auth != nil {
		d.line(1, "auth %s", typeOf(ns.Auth))
	}
	if ns.SocketData != nil {
		d.line(1, "data %s", typeOf(ns.SocketData))
	}
	for i, direction := range []string{"S2C", "C2S", "S2S"} {
		for _, event := range ns.Directions()[i] {
			d.line(1, "%s %q%s%s", direction, event.Name, docOf(event.Doc), goNameOf(event.GoName))
			d.fields(2, event.Args)
			if event.Ack == nil {
				continue
			}
			d.line(2, "ack")
			d.fields(3, event.Ack.Args)
			if event.Ack.Error != nil {
				d.line(3, "error %s", typeOf(event.Ack.Error))
			}
		}
	}
}

func typeOf(t schema.Type) string {
	switch t := t.(type) {
	case *schema.Primitive:
		if t.AsString {
			return t.Kind.String() + " as string"
		}
		return t.Kind.String()
	case *schema.List:
		return "list(" + typeOf(t.Elem) + ")"
	case *schema.Map:
		return "map(" + typeOf(t.Elem) + ")"
	case *schema.Nullable:
		return "nullable(" + typeOf(t.Elem) + ")"
	case *schema.Ref:
		return "@" + t.Decl.Name
	}
	return "none"
}

func constraintsOf(c schema.Constraints) string {
	var b strings.Builder
	for _, bound := range []struct {
		name  string
		value *float64
	}{{"minimum", c.Minimum}, {"maximum", c.Maximum}} {
		if bound.value != nil {
			fmt.Fprintf(&b, " %s=%v", bound.name, *bound.value)
		}
	}
	for _, bound := range []struct {
		name  string
		value *int
	}{{"minLength", c.MinLength}, {"maxLength", c.MaxLength}, {"minItems", c.MinItems}, {"maxItems", c.MaxItems}} {
		if bound.value != nil {
			fmt.Fprintf(&b, " %s=%v", bound.name, *bound.value)
		}
	}
	if c.Pattern != "" {
		fmt.Fprintf(&b, " pattern=%s", c.Pattern)
	}
	return b.String()
}
