package schema

import (
	"fmt"

	"github.com/siogen/siogen/schema/diag"
)

// recursion reports types that have no finite value: each value would have to
// hold another one. A list, a map, an optional field or null end a recursion,
// and so does a union with one variant that does not need the union.
//
// An alias that is nothing but itself, even through "| null", is reported as
// well: it names no type.
func (v *validator) recursion() {
	finite := finiteTypes(v.schema.Types)
	reported := map[*Decl]bool{}
	for _, decl := range v.schema.Types {
		if !reported[decl] {
			v.cycle(decl, reported, func(d *Decl) *step { return needed(d, finite) })
		}
	}
	for _, decl := range v.schema.Types {
		if !reported[decl] {
			v.cycle(decl, reported, aliased)
		}
	}
}

// finiteTypes finds the types that have a finite value. Each type that is not
// yet known to have one waits for the type that keeps it from it.
func finiteTypes(decls []*Decl) map[*Decl]bool {
	finite := map[*Decl]bool{}
	waiting := map[*Decl][]*Decl{}
	queue := append([]*Decl(nil), decls...)
	for len(queue) > 0 {
		decl := queue[0]
		queue = queue[1:]
		if finite[decl] {
			continue
		}
		if blockers := blockersOf(decl, finite); len(blockers) > 0 {
			for _, b := range blockers {
				waiting[b] = append(waiting[b], decl)
			}
			continue
		}
		finite[decl] = true
		queue = append(queue, waiting[decl]...)
		delete(waiting, decl)
	}
	return finite
}

// blockersOf are types one of which must become finite before decl can: all
// variants of a union, or the first obstacle of anything else.
func blockersOf(decl *Decl, finite map[*Decl]bool) []*Decl {
	union, ok := decl.Body.(*Union)
	if !ok {
		if s := needed(decl, finite); s != nil {
			return []*Decl{s.to}
		}
		return nil
	}
	var blockers []*Decl
	for _, variant := range union.Variants {
		if variant.Type == nil || variant.Type.Decl == nil || finite[variant.Type.Decl] {
			return nil
		}
		blockers = append(blockers, variant.Type.Decl)
	}
	return blockers
}

// step is one arrow of a cycle: the type at from needs the type to.
type step struct {
	what string
	from diag.Span
	to   *Decl
}

// needed is the first thing that keeps decl from having a finite value.
func needed(decl *Decl, finite map[*Decl]bool) *step {
	if finite[decl] {
		return nil
	}
	endless := func(t Type) *Decl {
		if ref, ok := t.(*Ref); ok && ref != nil && ref.Decl != nil && !finite[ref.Decl] {
			return ref.Decl
		}
		return nil
	}
	switch body := decl.Body.(type) {
	case *Struct:
		for _, f := range body.Fields {
			if to := endless(f.Type); to != nil && !f.Optional {
				return &step{fmt.Sprintf("%s.%s needs %s", decl.Name, f.Name, to.Name), f.Span, to}
			}
		}
	case *Alias:
		if to := endless(body.Type); to != nil {
			return &step{fmt.Sprintf("%s is %s", decl.Name, to.Name), body.Type.Pos(), to}
		}
	case *Union:
		for _, variant := range body.Variants {
			if to := endless(variant.Type); to != nil {
				return &step{fmt.Sprintf("every variant of %s needs %s", decl.Name, decl.Name), variant.Span, to}
			}
		}
	}
	return nil
}

// aliased follows an alias, also through null.
func aliased(decl *Decl) *step {
	alias, ok := decl.Body.(*Alias)
	if !ok {
		return nil
	}
	ref, ok := NonNull(alias.Type).(*Ref)
	if !ok || ref.Decl == nil {
		return nil
	}
	return &step{fmt.Sprintf("%s is %s", decl.Name, ref.Decl.Name), ref.Span, ref.Decl}
}

// cycle follows next from decl; when that leads around, the cycle is reported
// once, at the member that is declared first.
func (v *validator) cycle(decl *Decl, reported map[*Decl]bool, next func(*Decl) *step) {
	var path []*step
	at := map[*Decl]int{}
	for d := decl; !reported[d]; {
		if start, around := at[d]; around {
			v.endless(d, path[start:], reported)
			return
		}
		s := next(d)
		if s == nil {
			return
		}
		at[d] = len(path)
		path = append(path, s)
		d = s.to
	}
}

func (v *validator) endless(decl *Decl, path []*step, reported map[*Decl]bool) {
	hint := "make a field on the way optional (?), nullable (| null), a list or a map"
	message := "the type %q has no finite value: it holds itself without an end"
	if isAliasCycle(decl, path) {
		hint, message = "", "the type %q is only another name for itself"
	}
	d := v.add(diag.CodeEndlessRecursion, decl.Span, hint, message, decl.Name)
	for _, s := range path {
		d.Notes = append(d.Notes, diag.Note{Span: s.from, Message: s.what})
		reported[s.to] = true
	}
}

func isAliasCycle(decl *Decl, path []*step) bool {
	_, alias := decl.Body.(*Alias)
	for _, s := range path {
		if _, ok := s.to.Body.(*Alias); !ok {
			return false
		}
	}
	return alias
}
