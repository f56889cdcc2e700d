package golang

import (
	"math"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// patterns maps the constraints that have a pattern to the variable that
// compiles it.
type patterns struct {
	names map[*schema.Constraints]string
	order []*schema.Constraints
}

// findPatterns names the patterns after where they stand. Only those on the wire
// are compiled.
func (g *generator) findPatterns() patterns {
	p := patterns{names: make(map[*schema.Constraints]string)}
	taken := make(map[string]bool)
	add := func(c *schema.Constraints, where string) {
		if c.Pattern == "" {
			return
		}
		name := "pattern" + where
		for n := 2; taken[name]; n++ {
			name = "pattern" + where + "_" + strconv.Itoa(n)
		}
		taken[name] = true
		p.names[c] = name
		p.order = append(p.order, c)
	}
	for _, d := range g.schema.Types {
		if !g.decoded[d] {
			continue
		}
		if alias, ok := d.Body.(*schema.Alias); ok {
			add(&alias.Constraints, g.names.Type(d))
		}
		for _, f := range structFields(d) {
			add(&f.Constraints, g.names.Type(d)+g.names.Field(f))
		}
	}
	for _, ns := range g.schema.Namespaces {
		for _, events := range [][]*schema.Event{ns.ServerToClient, ns.ClientToServer, ns.ServerToServer} {
			for _, e := range events {
				where := g.names.Prefix(ns) + g.names.Event(e)
				for _, f := range e.Args {
					add(&f.Constraints, where+g.names.Field(f))
				}
				if e.Ack == nil {
					continue
				}
				for _, f := range e.Ack.Args {
					add(&f.Constraints, where+"Ack"+g.names.Field(f))
				}
			}
		}
	}
	return p
}

// patternVars declares the patterns. They are compiled when first used: a
// program that never gets such a value doesn't pay for them.
func (g *generator) patternVars(f *jen.File) {
	for _, c := range g.patterns.order {
		name, ok := g.patterns.names[c]
		if !ok {
			continue
		}
		declare(f, nil, jen.Var().Id(name).Op("=").Qual("sync", "OnceValue").Call(
			jen.Func().Params().Op("*").Qual("regexp", "Regexp").Block(
				jen.Return(jen.Qual("regexp", "MustCompile").Call(quoted(c.Pattern))),
			)))
	}
}

// checks are the statements that check v, of type t and just decoded.
func (g *generator) checks(dec string, v *jen.Statement, t schema.Type, cs ...*schema.Constraints) []jen.Code {
	var out []jen.Code
	for _, c := range cs {
		if !c.IsZero() {
			out = append(out, g.check(jen.Id(dec), v, t, c)...)
		}
	}
	return out
}

func (g *generator) check(dec, v *jen.Statement, t schema.Type, c *schema.Constraints) []jen.Code {
	var out []jen.Code
	call := func(method string, args ...jen.Code) {
		out = append(out, jen.Add(dec).Dot(method).Call(args...))
	}
	limit := func(method string, n *int, v jen.Code) {
		if n != nil {
			call(method, v, jen.Lit(*n))
		}
	}
	b := base(t)
	if null, ok := b.(*schema.Nullable); ok {
		b = null.Elem // not null where it is checked
	}
	switch b := b.(type) {
	case *schema.List, *schema.Map:
		if isArray(b) {
			return nil // decoding counts
		}
		return checkItems(dec, v, c)
	case *schema.Primitive:
		switch {
		case b.Kind == schema.String:
			if t != schema.Type(b) {
				v = jen.String().Call(v)
			}
			limit("MinLength", c.MinLength, v)
			limit("MaxLength", c.MaxLength, v)
			if c.Pattern != "" {
				call("Pattern", v, jen.Id(g.patterns.names[c]).Call())
			}
		case b.Kind == schema.Bytes:
			limit("MinBytes", c.MinLength, v)
			limit("MaxBytes", c.MaxLength, v)
		default:
			out = append(out, bounds(dec, v, b, c)...)
		}
	}
	return out
}

// checkItems checks the length of a list, a map, or variadic arguments.
func checkItems(dec, v *jen.Statement, c *schema.Constraints) []jen.Code {
	var out []jen.Code
	if c.MinItems != nil {
		out = append(out, jen.Add(dec).Dot("MinItems").Call(jen.Len(v), jen.Lit(*c.MinItems)))
	}
	if c.MaxItems != nil {
		out = append(out, jen.Add(dec).Dot("MaxItems").Call(jen.Len(v), jen.Lit(*c.MaxItems)))
	}
	return out
}

// bounds checks a number. Bounds outside the type's range are always met, or
// can't be: the codec checks the range itself, so that they say nothing more.
func bounds(dec, v *jen.Statement, t *schema.Primitive, c *schema.Constraints) []jen.Code {
	var out []jen.Code
	low, high := rangeOf(t)
	if c.Minimum != nil && *c.Minimum > low {
		out = append(out, jen.Qual(codecPath, "Minimum").Call(dec, v, number(math.Min(*c.Minimum, high), t.Kind, math.Ceil)))
	}
	if c.Maximum != nil && *c.Maximum < high {
		out = append(out, jen.Qual(codecPath, "Maximum").Call(dec, v, number(math.Max(*c.Maximum, low), t.Kind, math.Floor)))
	}
	return out
}

// maxSafe is the largest integer that JavaScript's numbers hold exactly.
const maxSafe = 1<<53 - 1

func rangeOf(t *schema.Primitive) (low, high float64) {
	info := kinds[t.Kind]
	switch {
	case info.bits == 0:
		return math.Inf(-1), math.Inf(1)
	case info.bits == 64 && !t.AsString:
		high = maxSafe
	case info.signed:
		high = math.Ldexp(1, info.bits-1) - 1
	default:
		high = math.Ldexp(1, info.bits) - 1
	}
	if info.bits == 64 && t.AsString {
		high = math.Nextafter(high, 0) // the nearest float is one beyond the type
	}
	if info.signed {
		low = -high
	}
	if info.signed && info.bits < 64 {
		low--
	}
	return low, high
}

// number is x as a constant of a type.
func number(x float64, k schema.Kind, round func(float64) float64) jen.Code {
	if kinds[k].bits > 0 {
		return jen.Op(strconv.FormatFloat(round(x), 'f', -1, 64))
	}
	return jen.Op(strconv.FormatFloat(x, 'g', -1, 64))
}

// quoted is a string literal: between backquotes, if it can be, since
// backslashes and quotes are what these strings are full of.
func quoted(s string) jen.Code {
	if strconv.CanBackquote(s) {
		return jen.Op("`" + s + "`")
	}
	return jen.Lit(s)
}
