package typescript

import (
	"github.com/siogen/siogen/schema"
)

// bytesType is which types bytes have on one platform, as names of globals.
type bytesType struct {
	received []string // what the official client hands to listeners
	sent     []string // what it takes
}

// bytesTypes follows the official client: isBinary in socket.io-parser says
// what becomes an attachment, engine.io-parser what it can then encode. Its
// build for Node writes a Blob as "[object Blob]", so only browsers may send
// one. DataView and typed arrays are ArrayBufferViews, Buffer is one too.
var bytesTypes = map[string]bytesType{
	BytesNode: {
		received: []string{"Buffer"},
		sent:     []string{"ArrayBuffer", "ArrayBufferView"},
	},
	BytesBrowser: {
		received: []string{"ArrayBuffer"},
		sent:     []string{"ArrayBuffer", "ArrayBufferView", "Blob"},
	},
}

// expression is a type as TypeScript text.
type expression struct {
	text  string
	union bool // needs parentheses before []
}

// or adds a further member to the type.
func (e expression) or(member string) expression {
	if e.text == "unknown" {
		return e // takes everything already
	}
	return expression{text: e.text + " | " + member, union: true}
}

// list is an array of the type.
func (e expression) list() expression {
	if e.union {
		return expression{text: "(" + e.text + ")[]"}
	}
	return expression{text: e.text + "[]"}
}

// expression prints t. sent says that the official client only ever sends what
// stands here, and never receives it.
func (b *builder) expression(t schema.Type, sent bool) expression {
	switch t := t.(type) {
	case *schema.Primitive:
		return b.primitive(t, sent)
	case *schema.List:
		return b.expression(t.Elem, sent).list()
	case *schema.Map:
		// Not Record: an alias may recurse through an index signature only, and
		// a user's type may be called Record.
		return expression{text: "{ [key: string]: " + b.expression(t.Elem, sent).text + " }"}
	case *schema.Nullable:
		return b.expression(t.Elem, sent).or("null")
	case *schema.Ref:
		return expression{text: b.names.Type(t.Decl)}
	}
	return expression{text: "unknown"}
}

func (b *builder) primitive(t *schema.Primitive, sent bool) expression {
	switch t.Kind {
	case schema.Bool:
		return expression{text: "boolean"}
	case schema.String, schema.Time:
		return expression{text: "string"}
	case schema.Bytes:
		return b.bytes(sent)
	case schema.AnyKind:
		return expression{text: "unknown"}
	}
	if t.AsString {
		return expression{text: "string"}
	}
	return expression{text: "number"}
}

func (b *builder) bytes(sent bool) expression {
	globals := b.bytesOf.received
	if sent {
		globals = b.bytesOf.sent
	}
	e := expression{text: b.global(globals[0])}
	for _, name := range globals[1:] {
		e = e.or(b.global(name))
	}
	return e
}

// global names a type of the platform, also where the file declares a type of
// the same name.
func (b *builder) global(name string) string {
	if b.taken[name] {
		return "globalThis." + name
	}
	return name
}
