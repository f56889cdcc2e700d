package yamlschema

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// maxTypeNesting bounds [][][]… and parentheses.
const maxTypeNesting = 50

// expression is a parser of type expressions:
//
//	type     = alternative { "|" alternative } .   one alternative is not null
//	alternative = "null" | { "[]" | "map[string]" } ( name | "(" type ")" ) .
//
// An argument may have "..." in front.
type expression struct {
	text   located
	pos    int
	refs   []*schema.Ref
	failed *diag.Diagnostic
}

// parseType parses a whole type expression. On a problem typ is nil and failed
// says what it is.
func parseType(text located) (typ schema.Type, variadic bool, refs []*schema.Ref, failed *diag.Diagnostic) {
	p := expression{text: text}
	p.space()
	if strings.HasPrefix(p.rest(), "...") {
		variadic = true
		p.pos += len("...")
	}
	typ = p.alternatives(0)
	p.space()
	if p.failed == nil && p.rest() != "" {
		p.trailing()
	}
	if p.failed != nil {
		return nil, variadic, nil, p.failed
	}
	return typ, variadic, p.refs, nil
}

func (p *expression) rest() string { return p.text.value[p.pos:] }

func (p *expression) space() {
	rest := p.rest()
	p.pos += len(rest) - len(strings.TrimLeft(rest, " \t\r\n"))
}

func (p *expression) fail(from, to int, hint, format string, args ...any) schema.Type {
	if p.failed == nil {
		p.failed = &diag.Diagnostic{
			Code: diag.CodeBadTypeExpression, Span: p.text.span(from, to),
			Message: fmt.Sprintf(format, args...), Hint: hint,
		}
	}
	return nil
}

// alternatives parses T | null.
func (p *expression) alternatives(depth int) schema.Type {
	p.space()
	start := p.pos
	var value, other schema.Type
	null := false
	for first := true; first || p.take("|"); first = false {
		p.space()
		if p.null() {
			null = true
			continue
		}
		from := p.pos
		t := p.prefixed(depth)
		if t == nil {
			return nil
		}
		if value == nil {
			value = t
		} else if other == nil {
			other = t
			p.fail(from, p.pos, "declare a discriminated union under types: {union: kind, variants: {…}}", "only null may stand behind |")
		}
	}
	switch {
	case p.failed != nil:
		return nil
	case value == nil:
		return p.fail(start, p.pos, `write "string | null", or any`, "null alone is no type")
	case null:
		return nullable(value, p.text.span(start, p.pos))
	}
	return value
}

// nullable is T | null: any and T | null are it already.
func nullable(t schema.Type, span diag.Span) schema.Type {
	switch inner := t.(type) {
	case *schema.Nullable:
		return inner
	case *schema.Primitive:
		if inner.Kind == schema.AnyKind {
			return inner
		}
	}
	return &schema.Nullable{Elem: t, Span: span}
}

func (p *expression) take(token string) bool {
	before := p.pos
	p.space()
	if strings.HasPrefix(p.rest(), token) {
		p.pos += len(token)
		return true
	}
	p.pos = before
	return false
}

func (p *expression) null() bool {
	if name := leadingName(p.rest()); name == "null" {
		p.pos += len(name)
		return true
	}
	return false
}

// prefixed parses []T, map[string]T, (T) and names.
func (p *expression) prefixed(depth int) schema.Type {
	start := p.pos
	rest := p.rest()
	switch {
	case depth > maxTypeNesting:
		return p.fail(start, start, "", "the type is nested more than %d levels deep", maxTypeNesting)
	case strings.HasPrefix(rest, "["):
		return p.list(depth)
	case leadingName(rest) == "map":
		return p.mapType(depth)
	case strings.HasPrefix(rest, "("):
		p.pos++
		t := p.alternatives(depth + 1)
		if t != nil && !p.take(")") {
			return p.fail(p.pos, p.pos, "", "expected )")
		}
		return t
	case leadingName(rest) != "":
		return p.name()
	default:
		return p.unexpected()
	}
}

