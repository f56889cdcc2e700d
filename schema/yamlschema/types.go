package yamlschema

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// owner is where a type stands that has no name of its own: the names it may
// get, the best first. A later one is taken when another type in place has the
// first already, which happens to arguments of events of one name in two
// directions.
type owner []string

// child is the owner of something inside: UserAddress for the field address.
func (o owner) child(name string) owner {
	var names owner
	for _, n := range o {
		names = append(names, n+camel(name))
	}
	return names
}

// camel makes a part of a type name of any text: chat message → ChatMessage.
func camel(text string) string {
	var b strings.Builder
	up := true
	for _, r := range text {
		if r == '-' || r == '_' || !isNameRune(r) {
			up = true
			continue
		}
		if up {
			b.WriteString(strings.ToUpper(string(r)))
		} else {
			b.WriteRune(r)
		}
		up = false
	}
	return b.String()
}

// declareTypes makes the named types of a file known, without their bodies.
func (f *file) declareTypes() {
	types, ok := f.root.get("types")
	if !ok {
		return
	}
	entries, _ := f.mapping(types.value, "types", "types are written name: type")
	for _, e := range entries {
		if _, taken := f.declared[e.key]; !taken {
			f.declared[e.key] = &schema.Decl{Name: e.key, Span: e.span}
		}
	}
}

// readTypes reads the bodies of the named types of a file.
func (f *file) readTypes() {
	types, ok := f.root.get("types")
	if !ok || deref(types.value).Kind != yaml.MappingNode {
		return
	}
	quiet := len(f.diags)
	entries, _ := f.mapping(types.value, "types", "")
	f.loader.diags = f.diags[:quiet] // declareTypes has reported these
	for _, e := range entries {
		decl := f.declared[e.key]
		if decl.Span != e.span {
			decl = &schema.Decl{Name: e.key, Span: e.span} // a second declaration; Validate reports it
		}
		f.checkTypeName(e)
		f.out.Types = append(f.out.Types, decl)
		f.readDecl(decl, e)
	}
}

func (r *reader) checkTypeName(e entry) {
	if _, builtin := schema.KindOf(e.key); builtin || e.key == "null" || e.key == "map" {
		r.errorf(diag.CodeBadTypeName, e.span, "choose another name", "%q is a word of the schema language", e.key)
		return
	}
	for _, c := range e.key {
		if !isNameRune(c) {
			r.errorf(diag.CodeBadTypeName, e.span, "names of types have letters, digits, _ and -", "%q cannot be the name of a type", e.key)
			return
		}
	}
	if e.key == "" {
		r.errorf(diag.CodeBadTypeName, e.span, "", "a type needs a name")
	}
}

func (r *reader) readDecl(decl *schema.Decl, e entry) {
	n := deref(e.value)
	if isNull(n) && n.Value == "" {
		r.errorf(diag.CodeBadTypeExpression, e.span, fmt.Sprintf("write %s: {fields: {name: string}}", e.key), "the type %q is empty", e.key)
		return
	}
	if n.Kind == yaml.ScalarNode {
		if typ, _ := r.typeExpression(n, e.span, "type "+e.key, false); typ != nil {
			decl.Body = &schema.Alias{Type: typ}
		}
		return
	}
	o, ok := r.object(n, typeLevel(), "a type", "a type is an expression such as \"[]string\", or a mapping with fields, enum, union or type", r.strayField(typeLevel()))
	if !ok {
		return
	}
	decl.Doc = r.doc(o)
	decl.GoName = r.goName(o, true)
	decl.Go, decl.TS = r.mappings(o)
	if body, inPlace := r.body(o, owner{camel(decl.Name)}); inPlace {
		decl.Body = body
		return
	}
	typ, _, constraints := r.expressionOf(o, "type "+e.key, false)
	if typ != nil {
		decl.Body = &schema.Alias{Type: typ, Constraints: constraints}
	}
}

