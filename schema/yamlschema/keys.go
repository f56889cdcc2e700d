package yamlschema

// A level is a kind of mapping in a schema file, with the keys that it knows.
// The loader checks against these tables and the JSON Schema for editors is
// made of them.
type level struct {
	name string // of the definition in the JSON Schema
	what string // in messages: "unknown key in an event"
	keys []key
}

type key struct {
	name  string
	doc   string
	value shape
}

// shape is what may stand behind a key, for the JSON Schema.
type shape uint8

const (
	shapeText shape = iota + 1
	shapeBool
	shapeNumber
	shapeCount
	shapeWireFormat
	shapeVia
	shapePackage
	shapeFileList
	shapeType  // a type expression
	shapeTypes // name → type
	shapeFields
	shapeObject // fields, or the name of a type, or the long form
	shapeEnum
	shapeVariants
	shapeAckError
	shapeEvents
	shapeNamespaces
	shapeGo
	shapeGoName
	shapeTS
)

func join(groups ...[]key) []key {
	var all []key
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

func docKeys() []key {
	return []key{
		{"doc", "Documentation in Markdown; goes into Go and TypeScript comments.", shapeText},
		{"deprecated", "What to use instead; marks the declaration as deprecated.", shapeText},
		{"since", "The version that brought it.", shapeText},
	}
}

func goNameKeys() []key {
	return []key{{"go", "The name in Go, when the derived one does not suit.", shapeGoName}}
}

func constraintKeys() []key {
	return []key{
		{"minimum", "The smallest number allowed.", shapeNumber},
		{"maximum", "The largest number allowed.", shapeNumber},
		{"minLength", "The shortest string in Unicode code points, or bytes value in bytes.", shapeCount},
		{"maxLength", "The longest string in Unicode code points, or bytes value in bytes.", shapeCount},
		{"pattern", "A regular expression (RE2) that must match somewhere in the string; anchor it with ^ and $.", shapeText},
		{"minItems", "The shortest list allowed.", shapeCount},
		{"maxItems", "The longest list allowed.", shapeCount},
	}
}

func typeKeys() []key {
	return join(docKeys(), []key{
		{"type", "A type expression: bool, string, int…, float64, bytes, time, any, the name of a type, []T, map[string]T, T | null.", shapeType},
		{"fields", "The fields of a struct: a JSON object with known keys.", shapeFields},
		{"enum", "The strings of an enum.", shapeEnum},
		{"union", "The key that tells the variants of a discriminated union apart, such as kind.", shapeText},
		{"variants", "The variants of the union: value of the union's key → name of a struct.", shapeVariants},
		{"open", "Accept values of the enum, or variants of the union, that are not listed.", shapeBool},
		{"wire", "string: the integer travels as a decimal string, for values beyond 2⁵³.", shapeWireFormat},
		{"go", "The name in Go, or the user's own Go type that stands for this one.", shapeGo},
		{"ts", "The user's own TypeScript type that stands for this one.", shapeTS},
	}, constraintKeys())
}

func directionKeys() []key {
	return []key{
		{"ServerToClient", "The events that the server sends to clients.", shapeEvents},
		{"ClientToServer", "The events that clients send to the server.", shapeEvents},
		{"ServerToServer", "The events that the servers of a cluster send to each other.", shapeEvents},
	}
}

func connectionKeys() []key {
	return join([]key{
		{"auth", "What a client sends in the handshake: fields, or the name of a struct or union.", shapeObject},
		{"SocketData", "What the server keeps with every socket: fields, or the name of a struct.", shapeObject},
	}, directionKeys())
}

func rootLevel() level {
	return level{"schema", "a schema", join([]key{
		{"package", "The default name of the generated Go package.", shapePackage},
		{"doc", "Documentation in Markdown; goes into the package comment.", shapeText},
		{"imports", "Schema files to take types from, relative to this file.", shapeFileList},
		{"types", "The named types.", shapeTypes},
	}, connectionKeys(), []key{
		{"namespaces", "Further namespaces, by name: /admin.", shapeNamespaces},
	})}
}

func namespaceLevel() level {
	return level{"namespace", "a namespace", join(docKeys(), goNameKeys(), connectionKeys())}
}

func typeLevel() level  { return level{"type", "a type", typeKeys()} }
func fieldLevel() level { return level{"field", "a field", typeKeys()} }

func objectLevel() level {
	return level{"object", "this type", join(docKeys(), []key{
		{"fields", "The fields of the object.", shapeFields},
	})}
}

func eventLevel() level {
	return level{"event", "an event", join(docKeys(), goNameKeys(), []key{
		{"args", "The arguments, in order; a trailing ? on the last ones makes them optional.", shapeFields},
		{"ack", "The values of the acknowledgement, in order; empty: an acknowledgement without values.", shapeFields},
		{"error", "The declared error of the acknowledgement: string, or the name of a struct, an enum or a string type, or one in place.", shapeAckError},
	})}
}

func enumValueLevel() level {
	return level{"enumValue", "an enum value", join([]key{
		{"value", "The string on the wire.", shapeText},
	}, docKeys(), goNameKeys())}
}

func variantLevel() level {
	return level{"variant", "a variant", join(docKeys(), []key{
		{"type", "The name of a struct.", shapeType},
		{"fields", "The fields of a struct in place.", shapeFields},
	})}
}

func goLevel() level {
	return level{"go", "go", []key{
		{"name", "The identifier in Go.", shapeText},
		{"type", "The user's own Go type: import path, a dot and the name, such as github.com/google/uuid.UUID.", shapeText},
		{"via", "How to convert: text (MarshalText, UnmarshalText), convert (a Go conversion), json (encoding/json).", shapeVia},
	}}
}

func goNameLevel() level {
	return level{"goName", "go", []key{{"name", "The identifier in Go.", shapeText}}}
}

func tsLevel() level {
	return level{"ts", "ts", []key{
		{"type", "The user's own TypeScript type.", shapeText},
		{"import", "The module to import it from.", shapeText},
	}}
}

func levels() []level {
	return []level{
		rootLevel(), namespaceLevel(), typeLevel(), fieldLevel(), objectLevel(), eventLevel(),
		enumValueLevel(), variantLevel(), goLevel(), goNameLevel(), tsLevel(),
	}
}

func (l level) names() []string {
	names := make([]string, len(l.keys))
	for i, k := range l.keys {
		names[i] = k.name
	}
	return names
}
