// Package convert writes a contract down in either of the languages that it can
// be read from: YAML, or Go interfaces.
package convert

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/siogen/siogen/schema"
)

// YAML writes a contract as a schema file. Reading it gives the same contract,
// except for whose Go types stand for it: what was read from Go becomes types
// that siogen generates.
func YAML(s *schema.Schema) ([]byte, error) {
	w := newYAMLWriter(s)
	root := mapping()
	w.pair(root, "package", text(s.Package))
	w.doc(root, s.Doc)
	types := mapping()
	for _, d := range s.Types {
		if !w.inPlace[d] {
			w.pair(types, d.Name, w.decl(d))
		}
	}
	if len(types.Content) > 0 {
		w.pair(root, "types", types)
	}
	namespaces := mapping()
	for i, ns := range s.Namespaces {
		if i == 0 {
			w.namespace(root, ns)
			continue
		}
		n := mapping()
		w.doc(n, ns.Doc)
		w.goName(n, ns.GoName)
		w.namespace(n, ns)
		w.pair(namespaces, ns.Name, n)
	}
	if len(namespaces.Content) > 0 {
		w.pair(root, "namespaces", namespaces)
	}
	return render(root)
}

func render(root *yaml.Node) ([]byte, error) {
	compact(root, 0)
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	if err := enc.Encode(root); err != nil {
		return nil, fmt.Errorf("writing YAML: %w", err)
	}
	return buf.Bytes(), enc.Close()
}

// maxFlow is how long a mapping between braces may be.
const maxFlow = 80

// compact writes what is short between braces, and what is at the top in lines
// of its own. It returns the length of a node in one line, or a large number.
func compact(n *yaml.Node, depth int) int {
	const long = 1 << 16
	if n.Kind == yaml.ScalarNode {
		if strings.Contains(n.Value, "\n") {
			return long
		}
		return len(n.Value) + 2
	}
	total := 0
	for _, c := range n.Content {
		total += compact(c, depth+1) + 2
	}
	if total > maxFlow || depth < 3 && n.Kind == yaml.MappingNode && !(depth == 2 && isLeaf(n)) {
		return long
	}
	for _, c := range n.Content {
		if c.Tag == "!!null" { // nothing cannot be written between braces
			*c = yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		}
	}
	n.Style |= yaml.FlowStyle
	return total
}

// isLeaf reports whether a mapping holds no further one.
func isLeaf(n *yaml.Node) bool {
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			return false
		}
	}
	return true
}