// strayField recognises a field that stands where the keys of a type belong.
func (r *reader) strayField(l level) func(entry) bool {
	return func(e entry) bool {
		n := deref(e.value)
		if n.Kind != yaml.ScalarNode || diag.Nearest(e.key, l.names()) != "" {
			return false
		}
		if _, _, _, failed := parseType(r.src.locate(n)); failed != nil {
			return false
		}
		r.errorf(diag.CodeUnknownKey, e.span, fmt.Sprintf("fields stand under fields: {fields: {%s: %s}}", e.key, n.Value), "unknown key %q in %s", e.key, l.what)
		return true
	}
}

// body reads what a type is when it is written out: a struct, an enum or a
// union. inPlace is false when there is only a type expression.
func (r *reader) body(o object, own owner) (body schema.Body, inPlace bool) {
	var kinds []entry
	for _, e := range o.entries {
		if slices.Contains([]string{"type", "fields", "enum", "union"}, e.key) {
			kinds = append(kinds, e)
		}
	}
	if len(kinds) > 1 {
		r.report(diag.Diagnostic{
			Code: diag.CodeExclusiveKeys, Span: kinds[1].span,
			Message: fmt.Sprintf("a type has either %s or %s", kinds[0].key, kinds[1].key),
			Notes:   []diag.Note{{Span: kinds[0].span, Message: kinds[0].key + " stands here"}},
		})
	}
	if len(kinds) == 0 {
		if o.broken {
			return nil, true
		}
		if _, ok := o.get("variants"); ok {
			r.errorf(diag.CodeMissingKey, o.span, "add union: kind, where kind is the key on the wire that tells the variants apart", "variants need union")
			return nil, true
		}
		r.errorf(diag.CodeMissingKey, o.span, "add type, fields, enum, or union with variants", "nothing here says what the type is")
		return nil, true
	}
	r.companions(o, kinds[0].key)
	switch kind := kinds[0]; kind.key {
	case "fields":
		return &schema.Struct{Fields: r.fields(kind.value, own, "fields")}, true
	case "enum":
		return r.enum(o, kind), true
	case "union":
		return r.union(o, kind, own), true
	default:
		return nil, false
	}
}

// companions reports keys that do not go with the kind of type.
func (r *reader) companions(o object, kind string) {
	needs := map[string]string{"variants": "union", "wire": "type"}
	for _, k := range constraintKeys() {
		needs[k.name] = "type"
	}
	for _, e := range o.entries {
		if need, ok := needs[e.key]; ok && need != kind {
			r.errorf(diag.CodeExclusiveKeys, e.span, "", "%s belongs to %s, not to %s", e.key, need, kind)
		}
		if e.key == "open" && kind != "enum" && kind != "union" {
			r.errorf(diag.CodeExclusiveKeys, e.span, "", "open belongs to enum or union, not to %s", kind)
		}
	}
}

func (r *reader) isOpen(o object) bool {
	e, ok := o.get("open")
	return ok && r.bool(e)
}

func (r *reader) enum(o object, e entry) *schema.Enum {
	enum := &schema.Enum{Open: r.isOpen(o)}
	list := deref(e.value)
	if isNull(list) {
		list = &yaml.Node{Kind: yaml.SequenceNode}
	}
	if list.Kind != yaml.SequenceNode {
		r.errorf(diag.CodeWrongShape, r.valueSpan(e), "write enum: [first, second]", "enum must be a list of texts, not %s", describe(list))
		return enum
	}
	for _, item := range list.Content {
		if v := r.enumValue(deref(item)); v != nil {
			enum.Values = append(enum.Values, v)
		}
	}
	if len(list.Content) == 0 {
		r.errorf(diag.CodeEmptyEnum, e.span, "write enum: [first, second]", "the enum has no values")
	}
	return enum
}

func (r *reader) enumValue(n *yaml.Node) *schema.EnumValue {
	if n.Kind == yaml.MappingNode {
		o, _ := r.object(n, enumValueLevel(), "an enum value", "", nil)
		e, ok := o.get("value")
		if !ok {
			r.errorf(diag.CodeMissingKey, r.span(n), "write {value: admin, doc: …}", "the enum value has no value")
			return nil
		}
		v := r.enumValue(deref(e.value))
		if v != nil {
			v.Doc = r.doc(o)
			v.GoName = r.goName(o, false)
		}
		return v
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" && n.ShortTag() != "!!timestamp" {
		hint := ""
		if n.Kind == yaml.ScalarNode {
			hint = fmt.Sprintf("write %q in quotes", n.Value)
		}
		r.errorf(diag.CodeWrongShape, r.span(n), hint, "an enum value must be a text, not %s", describe(n))
		return nil
	}
	return &schema.EnumValue{Value: n.Value, Span: r.span(n)}
}

