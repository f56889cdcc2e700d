package golang

import (
	"strconv"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
)

// generator holds what is known of a schema before anything is written. It does
// not change afterwards: the files are built from it side by side.
type generator struct {
	schema *schema.Schema
	names  *naming.Names
	pkg    string

	// encoded and decoded are the types that need the function of that kind.
	encoded, decoded map[*schema.Decl]bool
	// unions lists, for a struct, the unions that it is a variant of.
	unions map[*schema.Decl][]*schema.Decl
	// loops are the three-state fields that would make their struct contain itself.
	loops map[*schema.Field]bool
	// errors are the types that events declare as errors of their acks.
	errors map[*schema.Decl]bool
	// imports are the names of imported packages by path.
	imports map[string]string
	// roles say what the types are for that a namespace declares.
	roles map[*schema.Decl]string
	// patterns are the variables of the compiled patterns.
	patterns patterns
}

func newGenerator(s *schema.Schema, names *naming.Names, pkg string) *generator {
	g := &generator{
		schema:  s,
		names:   names,
		pkg:     pkg,
		encoded: make(map[*schema.Decl]bool),
		decoded: make(map[*schema.Decl]bool),
		unions:  make(map[*schema.Decl][]*schema.Decl),
		errors:  make(map[*schema.Decl]bool),
		roles:   make(map[*schema.Decl]string),
	}
	g.imports = importNames(s)
	g.loops = findLoops(s)
	for _, d := range s.Types {
		if u, ok := d.Body.(*schema.Union); ok && d.Go == nil {
			for _, v := range u.Variants {
				variant := origin(v.Type.Decl)
				g.unions[variant] = append(g.unions[variant], d)
			}
		}
	}
	for _, ns := range s.Namespaces {
		g.reachNamespace(ns)
	}
	g.patterns = g.findPatterns()
	return g
}

// reachNamespace marks the types that a namespace puts on the wire.
func (g *generator) reachNamespace(ns *schema.Namespace) {
	if ns.Auth != nil {
		reach(g.encoded, ns.Auth)
		reach(g.decoded, ns.Auth)
		g.role(ns.Auth, "what clients send when they connect to "+strconv.Quote(ns.Name))
	}
	if ns.SocketData != nil {
		reach(g.encoded, ns.SocketData)
		reach(g.decoded, ns.SocketData)
		g.role(ns.SocketData, "what the application keeps with each socket of "+strconv.Quote(ns.Name))
	}
	for _, events := range [][]*schema.Event{ns.ServerToClient, ns.ClientToServer, ns.ServerToServer} {
		for _, e := range events {
			fields := e.Args
			if e.Ack != nil {
				fields = append(fields[:len(fields):len(fields)], e.Ack.Args...)
			}
			for _, f := range fields {
				reach(g.encoded, f.Type)
				reach(g.decoded, f.Type)
			}
			if e.Ack != nil && e.Ack.Error != nil {
				reach(g.encoded, e.Ack.Error)
				reach(g.decoded, e.Ack.Error)
				g.errors[origin(e.Ack.Error.Decl)] = true
				g.role(e.Ack.Error, "the error that "+strconv.Quote(e.Name)+" may be answered with")
			}
		}
	}
}

// role says what a type is for, unless it has several roles.
func (g *generator) role(ref *schema.Ref, what string) {
	d := ref.Decl
	if _, other := g.roles[d]; other {
		what = ""
	}
	g.roles[d] = what
}

// reach adds the types that t is made of.
func reach(set map[*schema.Decl]bool, t schema.Type) {
	switch t := t.(type) {
	case *schema.Primitive:
	case *schema.List:
		reach(set, t.Elem)
	case *schema.Map:
		reach(set, t.Elem)
	case *schema.Nullable:
		reach(set, t.Elem)
	case *schema.Ref:
		if set[t.Decl] {
			return
		}
		set[t.Decl] = true
		reachBody(set, t.Decl)
	}
}

func reachBody(set map[*schema.Decl]bool, d *schema.Decl) {
	if d.Go != nil && d.Go.Via != schema.ViaConvert {
		return
	}
	switch body := d.Body.(type) {
	case *schema.Struct:
		for _, f := range body.Fields {
			reach(set, f.Type)
		}
	case *schema.Union:
		for _, v := range body.Variants {
			reach(set, v.Type)
		}
	case *schema.Alias:
		reach(set, body.Type)
	case *schema.Enum:
	}
}