// yamlWriter makes YAML nodes of a contract.
type yamlWriter struct {
	// inPlace are the declarations that are written where they are used.
	inPlace map[*schema.Decl]bool
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

// text is a string that no YAML reader takes for anything else.
func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	if strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' || r == '\u2028' || r == '\u2029' || r == '\uFEFF'
	}) ||
		strings.Contains(s, "\n") && (strings.TrimSpace(s) != s || strings.Contains(s, " \n")) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func scalar(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

func (w *yamlWriter) pair(m *yaml.Node, name string, value *yaml.Node) {
	m.Content = append(m.Content, text(name), value)
}

func (w *yamlWriter) doc(m *yaml.Node, doc schema.Doc) {
	for _, e := range []struct{ key, value string }{{"doc", doc.Text}, {"deprecated", doc.Deprecated}, {"since", doc.Since}} {
		if e.value != "" {
			w.pair(m, e.key, text(e.value))
		}
	}
}

func (w *yamlWriter) goName(m *yaml.Node, name string) {
	if name != "" {
		g := mapping()
		w.pair(g, "name", text(name))
		w.pair(m, "go", g)
	}
}

func (w *yamlWriter) namespace(m *yaml.Node, ns *schema.Namespace) {
	w.connection(m, "auth", ns.Auth)
	w.connection(m, "SocketData", ns.SocketData)
	for i, name := range []string{"ServerToClient", "ClientToServer", "ServerToServer"} {
		if events := ns.Directions()[i]; len(events) > 0 {
			n := mapping()
			for _, e := range events {
				w.pair(n, e.Name, w.event(e))
			}
			w.pair(m, name, n)
		}
	}
}

func (w *yamlWriter) connection(m *yaml.Node, key string, ref *schema.Ref) {
	switch {
	case ref == nil:
	case w.inPlace[ref.Decl]:
		fields := ref.Decl.Body.(*schema.Struct).Fields
		if ref.Decl.Doc == (schema.Doc{}) && len(fields) > 0 && !hasField(fields, "fields") {
			w.pair(m, key, w.fields(fields))
			return
		}
		n := mapping()
		w.doc(n, ref.Decl.Doc)
		w.pair(n, "fields", w.fields(fields))
		w.pair(m, key, n)
	default:
		w.pair(m, key, text(ref.Name))
	}
}

// hasField reports whether one of the fields would be taken for a key.
func hasField(fields []*schema.Field, name string) bool {
	return slices.ContainsFunc(fields, func(f *schema.Field) bool { return f.Name == name })
}

func (w *yamlWriter) event(e *schema.Event) *yaml.Node {
	m := mapping()
	w.doc(m, e.Doc)
	w.goName(m, e.GoName)
	if len(e.Args) > 0 {
		w.pair(m, "args", w.fields(e.Args))
	}
	if e.Ack != nil {
		if len(e.Ack.Args) > 0 || e.Ack.Error == nil {
			w.pair(m, "ack", orNull(w.fields(e.Ack.Args)))
		}
		if e.Ack.Error != nil {
			w.pair(m, "error", w.ackError(e.Ack.Error))
		}
	}
	return orNull(m)
}

// orNull writes an empty mapping as nothing.
func orNull(m *yaml.Node) *yaml.Node {
	if len(m.Content) == 0 {
		return scalar("!!null", "")
	}
	return m
}

func (w *yamlWriter) ackError(ref *schema.Ref) *yaml.Node {
	if w.inPlace[ref.Decl] {
		return w.declInPlace(ref.Decl)
	}
	return text(ref.Name)
}

// decl is a named type: in short where it is nothing but an expression.
func (w *yamlWriter) decl(d *schema.Decl) *yaml.Node {
	m := mapping()
	w.doc(m, d.Doc)
	w.goKey(m, d)
	w.tsKey(m, d.TS)
	w.body(m, d.Body)
	return short(m)
}

// declInPlace is a type that stands where it is used.
func (w *yamlWriter) declInPlace(d *schema.Decl) *yaml.Node { return w.decl(d) }

// short is the bare type expression when there is nothing else.
func short(m *yaml.Node) *yaml.Node {
	if len(m.Content) == 2 && m.Content[0].Value == "type" {
		return m.Content[1]
	}
	return m
}

// goKey writes the key go of a type. A type that converts itself in its own
// way keeps doing so.
func (w *yamlWriter) goKey(m *yaml.Node, d *schema.Decl) {
	g := mapping()
	if d.GoName != "" {
		w.pair(g, "name", text(d.GoName))
	}
	if d.Go != nil {
		name := d.Go.TypeName
		if d.Go.ImportPath != "" {
			name = d.Go.ImportPath + "." + name
		}
		if d.Go.Pointer {
			name = "*" + name
		}
		w.pair(g, "type", text(name))
		w.pair(g, "via", text(viaWord(d.Go.Via)))
	}
	if len(g.Content) > 0 {
		w.pair(m, "go", g)
	}
}

func viaWord(v schema.Via) string {
	switch v {
	case schema.ViaText:
		return "text"
	case schema.ViaConvert:
		return "convert"
	default:
		return "json"
	}
}

func (w *yamlWriter) tsKey(m *yaml.Node, ts *schema.TSMapping) {
	if ts == nil {
		return
	}
	n := mapping()
	w.pair(n, "type", text(ts.Type))
	if ts.Import != "" {
		w.pair(n, "import", text(ts.Import))
	}
	w.pair(m, "ts", n)
}

func (w *yamlWriter) body(m *yaml.Node, body schema.Body) {
	switch body := body.(type) {
	case *schema.Struct:
		w.pair(m, "fields", w.fields(body.Fields))
	case *schema.Enum:
		w.pair(m, "enum", w.enum(body))
		w.open(m, body.Open)
	case *schema.Union:
		w.pair(m, "union", text(body.Tag))
		w.pair(m, "variants", w.variants(body))
		w.open(m, body.Open)
	case *schema.Alias:
		w.typeKeys(m, body.Type, false, body.Constraints)
	}
}

func (w *yamlWriter) open(m *yaml.Node, open bool) {
	if open {
		w.pair(m, "open", scalar("!!bool", "true"))
	}
}

func (w *yamlWriter) enum(e *schema.Enum) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, v := range e.Values {
		m := mapping()
		w.pair(m, "value", text(v.Value))
		w.doc(m, v.Doc)
		w.goName(m, v.GoName)
		if len(m.Content) == 2 {
			m = m.Content[1]
		}
		list.Content = append(list.Content, m)
	}
	return list
}

