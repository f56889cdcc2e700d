package typescript

import (
	"fmt"
	"unicode/utf8"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
)

// builder makes the view of one schema.
type builder struct {
	names    *naming.Names
	bytesOf  bytesType
	sentOnly map[*schema.Decl]bool
	// taken are the names that the file declares or imports.
	taken   map[string]bool
	imports []Import
	mapping map[*schema.Decl]string // what mapped types stand for
}

func newView(s *schema.Schema, names *naming.Names, bytesOf bytesType) File {
	b := &builder{
		names:    names,
		bytesOf:  bytesOf,
		sentOnly: sentOnly(s),
		taken:    declaredNames(s, names),
		mapping:  make(map[*schema.Decl]string),
	}
	// First of all, since an imported name may be that of a global.
	for _, d := range s.Types {
		if d.TS != nil {
			b.mapping[d] = b.mapped(d)
		}
	}
	file := File{Package: s.Package, Doc: newDoc(s.Doc), Imports: b.imports}
	for _, ns := range s.Namespaces {
		file.Namespaces = append(file.Namespaces, b.namespace(ns))
	}
	for _, d := range s.Types {
		file.Types = append(file.Types, b.decl(d))
	}
	return file
}

func declaredNames(s *schema.Schema, names *naming.Names) map[string]bool {
	taken := make(map[string]bool)
	for _, ns := range s.Namespaces {
		for _, suffix := range []string{
			serverToClient.mapName(), clientToServer.mapName(), serverToServer.mapName(), authName, dataName,
		} {
			taken[names.Prefix(ns)+suffix] = true
		}
	}
	for _, d := range s.Types {
		taken[names.Type(d)] = true
		switch body := d.Body.(type) {
		case *schema.Enum:
			taken[names.EnumValues(d)] = true
		case *schema.Union:
			if body.Open {
				taken[names.UnknownVariant(d)] = true
			}
		}
	}
	return taken
}

// The names of what a namespace declares besides events, after its prefix.
const (
	authName = "HandshakeAuth"
	dataName = "SocketData"
)

// mapName is the name of the direction's interface, after the prefix; socket.io
// calls the events between servers InterServerEvents.
func (d direction) mapName() string {
	if d == serverToServer {
		return "InterServerEvents"
	}
	return d.name + "Events"
}

func (b *builder) namespace(ns *schema.Namespace) Namespace {
	v := Namespace{Name: ns.Name, Prefix: b.names.Prefix(ns), Doc: newDoc(ns.Doc)}
	add := func(dir direction, events []*schema.Event) {
		m := EventMap{Name: v.Prefix + dir.mapName(), Direction: dir.name, Doc: v.Doc}
		for _, e := range events {
			m.Events = append(m.Events, b.event(e, dir))
		}
		v.EventMaps = append(v.EventMaps, m)
	}
	add(serverToClient, ns.ServerToClient)
	add(clientToServer, ns.ClientToServer)
	if len(ns.ServerToServer) > 0 {
		add(serverToServer, ns.ServerToServer)
	}
	for _, a := range []struct {
		name string
		ref  *schema.Ref
	}{{authName, ns.Auth}, {dataName, ns.SocketData}} {
		if a.ref == nil {
			continue
		}
		name, target := v.Prefix+a.name, b.names.Type(a.ref.Decl)
		if name != target {
			v.Aliases = append(v.Aliases, Type{Name: name, Kind: KindAlias, Type: target})
		}
	}
	return v
}

func (b *builder) decl(d *schema.Decl) Type {
	v := Type{Name: b.names.Type(d), Doc: newDoc(d.Doc)}
	if d.TS != nil {
		v.Kind, v.Type = KindAlias, b.mapping[d]
		return v
	}
	sent := b.sentOnly[d]
	switch body := d.Body.(type) {
	case *schema.Struct:
		v.Kind = KindInterface
		v.Fields = b.fields(body.Fields, sent)
	case *schema.Enum:
		b.enum(&v, d, body)
	case *schema.Union:
		b.union(&v, d, body)
	case *schema.Alias:
		v.Kind = KindAlias
		v.Type = b.expression(body.Type, sent).text
	}
	return v
}

func (b *builder) fields(fields []*schema.Field, sent bool) []Field {
	views := make([]Field, len(fields))
	for i, f := range fields {
		views[i] = Field{
			Name:     f.Name,
			Prop:     naming.TSProp(f.Name),
			Type:     b.expression(f.Type, sent).text,
			Optional: f.Optional,
			Doc:      newDoc(f.Doc),
		}
	}
	return views
}

func (b *builder) enum(v *Type, d *schema.Decl, body *schema.Enum) {
	v.Kind, v.Open, v.ListName = KindEnum, body.Open, b.names.EnumValues(d)
	elements := list{open: "[", end: "]"}
	var union alternatives
	for _, value := range body.Values {
		literal := naming.TSString(value.Value)
		doc := newDoc(value.Doc)
		v.Values = append(v.Values, Value{Value: value.Value, Literal: literal, Doc: doc})
		elements.items = append(elements.items, item{node: word(literal)})
		union = append(union, alternative{text: literal, doc: doc})
	}
	if v.Open {
		// The intersection keeps editors' completion of the known values.
		union = append(union, alternative{text: "(string & {})"})
	}
	if union.documented() {
		v.Type = union.broken("")
	} else {
		v.Type = layout(union, "", columns("export type "+v.Name+" = "))
	}
	v.List = layout(elements, "", columns("export const "+v.ListName+" = as const"))
}

func (b *builder) union(v *Type, d *schema.Decl, body *schema.Union) {
	v.Kind, v.Open = KindUnion, body.Open
	v.Tag, v.TagProp = body.Tag, naming.TSProp(body.Tag)
	if v.Open {
		v.UnknownName = b.names.UnknownVariant(d)
		v.UnknownDoc = Doc{Text: fmt.Sprintf("A %s whose %s is none that the schema lists.", v.Name, naming.TSString(v.Tag))}
	}
	for _, variant := range body.Variants {
		v.Variants = append(v.Variants, Variant{
			Tag:     variant.Tag,
			Literal: naming.TSString(variant.Tag),
			Type:    b.names.Type(variant.Type.Decl),
			Doc:     newDoc(variant.Doc),
		})
	}
}

func columns(s string) int { return utf8.RuneCountInString(s) }
