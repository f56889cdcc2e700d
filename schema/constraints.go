package schema

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"

	"github.com/siogen/siogen/schema/diag"
)

// constraints checks the constraints of a value of type t, declared at span.
func (v *validator) constraints(c Constraints, t Type, span diag.Span) {
	if c.IsZero() {
		return
	}
	places := c.places(span)
	base := NonNull(Resolve(NonNull(t)))
	if base == nil {
		return
	}
	fit := fitOf(base)
	for _, w := range c.words(places) {
		if w.set && fit&w.fit == 0 {
			v.add(diag.CodeConstraintType, w.span, "", "%s does not fit: %s is not %s", w.name, spell(t), w.fits)
		}
	}
	if fit&fitNumber != 0 {
		v.bounds(c, base.(*Primitive), places)
	}
	if c.Minimum != nil && c.Maximum != nil && *c.Minimum > *c.Maximum {
		v.conflict("minimum", "maximum", places.Maximum, places.Minimum)
	}
	if c.MinLength != nil && c.MaxLength != nil && *c.MinLength > *c.MaxLength {
		v.conflict("minLength", "maxLength", places.MaxLength, places.MinLength)
	}
	if c.MinItems != nil && c.MaxItems != nil && *c.MinItems > *c.MaxItems {
		v.conflict("minItems", "maxItems", places.MaxItems, places.MinItems)
	}
	if c.Pattern != "" {
		v.pattern(c.Pattern, places.Pattern)
	}
}

func (c Constraints) places(span diag.Span) ConstraintPlaces {
	if c.Places != nil {
		return *c.Places
	}
	return ConstraintPlaces{span, span, span, span, span, span, span}
}

// fits says which constraints a type takes; a set.
type fits uint8

const (
	fitNumber fits = 1 << iota
	fitString
	fitBytes
	fitList
)

func fitOf(t Type) fits {
	switch t := t.(type) {
	case *List:
		return fitList
	case *Primitive:
		switch {
		case t.Kind.IsInteger(), t.Kind.IsFloat():
			return fitNumber
		case t.Kind == String:
			return fitString
		case t.Kind == Bytes:
			return fitBytes
		}
	}
	return 0
}

type constraintWord struct {
	name string
	set  bool
	span diag.Span
	fit  fits
	fits string
}

func (c Constraints) words(p ConstraintPlaces) []constraintWord {
	return []constraintWord{
		{"minimum", c.Minimum != nil, p.Minimum, fitNumber, "a number"},
		{"maximum", c.Maximum != nil, p.Maximum, fitNumber, "a number"},
		{"minLength", c.MinLength != nil, p.MinLength, fitString | fitBytes, "a string or bytes"},
		{"maxLength", c.MaxLength != nil, p.MaxLength, fitString | fitBytes, "a string or bytes"},
		{"pattern", c.Pattern != "", p.Pattern, fitString, "a string"},
		{"minItems", c.MinItems != nil, p.MinItems, fitList, "a list"},
		{"maxItems", c.MaxItems != nil, p.MaxItems, fitList, "a list"},
	}
}

func (v *validator) conflict(low, high string, second, first diag.Span) {
	d := v.add(diag.CodeConstraintConflict, second, "", "%s is above %s: no value can be valid", low, high)
	d.Notes = []diag.Note{{Span: first, Message: low}}
}

// bounds checks that minimum and maximum are values of the type.
func (v *validator) bounds(c Constraints, p *Primitive, places ConstraintPlaces) {
	for _, bound := range []struct {
		name  string
		value *float64
		span  diag.Span
	}{{"minimum", c.Minimum, places.Minimum}, {"maximum", c.Maximum, places.Maximum}} {
		if bound.value == nil {
			continue
		}
		value := *bound.value
		low, high, integer := p.Kind.IntegerRange(p.AsString)
		switch {
		case integer && value != math.Trunc(value):
			v.add(diag.CodeBadBound, bound.span, "", "%s must be a whole number, because the type is %s", bound.name, p.Kind)
		case integer && (value < low || value > high):
			hint := ""
			if p.Kind != Int8 && math.Abs(value) > maxSafeInteger && !p.AsString {
				hint = "numbers beyond 2⁵³ travel as strings: wire: string"
			}
			v.add(diag.CodeBadBound, bound.span, hint, "%s is outside the range of %s, %.0f to %.0f", bound.name, p.Kind, low, high)
		case p.Kind == Float32 && math.Abs(value) > math.MaxFloat32:
			v.add(diag.CodeBadBound, bound.span, "", "%s is outside the range of float32", bound.name)
		}
	}
}

func (v *validator) pattern(pattern string, span diag.Span) {
	_, err := regexp.Compile(pattern)
	if err == nil {
		return
	}
	reason := err.Error()
	if e := (*syntax.Error)(nil); errors.As(err, &e) {
		reason = fmt.Sprintf("%s in %q", e.Code, e.Expr)
	}
	v.add(diag.CodeBadPattern, span, "patterns are RE2 expressions, without look-around and back-references", "the pattern does not parse: %s", reason)
}

// mappedConstraints reports constraints on a value that is of the user's own Go
// type by the time it could be checked.
func (v *validator) mappedConstraints(c Constraints, decl *Decl, span diag.Span) {
	mapped := mappedDecl(&Ref{Decl: decl})
	if mapped == nil || mapped.Go.Via == ViaConvert || c.IsZero() {
		return
	}
	places := c.places(span)
	for _, w := range c.words(places) {
		if w.set {
			d := v.add(diag.CodeConstraintType, w.span, "let the Go type check its values, or use via: convert", "%s does not fit: %q is mapped to a Go type of its own", w.name, mapped.Name)
			d.Notes = []diag.Note{{Span: mapped.Go.Span, Message: "mapped here"}}
		}
	}
}

// spell writes a type as a schema does.
func spell(t Type) string {
	switch t := t.(type) {
	case *Primitive:
		return t.Kind.String()
	case *List:
		return "[]" + spellElem(t.Elem)
	case *Map:
		return "map[string]" + spellElem(t.Elem)
	case *Nullable:
		return spell(t.Elem) + " | null"
	case *Ref:
		return t.Name
	}
	return "it"
}

func spellElem(t Type) string {
	if _, ok := t.(*Nullable); ok {
		return "(" + spell(t) + ")"
	}
	return spell(t)
}
