package goschema

import (
	"fmt"
	"go/token"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// fieldDirectives follows the directives of a field or an argument.
func (l *loader) fieldDirectives(f *schema.Field, dirs []directive, at site) {
	if f.Type == nil {
		return
	}
	for _, d := range dirs {
		switch {
		case slices.Contains(constraintWords(), d.name):
			l.constraint(&f.Constraints, d.name, d)
		case d.name == "wire":
			l.wire(d, f.Type)
		case d.name == "ts":
			l.tsInPlace(f, d, at)
		}
	}
}

// tsInPlace gives a field with a TypeScript type of its own a declaration that
// carries it.
func (l *loader) tsInPlace(f *schema.Field, d directive, at site) {
	ts := l.tsMapping(d)
	if ts == nil || len(at.own) == 0 {
		return
	}
	decl := l.hoist(at.own, site{span: f.Span, pos: at.pos, pkg: at.pkg})
	decl.TS, decl.Own = ts, &schema.GoName{Expr: schema.NonNull(f.Type)}
	if n, ok := f.Type.(*schema.Nullable); ok {
		decl.Body = &schema.Alias{Type: n.Elem}
		f.Type = &schema.Nullable{Elem: refTo(decl, f.Span), Go: n.Go, Span: n.Span}
		return
	}
	decl.Body = &schema.Alias{Type: f.Type}
	f.Type = refTo(decl, f.Span)
}

// arrayLength says how long an array is where that can be said.
func arrayLength(f *schema.Field) {
	list, ok := schema.NonNull(f.Type).(*schema.List)
	if !ok || list.Go == nil || list.Go.Array == 0 || f.Constraints.MinItems != nil || f.Constraints.MaxItems != nil || f.Variadic {
		return
	}
	n := list.Go.Array
	f.Constraints.MinItems, f.Constraints.MaxItems = &n, &n
}

// constraint sets one of JSON Schema's words.
func (l *loader) constraint(c *schema.Constraints, word string, d directive) {
	if c.Places == nil {
		c.Places = &schema.ConstraintPlaces{}
	}
	switch word {
	case "minimum":
		c.Minimum, c.Places.Minimum = l.number(d), d.span
	case "maximum":
		c.Maximum, c.Places.Maximum = l.number(d), d.span
	case "minLength":
		c.MinLength, c.Places.MinLength = l.count(d), d.span
	case "maxLength":
		c.MaxLength, c.Places.MaxLength = l.count(d), d.span
	case "minItems":
		c.MinItems, c.Places.MinItems = l.count(d), d.span
	case "maxItems":
		c.MaxItems, c.Places.MaxItems = l.count(d), d.span
	case "pattern":
		c.Pattern, c.Places.Pattern = l.text(d), d.span
		if c.Pattern == "" {
			l.errorf(diag.CodeBadPattern, d.span, "leave pattern out", "the pattern is empty")
		}
	}
}

func (l *loader) number(d directive) *float64 {
	n, err := strconv.ParseFloat(d.args, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		l.errorf(diag.CodeBadBound, d.span, "", "%s must be a finite number, not %q", d.name, d.args)
		return nil
	}
	return &n
}

func (l *loader) count(d directive) *int {
	n, err := strconv.ParseInt(d.args, 10, 32)
	if err != nil || n < 0 {
		l.errorf(diag.CodeBadBound, d.span, "", "%s must be a whole number from 0 to %d, not %q", d.name, math.MaxInt32, d.args)
		return nil
	}
	count := int(n)
	return &count
}

// wire puts integers on the wire as decimal strings.
func (l *loader) wire(d directive, typ schema.Type) {
	if d.args != "string" {
		l.errorf(diag.CodeBadWire, d.span, "the only other wire format is string", "unknown wire format %q", d.args)
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
			hint = "put it on the declaration of the type"
		}
		l.errorf(diag.CodeBadWire, d.span, hint, "%swire string is for integers", directivePrefix)
	}
}

// tsMapping reads //siogen:ts TYPE [from MODULE].
func (l *loader) tsMapping(d directive) *schema.TSMapping {
	m := &schema.TSMapping{Type: d.args, Span: d.span}
	if i := strings.LastIndex(d.args, " from "); i >= 0 {
		m.Type = strings.TrimSpace(d.args[:i])
		m.Import, _ = unquote(strings.TrimSpace(d.args[i+len(" from "):]))
	}
	problem := schema.CheckTSType(m.Type)
	if problem == "" && m.Import != "" && schema.LeadingTSName(m.Type) == "" {
		problem = "it does not begin with a name to import"
	}
	if problem != "" {
		l.errorf(diag.CodeBadTSType, d.span, fmt.Sprintf("write %sts UserID from ./ids", directivePrefix), "%q is not a TypeScript type: %s", m.Type, problem)
		return nil
	}
	return m
}

// goMapping reads //siogen:go TYPE [VIA].
func (l *loader) goMapping(d directive) *schema.GoMapping {
	name, via, _ := strings.Cut(d.args, " ")
	m := &schema.GoMapping{Span: d.span}
	name, m.Pointer = strings.CutPrefix(name, "*")
	m.TypeName = name
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		m.ImportPath, m.TypeName = name[:dot], name[dot+1:]
	}
	if !token.IsIdentifier(m.TypeName) {
		l.errorf(diag.CodeBadGoType, d.span, "write the import path, a dot and the name: github.com/google/uuid.UUID", "%q is not a Go type", d.args)
		return nil
	}
	switch strings.TrimSpace(via) {
	case "text":
		m.Via = schema.ViaText
	case "convert":
		m.Via = schema.ViaConvert
	case "json":
		m.Via = schema.ViaJSON
	default:
		l.errorf(diag.CodeBadVia, d.span, "write text, convert or json behind the type", "unknown conversion %q", strings.TrimSpace(via))
		return nil
	}
	return m
}