func (p *expression) list(depth int) schema.Type {
	start := p.pos
	p.pos++
	p.space()
	if !strings.HasPrefix(p.rest(), "]") {
		return p.fail(start, p.pos, "lists have any length: []T; bound it with minItems and maxItems", "expected ] behind [")
	}
	p.pos++
	elem := p.element(depth)
	if elem == nil {
		return nil
	}
	return &schema.List{Elem: elem, Span: p.text.span(start, p.pos)}
}

func (p *expression) mapType(depth int) schema.Type {
	start := p.pos
	p.pos += len("map")
	if !p.take("[") {
		return p.fail(start, p.pos, "write map[string]T", "expected [string] behind map")
	}
	p.space()
	keyAt := p.pos
	name := leadingName(p.rest())
	p.pos += len(name)
	if name != "string" {
		return p.fail(keyAt, p.pos, "the keys of a JSON object are strings: map[string]T", "a map has string keys, not %q", name)
	}
	if !p.take("]") {
		return p.fail(p.pos, p.pos, "write map[string]T", "expected ] behind map[string")
	}
	elem := p.element(depth)
	if elem == nil {
		return nil
	}
	return &schema.Map{Elem: elem, Span: p.text.span(start, p.pos)}
}

func (p *expression) element(depth int) schema.Type {
	p.space()
	if at := p.pos; p.null() {
		return p.fail(at, p.pos, "write []any, or [](string | null)", "null alone is no type")
	}
	return p.prefixed(depth + 1)
}

func (p *expression) name() schema.Type {
	name := leadingName(p.rest())
	span := p.text.span(p.pos, p.pos+len(name))
	p.pos += len(name)
	if kind, ok := schema.KindOf(name); ok {
		return &schema.Primitive{Kind: kind, Span: span}
	}
	ref := &schema.Ref{Name: name, Span: span}
	p.refs = append(p.refs, ref)
	return ref
}

// leadingName is the name at the start of s. Dots are taken in so that the
// message about time.Time names all of it.
func leadingName(s string) string {
	for i, r := range s {
		if !isNameRune(r) && !(r == '.' && i > 0) {
			return s[:i]
		}
	}
	return s
}

func isNameRune(r rune) bool {
	return r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

func (p *expression) unexpected() schema.Type {
	r, size := utf8.DecodeRuneInString(p.rest())
	switch {
	case size == 0:
		return p.fail(p.pos, p.pos, "", "a type is missing here")
	case r == '*':
		return p.fail(p.pos, p.pos+1, `a value that may be null is "T | null", a field that may be absent has a ? behind its name`, "there are no pointers in a schema")
	case r == '.':
		return p.fail(p.pos, p.pos+1, "", `"..." stands in front of the whole type of the last argument`)
	case r == '?':
		return p.fail(p.pos, p.pos+1, "put the ? behind the name of the field: name?: string", "a ? does not belong to a type")
	case r == '{':
		return p.fail(p.pos, p.pos+1, "a struct in place is {fields: {…}}, without quotes", "expected a type, not %q", r)
	default:
		return p.fail(p.pos, p.pos+size, "", "expected a type, not %q", r)
	}
}

// trailing reports what stands behind a complete type.
func (p *expression) trailing() {
	rest := p.rest()
	before := strings.TrimSpace(p.text.value[:p.pos])
	switch {
	case strings.HasPrefix(rest, "[]"):
		p.fail(p.pos, p.pos+2, fmt.Sprintf("write \"[]%s\", in quotes", before), "[] stands in front of the type")
	case strings.HasPrefix(rest, "?"):
		p.fail(p.pos, p.pos+1, "put the ? behind the name of the field: name?: "+before, "a ? does not belong to a type")
	case strings.HasPrefix(rest, "<"):
		p.fail(p.pos, len(p.text.value), "a list is []T, a map is map[string]T", "there are no generic types in a schema")
	default:
		p.fail(p.pos, len(p.text.value), "", "unexpected %q behind the type", rest)
	}
}
