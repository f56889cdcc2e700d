// Package schemagen makes up schemas for tests: valid ones, over the whole
// language, with the most awkward names and texts that it allows.
package schemagen

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/siogen/siogen/internal/naming"
)

// Random returns the YAML of a schema; the same seed gives the same. It is one
// that a loader accepts. Its names may still clash once they are identifiers,
// which is for naming.Resolve to find.
func Random(seed uint64) string {
	w := &writer{
		Rand:  rand.New(rand.NewPCG(seed, 0x510)),
		taken: map[string]bool{},
	}
	w.schema()
	return w.out.String()
}

// writer writes one schema.
type writer struct {
	*rand.Rand
	out    strings.Builder
	indent int

	types []namedType // declared so far, and those that are to come
	// current is the index of the type that is being written: a value must not
	// need one that comes later, or it might have no end. len(types) behind the
	// types.
	current int
	taken   map[string]bool // package-level identifiers
}

// namedType is an entry under types.
type namedType struct {
	name  string
	kind  kind
	bytes bool // it may hold bytes
}

type kind uint8

const (
	structType kind = iota
	enumType
	unionType
	aliasType
	textType // an alias of string
)

func (w *writer) schema() {
	w.line("package: %s", w.pick(packageNames))
	if w.one(3) {
		w.line("doc: %s", w.text())
	}
	w.chooseTypes()
	w.writeTypes()
	w.namespace()
	if w.one(2) {
		w.line("namespaces:")
		w.nested(func() { w.namespaces() })
	}
}

// chooseTypes decides which types there will be, so that they can refer to each
// other in both directions.
func (w *writer) chooseTypes() {
	for range 4 + w.IntN(12) {
		name := w.pick(typeNames)
		if !w.take(naming.Exported(name)) {
			continue
		}
		w.types = append(w.types, namedType{name: name, kind: kind(w.IntN(5))})
	}
}

func (w *writer) take(ident string) bool {
	if w.taken[ident] {
		return false
	}
	w.taken[ident] = true
	return true
}

func (w *writer) namespaces() {
	seen := map[string]bool{}
	for range 1 + w.IntN(3) {
		name := "/" + w.pick(namespaceNames)
		if seen[naming.Exported(name)] || name == "/" {
			continue
		}
		seen[naming.Exported(name)] = true
		w.line("%s:", quote(name))
		w.nested(func() {
			w.docs()
			w.namespace()
		})
	}
}

// namespace writes what the root and every namespace have in common.
func (w *writer) namespace() {
	if w.one(2) {
		w.connection("auth", false)
	}
	if w.one(2) {
		w.connection("SocketData", true)
	}
	for _, direction := range []string{"ServerToClient", "ClientToServer", "ServerToServer"} {
		if w.one(4) {
			continue
		}
		w.line("%s:", direction)
		w.nested(func() { w.events() })
	}
}

// connection writes auth or SocketData.
func (w *writer) connection(key string, bytes bool) {
	var fitting []string
	for _, t := range w.types {
		fits := t.kind == structType || t.kind == unionType && key == "auth"
		if fits && (bytes || !t.bytes) {
			fitting = append(fitting, t.name)
		}
	}
	if len(fitting) > 0 && w.one(2) {
		w.line("%s: %s", key, quote(w.pick(fitting)))
		return
	}
	w.line("%s:", key)
	w.nested(func() {
		w.docs()
		w.line("fields:")
		w.nested(func() { w.fields(fieldNames, 1+w.IntN(4), place{bytes: bytes}) })
	})
}

func (w *writer) events() {
	seen := map[string]bool{}
	for range 1 + w.IntN(7) {
		name := w.pick(eventNames)
		if seen[naming.Exported(name)] {
			continue
		}
		seen[naming.Exported(name)] = true
		w.line("%s:", quote(name))
		if w.one(6) {
			continue
		}
		w.nested(func() { w.event() })
	}
}

func (w *writer) event() {
	w.docs()
	if w.one(20) {
		w.line("go: {name: %s}", quote(w.pick(goNames)))
	}
	w.line("args:")
	w.nested(func() { w.arguments() })
	if w.one(2) {
		w.line("ack:")
		w.nested(func() { w.arguments() })
	}
	if w.one(3) {
		w.ackError()
	}
}

func (w *writer) ackError() {
	var fitting []string
	for _, t := range w.types {
		if t.kind == structType || t.kind == enumType || t.kind == textType {
			fitting = append(fitting, t.name)
		}
	}
	switch {
	case len(fitting) > 0 && w.one(2):
		w.line("error: %s", quote(w.pick(fitting)))
	case w.one(2):
		w.line("error: string")
	case w.one(2):
		w.line("error:")
		w.nested(func() {
			w.line("fields:")
			w.nested(func() { w.fields(fieldNames, w.IntN(4), place{bytes: true}) })
		})
	default:
		w.line("error:")
		w.nested(func() { w.enum() })
	}
}

func (w *writer) arguments() {
	seen := map[string]bool{}
	optional := false
	n := w.IntN(5)
	for i := range n {
		name := w.pick(argumentNames)
		if seen[naming.Exported(name)] {
			continue
		}
		seen[naming.Exported(name)] = true
		if i == n-1 && w.one(4) {
			w.line("%s: %s", quote(name), quote("..."+w.typ(place{bytes: true}, 0)))
			return
		}
		optional = optional || w.one(4)
		w.field(name, place{bytes: true, optional: optional})
	}
}

// docs writes any of doc, deprecated and since.
func (w *writer) docs() {
	if w.one(6) {
		w.line("doc: %s", w.text())
	}
	for _, key := range []string{"deprecated", "since"} {
		if w.one(6) {
			w.line("%s: %s", key, w.reason())
		}
	}
}

// text is any text, reason one that says something.
func (w *writer) text() string { return quote(w.pick(texts)) }

func (w *writer) reason() string {
	for {
		if s := w.pick(texts); strings.TrimSpace(s) != "" {
			return quote(s)
		}
	}
}

func (w *writer) line(format string, args ...any) {
	w.out.WriteString(strings.Repeat("  ", w.indent))
	fmt.Fprintf(&w.out, format+"\n", args...)
}

// nested writes the value of a mapping that the line before began; an empty one
// where body writes nothing.
func (w *writer) nested(body func()) {
	w.indent++
	before := w.out.Len()
	body()
	if w.out.Len() == before {
		w.line("{}")
	}
	w.indent--
}

// one is true once in n times.
func (w *writer) one(n int) bool { return w.IntN(n) == 0 }

func (w *writer) pick(of []string) string { return of[w.IntN(len(of))] }

// quote is a YAML text in double quotes.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r >= 0x7f:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
