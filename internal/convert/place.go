package convert

import (
	"strings"
	"unicode"

	"github.com/siogen/siogen/schema"
)

// newYAMLWriter finds the types that YAML can have in place: those that the
// contract calls as YAML would, and that stand in one place only.
func newYAMLWriter(s *schema.Schema) *yamlWriter {
	p := placer{
		w:     &yamlWriter{inPlace: map[*schema.Decl]bool{}},
		taken: map[string]bool{},
		uses:  map[*schema.Decl]int{},
	}
	for _, d := range s.Types {
		if !d.Inline {
			p.taken[d.Name] = true
		}
		for _, t := range types(d) {
			p.count(t)
		}
	}
	for _, ns := range s.Namespaces {
		p.countRef(ns.Auth)
		p.countRef(ns.SocketData)
		for _, e := range events(ns) {
			for _, f := range arguments(e) {
				p.count(f.Type)
			}
			if e.Ack != nil {
				p.countRef(e.Ack.Error)
			}
		}
	}
	for _, d := range s.Types {
		if !d.Inline {
			p.body(d, owner{camel(d.Name)})
		}
	}
	for _, ns := range s.Namespaces {
		p.namespace(ns)
	}
	return p.w
}

// placer goes over the places of a schema file in the order that it is read in.
type placer struct {
	w     *yamlWriter
	taken map[string]bool
	uses  map[*schema.Decl]int
}

// types are the types that a declaration is made of.
func types(d *schema.Decl) []schema.Type {
	var all []schema.Type
	switch body := d.Body.(type) {
	case *schema.Struct:
		for _, f := range body.Fields {
			all = append(all, f.Type)
		}
	case *schema.Union:
		for _, v := range body.Variants {
			all = append(all, v.Type)
		}
	case *schema.Alias:
		all = append(all, body.Type)
	}
	return all
}

func events(ns *schema.Namespace) []*schema.Event {
	var all []*schema.Event
	for _, list := range ns.Directions() {
		all = append(all, list...)
	}
	return all
}

func arguments(e *schema.Event) []*schema.Field {
	if e.Ack == nil {
		return e.Args
	}
	return append(e.Args[:len(e.Args):len(e.Args)], e.Ack.Args...)
}

func (p *placer) count(t schema.Type) {
	schema.WalkType(t, func(t schema.Type) {
		if ref, ok := t.(*schema.Ref); ok {
			p.uses[ref.Decl]++
		}
	})
}

func (p *placer) countRef(ref *schema.Ref) {
	if ref != nil {
		p.uses[ref.Decl]++
	}
}

// owner holds the names that a type without a name may get, the best first.
type owner []string

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
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
		up = false
	}
	return b.String()
}

// place puts a declaration where it is used, if that gives it its name.
func (p *placer) place(d *schema.Decl, own owner) bool {
	if !d.Inline || p.uses[d] != 1 {
		return false
	}
	name := own[0]
	for _, n := range own {
		if !p.taken[n] {
			name = n
			break
		}
	}
	if name != d.Name || p.taken[name] {
		return false
	}
	p.taken[name] = true
	p.w.inPlace[d] = true
	return true
}

func (p *placer) body(d *schema.Decl, own owner) {
	switch body := d.Body.(type) {
	case *schema.Struct:
		p.fields(body.Fields, own)
	case *schema.Union:
		for _, v := range body.Variants {
			target := v.Type.Decl
			if _, ok := target.Body.(*schema.Struct); ok && target.Doc == (schema.Doc{}) && target.GoName == "" && target.Go == nil && target.TS == nil &&
				p.place(target, own.child(v.Tag)) {
				p.body(target, owner{target.Name})
			}
		}
	}
}

func (p *placer) fields(fields []*schema.Field, own owner) {
	for _, f := range fields {
		t, null := f.Type, false
		if n, ok := t.(*schema.Nullable); ok {
			t, null = n.Elem, true
		}
		ref, ok := t.(*schema.Ref)
		if !ok || ref.Decl.Doc != (schema.Doc{}) || ref.Decl.GoName != "" {
			continue
		}
		d := ref.Decl
		if alias, ok := d.Body.(*schema.Alias); ok {
			if d.Go == nil && d.TS == nil || !alias.Constraints.IsZero() {
				continue
			}
		} else if null || f.Variadic || !f.Constraints.IsZero() {
			continue
		}
		if p.place(d, own.child(f.Name)) {
			p.body(d, owner{d.Name})
		}
	}
}

func (p *placer) namespace(ns *schema.Namespace) {
	prefix := camel(ns.Name)
	if ns.GoName != "" {
		prefix = ns.GoName
	}
	p.connection(ns.Auth, prefix+"HandshakeAuth")
	p.connection(ns.SocketData, prefix+"SocketData")
	for i, direction := range []string{"ServerToClient", "ClientToServer", "ServerToServer"} {
		for _, e := range ns.Directions()[i] {
			own := owner{prefix + camel(e.Name), prefix + direction + camel(e.Name)}
			p.fields(e.Args, own)
			if e.Ack == nil {
				continue
			}
			p.fields(e.Ack.Args, append(own, own.child("Ack")...))
			if e.Ack.Error != nil && p.placesError(e.Ack.Error.Decl) && p.place(e.Ack.Error.Decl, own.child("Error")) {
				p.body(e.Ack.Error.Decl, owner{e.Ack.Error.Decl.Name})
			}
		}
	}
}

// placesError reports whether the error of an ack can be written in place.
func (p *placer) placesError(d *schema.Decl) bool {
	alias, ok := d.Body.(*schema.Alias)
	if !ok {
		return true
	}
	_, isRef := alias.Type.(*schema.Ref)
	return !isRef
}

func (p *placer) connection(ref *schema.Ref, name string) {
	if ref == nil {
		return
	}
	d := ref.Decl
	if _, ok := d.Body.(*schema.Struct); ok && d.GoName == "" && d.Go == nil && d.TS == nil && p.place(d, owner{name}) {
		p.body(d, owner{d.Name})
	}
}
