package yamlschema

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// fields reads the fields of a struct, or arguments.
func (r *reader) fields(n *yaml.Node, own owner, what string) []*schema.Field {
	entries, _ := r.mapping(n, what, fmt.Sprintf("write %s: {name: type}", what))
	var fields []*schema.Field
	for _, e := range entries {
		fields = append(fields, r.field(e, own, what != "fields"))
	}
	return fields
}

// field reads one field or, where variadic is allowed, argument.
func (r *reader) field(e entry, own owner, argument bool) *schema.Field {
	f := &schema.Field{Name: strings.TrimSuffix(e.key, "?"), Span: e.span}
	f.Optional = f.Name != e.key
	what := "field " + f.Name
	if argument {
		what = "argument " + f.Name
	}
	if f.Name == "" {
		r.errorf(diag.CodeBadFieldName, e.span, "", "the field has no name")
	}
	n := deref(e.value)
	if n.Kind != yaml.MappingNode {
		f.Type, f.Variadic = r.fieldExpression(n, e.span, what, argument)
		r.checkOptionalVariadic(f)
		return f
	}
	o, _ := r.object(n, fieldLevel(), what, "", r.strayField(fieldLevel()))
	f.Doc = r.doc(o)
	f.GoName = r.goName(o, !argument)
	goMapping, ts := r.mappings(o)
	if o.has("fields", "enum", "union") {
		decl := r.hoist(own.child(f.Name), e.span)
		decl.Go, decl.TS = goMapping, ts
		decl.Body, _ = r.body(o, owner{decl.Name})
		f.Type = refTo(decl, e.span)
		return f
	}
	if _, inPlace := r.body(o, nil); inPlace {
		return f // it has been reported that there is no type
	}
	f.Type, f.Variadic, f.Constraints = r.expressionOf(o, what, argument)
	r.checkOptionalVariadic(f)
	if f.Type != nil && (goMapping != nil || ts != nil) {
		f.Type = r.mapInPlace(f.Type, own.child(f.Name), e.span, goMapping, ts)
	}
	return f
}

// mapInPlace gives a mapping that stands at a field a declaration to carry it.
func (r *reader) mapInPlace(t schema.Type, own owner, span diag.Span, goMapping *schema.GoMapping, ts *schema.TSMapping) schema.Type {
	decl := r.hoist(own, span)
	decl.Go, decl.TS = goMapping, ts
	if n, ok := t.(*schema.Nullable); ok {
		decl.Body = &schema.Alias{Type: n.Elem}
		return &schema.Nullable{Elem: refTo(decl, span), Span: n.Span}
	}
	decl.Body = &schema.Alias{Type: t}
	return refTo(decl, span)
}

func (r *reader) checkOptionalVariadic(f *schema.Field) {
	if f.Variadic && f.Optional {
		r.errorf(diag.CodeBadVariadic, f.Span, "remove the ?: a variadic argument may be empty", "the variadic argument %q cannot be optional as well", f.Name)
	}
}

// expressionOf reads type, wire and the constraints of a long form.
func (r *reader) expressionOf(o object, what string, argument bool) (schema.Type, bool, schema.Constraints) {
	e, _ := o.get("type")
	typ, variadic := r.fieldExpression(deref(e.value), e.span, what, argument)
	if wire, ok := o.get("wire"); ok {
		r.wire(wire, typ)
	}
	return typ, variadic, r.constraints(o)
}

// fieldExpression reads a type expression and says where "..." may stand.
func (r *reader) fieldExpression(n *yaml.Node, at diag.Span, what string, argument bool) (schema.Type, bool) {
	if n.Kind != yaml.ScalarNode || isNull(n) {
		hint := `write a type such as string, or "[]string" in quotes`
		if isNull(n) && n.Value == "" {
			r.errorf(diag.CodeBadTypeExpression, at, hint, "the %s has no type", what)
			return nil, false
		}
		if isNull(n) {
			r.errorf(diag.CodeBadTypeExpression, r.span(n), `write "string | null", or any`, "null alone is no type")
			return nil, false
		}
		r.errorf(diag.CodeBadTypeExpression, r.span(n), hint, "the type of the %s must be a type expression, not %s", what, describe(n))
		return nil, false
	}
	text := r.src.locate(n)
	typ, variadic, refs, failed := parseType(text)
	if failed != nil {
		r.report(*failed)
		return nil, variadic
	}
	r.refs = append(r.refs, refs...)
	if variadic && !argument {
		r.errorf(diag.CodeBadVariadic, text.whole(), `a list is "[]T"`, "only the last argument of an event or an ack may be variadic")
	}
	return typ, variadic
}

