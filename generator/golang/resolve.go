package golang

import "github.com/siogen/siogen/schema"

// A type of the schema stands in Go in one of these ways:
//
//   - nilable: a slice, a map, an interface or a mapped pointer, whose nil means
//     null where it is nullable and absent where it is optional;
//   - by value, behind a pointer where it is nullable or optional;
//   - any, whose null is one of its values: behind a pointer where it is optional.

// transparent reports whether d is an alias in Go, too (type A = B): one that
// keeps the methods, and the nil, of what it stands for.
func transparent(d *schema.Decl) bool {
	alias, ok := d.Body.(*schema.Alias)
	if !ok || d.Go != nil {
		return false
	}
	switch t := alias.Type.(type) {
	case *schema.Ref:
		return true
	case *schema.Nullable:
		return !isSlice(t.Elem) // nil is null: the type may be one of its own
	case *schema.Primitive:
		return t.Kind == schema.AnyKind || t.Kind == schema.Time
	default:
		return false
	}
}

// isSlice reports whether t is a slice or a map as it stands.
func isSlice(t schema.Type) bool {
	switch t := t.(type) {
	case *schema.List, *schema.Map:
		return true
	case *schema.Primitive:
		return t.Kind == schema.Bytes
	default:
		return false
	}
}

// origin follows Go aliases to the declaration of a type of its own.
func origin(d *schema.Decl) *schema.Decl {
	for transparent(d) {
		ref, ok := d.Body.(*schema.Alias).Type.(*schema.Ref)
		if !ok {
			break
		}
		d = ref.Decl
	}
	return d
}

// nullable takes the null off t, also through aliases. The constraints of those
// aliases come back with the rest of the type, since they are about it.
func nullable(t schema.Type) (core schema.Type, isNull bool, cs []*schema.Constraints) {
	core = t
	for {
		switch t := core.(type) {
		case *schema.Nullable:
			core, isNull = t.Elem, true
			continue
		case *schema.Ref:
			if !acceptsNull(t) {
				break
			}
			isNull = true
			if transparent(t.Decl) {
				alias := t.Decl.Body.(*schema.Alias)
				core = alias.Type
				cs = append(cs, &alias.Constraints)
				continue
			}
		}
		return core, isNull, cs
	}
}

// acceptsNull reports whether t is nullable, also through aliases.
func acceptsNull(t schema.Type) bool {
	switch t := t.(type) {
	case *schema.Nullable:
		return true
	case *schema.Ref:
		alias, ok := t.Decl.Body.(*schema.Alias)
		return ok && t.Decl.Go == nil && acceptsNull(alias.Type)
	default:
		return false
	}
}

// nilable reports whether a Go value of type t, which is not nullable, can be nil.
func nilable(t schema.Type) bool {
	switch t := t.(type) {
	case *schema.Primitive:
		return t.Kind == schema.Bytes
	case *schema.List, *schema.Map:
		return true
	case *schema.Nullable:
		return nilable(t.Elem)
	case *schema.Ref:
		if t.Decl.Go != nil {
			return t.Decl.Go.Pointer
		}
		switch body := t.Decl.Body.(type) {
		case *schema.Union:
			return true
		case *schema.Alias:
			return nilable(body.Type)
		}
	}
	return false
}

// base follows aliases of every sort to what they are made of. It stops at types
// that the user mapped.
func base(t schema.Type) schema.Type {
	for {
		ref, ok := t.(*schema.Ref)
		if !ok || ref.Decl.Go != nil {
			return t
		}
		alias, ok := ref.Decl.Body.(*schema.Alias)
		if !ok {
			return t
		}
		t = alias.Type
	}
}

// primitive is the built-in type that t is in the end, or nil.
func primitive(t schema.Type) *schema.Primitive {
	p, _ := base(t).(*schema.Primitive)
	return p
}

func isAny(t schema.Type) bool {
	p := primitive(t)
	return p != nil && p.Kind == schema.AnyKind
}

// form is how an optional field or argument stands in Go.
type form uint8

const (
	plain   form = iota // required
	nilForm             // optional: nil is absent
	pointer             // optional: a pointer, nil is absent
	three               // optional and nullable: a runtime.Optional
	value               // optional, in a struct of the user's: a value of its own is absent
)

func formOf(f *schema.Field) form {
	core, isNull, _ := nullable(f.Type)
	switch {
	case !f.Optional:
		return plain
	case f.Own != nil:
		return ownForm(f)
	case isNull:
		return three
	case nilable(core):
		return nilForm
	default:
		return pointer
	}
}

// findLoops finds three-state fields whose struct would contain itself by value:
// runtime.Optional holds its value in place.
func findLoops(s *schema.Schema) map[*schema.Field]bool {
	loops := make(map[*schema.Field]bool)
	for _, d := range s.Types {
		for _, f := range structFields(d) {
			if formOf(f) != three || f.Own != nil {
				continue
			}
			core, _, _ := nullable(f.Type)
			if contains(core, d, make(map[*schema.Decl]bool)) {
				loops[f] = true
			}
		}
	}
	return loops
}

// contains reports whether a Go value of type t holds one of the struct whole in
// place.
func contains(t schema.Type, whole *schema.Decl, seen map[*schema.Decl]bool) bool {
	ref, ok := base(t).(*schema.Ref)
	if !ok {
		return false
	}
	if ref.Decl == whole {
		return true
	}
	if seen[ref.Decl] {
		return false
	}
	seen[ref.Decl] = true
	for _, f := range structFields(ref.Decl) {
		core, isNull, _ := nullable(f.Type)
		inPlace := f.Optional == isNull // required, or three states
		if inPlace && contains(core, whole, seen) {
			return true
		}
	}
	return false
}

// structFields are the fields of d if it is a struct of ours, else none.
func structFields(d *schema.Decl) []*schema.Field {
	if body, ok := d.Body.(*schema.Struct); ok && d.Go == nil {
		return body.Fields
	}
	return nil
}
