package typescript

import "github.com/siogen/siogen/schema"

// sentOnly returns the types that the official client sends and never
// receives, so that their bytes may be of any type that it takes. The others
// are declared with what a listener gets.
func sentOnly(s *schema.Schema) map[*schema.Decl]bool {
	received, sent := reach{}, reach{}
	for _, ns := range s.Namespaces {
		for _, e := range ns.ServerToClient {
			received.fields(e.Args)
			sent.ack(e.Ack)
		}
		for _, e := range ns.ClientToServer {
			sent.fields(e.Args)
			received.ack(e.Ack)
		}
		// What stays between servers is both sent and received by one program.
		for _, e := range ns.ServerToServer {
			received.fields(e.Args)
			received.ack(e.Ack)
		}
		if ns.Auth != nil {
			sent.expression(ns.Auth)
		}
		if ns.SocketData != nil {
			received.expression(ns.SocketData)
		}
	}
	for d := range received {
		delete(sent, d)
	}
	return sent
}

// reach is a set of types with all that they refer to.
type reach map[*schema.Decl]bool

func (r reach) ack(a *schema.Ack) {
	if a == nil {
		return
	}
	r.fields(a.Args)
	if a.Error != nil {
		r.expression(a.Error)
	}
}

func (r reach) fields(fields []*schema.Field) {
	for _, f := range fields {
		r.expression(f.Type)
	}
}

func (r reach) expression(t schema.Type) {
	schema.WalkType(t, func(t schema.Type) {
		if ref, ok := t.(*schema.Ref); ok {
			r.decl(ref.Decl)
		}
	})
}

func (r reach) decl(d *schema.Decl) {
	if r[d] || d.TS != nil {
		return // a mapped type's body is not in the file
	}
	r[d] = true
	switch body := d.Body.(type) {
	case *schema.Struct:
		r.fields(body.Fields)
	case *schema.Union:
		for _, v := range body.Variants {
			r.decl(v.Type.Decl)
		}
	case *schema.Alias:
		r.expression(body.Type)
	}
}