// typeExpression is fieldExpression where "..." may not stand.
func (r *reader) typeExpression(n *yaml.Node, at diag.Span, what string, argument bool) (schema.Type, bool) {
	typ, _ := r.fieldExpression(n, at, what, argument)
	return typ, typ != nil
}

// wire puts integers on the wire as decimal strings.
func (r *reader) wire(e entry, typ schema.Type) {
	text, ok := r.text(e, "the only other wire format is string")
	if !ok {
		return
	}
	if text != "string" {
		r.errorf(diag.CodeBadWire, r.valueSpan(e), "the only other wire format is string", "unknown wire format %q", text)
		return
	}
	integer := false
	schema.WalkType(typ, func(t schema.Type) {
		if p, ok := t.(*schema.Primitive); ok && p.Kind.IsInteger() {
			p.AsString, integer = true, true
		}
	})
	if !integer && typ != nil {
		hint := ""
		if _, ok := schema.NonNull(typ).(*schema.Ref); ok {
			hint = "say wire: string where the named type is declared"
		}
		r.errorf(diag.CodeBadWire, r.valueSpan(e), hint, "wire: string is for integers")
	}
}

func (r *reader) constraints(o object) schema.Constraints {
	var c schema.Constraints
	var places schema.ConstraintPlaces
	for _, e := range o.entries {
		switch e.key {
		case "minimum":
			c.Minimum, places.Minimum = r.number(e), r.valueSpan(e)
		case "maximum":
			c.Maximum, places.Maximum = r.number(e), r.valueSpan(e)
		case "minLength":
			c.MinLength, places.MinLength = r.count(e), r.valueSpan(e)
		case "maxLength":
			c.MaxLength, places.MaxLength = r.count(e), r.valueSpan(e)
		case "minItems":
			c.MinItems, places.MinItems = r.count(e), r.valueSpan(e)
		case "maxItems":
			c.MaxItems, places.MaxItems = r.count(e), r.valueSpan(e)
		case "pattern":
			c.Pattern, _ = r.text(e, "")
			places.Pattern = r.valueSpan(e)
			if c.Pattern == "" && deref(e.value).Kind == yaml.ScalarNode && !isNull(e.value) {
				r.errorf(diag.CodeBadPattern, places.Pattern, "leave pattern out", "the pattern is empty")
			}
		}
	}
	if !c.IsZero() {
		c.Places = &places
	}
	return c
}

// number reads a bound, which must be a number that a float64 holds exactly
// when it is an integer.
func (r *reader) number(e entry) *float64 {
	n := deref(e.value)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" && n.ShortTag() != "!!float" {
		r.errorf(diag.CodeBadBound, r.valueSpan(e), "", "%s must be a number, not %s", e.key, describe(n))
		return nil
	}
	var value float64
	if err := n.Decode(&value); err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		r.errorf(diag.CodeBadBound, r.valueSpan(e), "leave it out when there is no bound", "%s must be a finite number", e.key)
		return nil
	}
	if exact, ok := new(big.Int).SetString(strings.ReplaceAll(n.Value, "_", ""), 0); ok && n.ShortTag() == "!!int" {
		if back, _ := new(big.Float).SetFloat64(value).Int(nil); back.Cmp(exact) != 0 {
			r.errorf(diag.CodeBadBound, r.valueSpan(e), fmt.Sprintf("the nearest number that does is %s", back), "%s cannot be represented exactly", n.Value)
			return nil
		}
	}
	return &value
}

// count reads a length.
func (r *reader) count(e entry) *int {
	n := deref(e.value)
	var value int64
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || n.Decode(&value) != nil || value < 0 || value > math.MaxInt32 {
		r.errorf(diag.CodeBadBound, r.valueSpan(e), "", "%s must be a whole number from 0 to %d", e.key, math.MaxInt32)
		return nil
	}
	count := int(value)
	return &count
}