func (r *reader) union(o object, e entry, own owner) *schema.Union {
	union := &schema.Union{Open: r.isOpen(o)}
	union.Tag, _ = r.text(e, "name the key on the wire that tells the variants apart: union: kind")
	if union.Tag == "" && deref(e.value).Kind == yaml.ScalarNode && !isNull(e.value) {
		r.errorf(diag.CodeBadUnion, r.valueSpan(e), "name the key on the wire that tells the variants apart: union: kind", "the union's key is empty")
	}
	variants, ok := o.get("variants")
	if !ok {
		r.errorf(diag.CodeMissingKey, e.span, "add variants: {text: TextMessage, image: ImageMessage}", "the union has no variants")
		return union
	}
	entries, ok := r.mapping(variants.value, "variants", "write variants: {text: TextMessage, image: ImageMessage}")
	if ok && len(entries) == 0 {
		r.errorf(diag.CodeBadUnion, variants.span, "write variants: {text: TextMessage, image: ImageMessage}", "the union has no variants")
	}
	for _, v := range entries {
		union.Variants = append(union.Variants, r.variant(v, own.child(v.key)))
	}
	return union
}

func (r *reader) variant(e entry, own owner) *schema.Variant {
	v := &schema.Variant{Tag: e.key, Span: e.span}
	n := deref(e.value)
	if n.Kind != yaml.MappingNode {
		v.Type = r.named(n, e, "variant")
		return v
	}
	o, _ := r.object(n, variantLevel(), "a variant", "", r.strayField(variantLevel()))
	v.Doc = r.doc(o)
	if typ, ok := o.get("type"); ok {
		v.Type = r.named(deref(typ.value), typ, "variant")
	}
	if fields, ok := o.get("fields"); ok {
		if v.Type != nil {
			r.errorf(diag.CodeExclusiveKeys, fields.span, "", "a variant has either type or fields")
		}
		decl := r.hoist(own, e.span)
		decl.Body = &schema.Struct{Fields: r.fields(fields.value, owner{decl.Name}, "fields")}
		v.Type = refTo(decl, e.span)
	}
	if v.Type == nil && !o.has("type") && !o.broken {
		r.errorf(diag.CodeMissingKey, e.span, "name a struct", "the variant has no type")
	}
	return v
}

// named reads the name of a type where nothing else will do.
func (r *reader) named(n *yaml.Node, e entry, what string) *schema.Ref {
	typ, ok := r.typeExpression(n, e.span, what+" "+e.key, false)
	if !ok {
		return nil
	}
	if ref, ok := typ.(*schema.Ref); ok {
		return ref
	}
	code := diag.CodeVariantNotStruct
	if what != "variant" {
		code = diag.CodeBadHandshakeType
	}
	r.errorf(code, r.span(n), "declare a struct under types and name it here", "the %s must be the name of a struct, not %q", what, n.Value)
	return nil
}

// hoist makes a declaration of a type that is written in place.
func (r *reader) hoist(own owner, span diag.Span) *schema.Decl {
	decl := &schema.Decl{Name: own[0], Span: span, Inline: true}
	for _, name := range own {
		if r.declared[name] == nil {
			decl.Name = name
			break
		}
		if !r.declared[name].Inline {
			break // Validate reports the clash with the user's own type
		}
	}
	if r.declared[decl.Name] == nil {
		r.declared[decl.Name] = decl
	}
	r.out.Types = append(r.out.Types, decl)
	return decl
}

func refTo(decl *schema.Decl, span diag.Span) *schema.Ref {
	return &schema.Ref{Name: decl.Name, Decl: decl, Span: span}
}