func (w *yamlWriter) variants(u *schema.Union) *yaml.Node {
	m := mapping()
	for _, v := range u.Variants {
		n := mapping()
		w.doc(n, v.Doc)
		if w.inPlace[v.Type.Decl] {
			w.pair(n, "fields", w.fields(v.Type.Decl.Body.(*schema.Struct).Fields))
		} else {
			w.pair(n, "type", text(v.Type.Name))
		}
		w.pair(m, v.Tag, short(n))
	}
	return m
}

func (w *yamlWriter) fields(fields []*schema.Field) *yaml.Node {
	m := mapping()
	for _, f := range fields {
		name := f.Name
		if f.Optional {
			name += "?"
		}
		w.pair(m, name, w.field(f))
	}
	return m
}

func (w *yamlWriter) field(f *schema.Field) *yaml.Node {
	m := mapping()
	w.doc(m, f.Doc)
	decl, null := w.declAt(f.Type)
	if decl == nil {
		w.goName(m, f.GoName)
		w.typeKeys(m, f.Type, f.Variadic, f.Constraints)
		return short(m)
	}
	g := *decl
	g.GoName = f.GoName
	w.goKey(m, &g)
	w.tsKey(m, decl.TS)
	if alias, ok := decl.Body.(*schema.Alias); ok {
		t := alias.Type
		if null {
			t = &schema.Nullable{Elem: t}
		}
		w.typeKeys(m, t, f.Variadic, f.Constraints)
		return m
	}
	w.body(m, decl.Body)
	return m
}

// declAt is the declaration that is written in place of a field's type.
func (w *yamlWriter) declAt(t schema.Type) (decl *schema.Decl, null bool) {
	if n, ok := t.(*schema.Nullable); ok {
		t, null = n.Elem, true
	}
	if ref, ok := t.(*schema.Ref); ok && w.inPlace[ref.Decl] {
		return ref.Decl, null
	}
	return nil, false
}

// typeKeys writes a type expression with what belongs to it.
func (w *yamlWriter) typeKeys(m *yaml.Node, t schema.Type, variadic bool, c schema.Constraints) {
	expr := expression(t)
	if variadic {
		expr = "..." + expr
	}
	w.pair(m, "type", text(expr))
	if wiresStrings(t) {
		w.pair(m, "wire", text("string"))
	}
	number := func(key string, n *float64) {
		if n != nil {
			w.pair(m, key, floatNode(*n))
		}
	}
	count := func(key string, n *int) {
		if n != nil {
			w.pair(m, key, scalar("!!int", strconv.Itoa(*n)))
		}
	}
	number("minimum", c.Minimum)
	number("maximum", c.Maximum)
	count("minLength", c.MinLength)
	count("maxLength", c.MaxLength)
	if c.Pattern != "" {
		w.pair(m, "pattern", text(c.Pattern))
	}
	count("minItems", c.MinItems)
	count("maxItems", c.MaxItems)
}

func floatNode(n float64) *yaml.Node {
	if n == math.Trunc(n) && math.Abs(n) < 1e15 {
		return scalar("!!int", strconv.FormatFloat(n, 'f', -1, 64))
	}
	return scalar("!!float", strconv.FormatFloat(n, 'g', -1, 64))
}

// wiresStrings reports whether the integers of a type travel as strings.
func wiresStrings(t schema.Type) bool {
	found := false
	schema.WalkType(t, func(t schema.Type) {
		if p, ok := t.(*schema.Primitive); ok && p.AsString {
			found = true
		}
	})
	return found
}

// expression is a type expression of the schema language.
func expression(t schema.Type) string {
	switch t := t.(type) {
	case *schema.Primitive:
		return t.Kind.String()
	case *schema.List:
		return "[]" + element(t.Elem)
	case *schema.Map:
		return "map[string]" + element(t.Elem)
	case *schema.Nullable:
		return expression(t.Elem) + " | null"
	case *schema.Ref:
		return t.Name
	}
	return "any"
}

func element(t schema.Type) string {
	if _, ok := t.(*schema.Nullable); ok {
		return "(" + expression(t) + ")"
	}
	return expression(t)
}
