package schemagen

import (
	"fmt"
	"go/token"

	"github.com/siogen/siogen/internal/naming"
)

// place is where a type stands.
type place struct {
	bytes    bool // bytes may stand here
	optional bool // the value may be absent, so it may be of any type
	inPlace  int  // how many types in place are around it
}

// writeTypes writes the types.
func (w *writer) writeTypes() {
	if len(w.types) == 0 {
		return
	}
	w.line("types:")
	w.nested(func() {
		for w.current = range w.types {
			w.typeEntry(&w.types[w.current])
		}
		w.current = len(w.types)
	})
}

func (w *writer) typeEntry(t *namedType) {
	t.bytes = w.one(2)
	here := place{bytes: t.bytes}
	switch t.kind {
	case aliasType:
		if w.one(5) {
			w.line("%s: %s", quote(t.name), w.pick(mappings))
			t.bytes = false
			return
		}
		w.line("%s: %s", quote(t.name), quote(w.typ(here, 0)))
		return
	case textType:
		w.line("%s: {type: string, maxLength: %d, doc: %s}", quote(t.name), w.IntN(100), w.text())
		return
	}
	w.line("%s:", quote(t.name))
	w.nested(func() {
		w.docs()
		switch t.kind {
		case structType:
			w.line("fields:")
			w.nested(func() { w.fields(fieldNames, w.IntN(8), here) })
		case enumType:
			w.enum()
		case unionType:
			w.union(here)
		}
	})
}

func (w *writer) enum() {
	if w.one(4) {
		w.line("open: true")
	}
	w.line("enum:")
	w.nested(func() {
		seen := map[string]bool{}
		for range 1 + w.IntN(5) {
			value := w.pick(enumValues)
			if seen[naming.EnumTail(value)] {
				continue
			}
			seen[naming.EnumTail(value)] = true
			if w.one(4) {
				w.line("- {value: %s, doc: %s, deprecated: %s}", quote(value), w.text(), w.reason())
			} else {
				w.line("- %s", quote(value))
			}
		}
	})
}

func (w *writer) union(here place) {
	if w.one(3) {
		w.line("open: true")
	}
	w.line("union: %s", quote(w.pick(tags)))
	w.line("variants:")
	w.nested(func() {
		seen := map[string]bool{}
		for range 1 + w.IntN(5) {
			tag, target := w.pick(enumValues), w.structFor(here)
			if target == "" || seen["tag "+tag] || seen["struct "+target] {
				continue
			}
			seen["tag "+tag], seen["struct "+target] = true, true
			w.line("%s: {type: %s, doc: %s}", quote(tag), quote(target), w.text())
		}
		w.line("inPlace:")
		w.nested(func() {
			w.docs()
			w.line("fields:")
			here.inPlace++
			w.nested(func() { w.fields(fieldNames, w.IntN(4), here) })
		})
	})
}

// structFor is a declared struct that may be a variant, or "".
func (w *writer) structFor(here place) string {
	if w.current == 0 {
		return ""
	}
	t := w.types[w.IntN(w.current)]
	if t.kind != structType || t.bytes && !here.bytes {
		return ""
	}
	return t.name
}

// fields writes up to n fields.
func (w *writer) fields(names []string, n int, here place) {
	seen := map[string]bool{}
	for range n {
		name := w.pick(names)
		if seen[naming.Exported(name)] {
			continue
		}
		seen[naming.Exported(name)] = true
		here.optional = w.one(3)
		w.field(name, here)
	}
}

// field writes a field or an argument.
func (w *writer) field(name string, here place) {
	key := name
	if here.optional {
		key += "?"
	}
	switch {
	case w.one(5):
		w.line("%s: {type: %s, doc: %s, deprecated: %s}", quote(key), quote(w.typ(here, 0)), w.text(), w.reason())
	case w.one(4):
		w.line("%s: %s", quote(key), w.pick(constrained))
	case here.inPlace < 2 && token.IsIdentifier(name) && w.one(5):
		w.line("%s:", quote(key))
		inner := here
		inner.inPlace++
		w.nested(func() { w.typeInPlace(inner) })
	default:
		w.line("%s: %s", quote(key), quote(w.typ(here, 0)))
	}
}

func (w *writer) typeInPlace(here place) {
	w.docs()
	switch w.IntN(3) {
	case 0:
		w.line("fields:")
		w.nested(func() { w.fields(fieldNames, w.IntN(4), here) })
	case 1:
		w.enum()
	case 2:
		w.union(here)
	}
}

// typ is a type expression.
func (w *writer) typ(here place, depth int) string {
	if depth > 3 {
		return "int"
	}
	endless := here
	endless.optional = true
	switch w.IntN(10) {
	case 0, 1:
		return "[]" + w.element(endless, depth)
	case 2:
		return "map[string]" + w.element(endless, depth)
	case 3:
		return w.typ(here, depth+1) + " | null"
	case 4, 5, 6:
		if name, ok := w.reference(here); ok {
			return name
		}
	}
	words := primitives
	if here.bytes {
		words = append([]string{"bytes"}, words...)
	}
	return w.pick(words)
}

func (w *writer) element(here place, depth int) string {
	return fmt.Sprintf("(%s)", w.typ(here, depth+1))
}

// reference is the name of a declared type. One that is yet to come, or that is
// being written, does only where a value need not have it.
func (w *writer) reference(here place) (string, bool) {
	end := w.current
	if here.optional && here.bytes {
		end = len(w.types)
	}
	if end == 0 {
		return "", false
	}
	i := w.IntN(end)
	t := w.types[i]
	if t.bytes && !here.bytes {
		return "", false
	}
	return t.name, true
}
