package typescript

// The types in this file are what templates see; docs/typescript.md documents
// them. Strings that templates print as they are (Prop, Type, Literal, List)
// are valid TypeScript already. Name, Value and Tag are as the schema has them.

// File is the whole file: the data of the template "file".
type File struct {
	Package    string      // the schema's package name
	Doc        Doc         // of the schema
	Imports    []Import    // in the order of their modules
	Namespaces []Namespace // "/" first
	Types      []Type      // in the schema's order
}

// Import is one `import type` of a mapped type.
type Import struct {
	Module string       // the module specifier
	Names  []ImportName // what is imported from it
}

// ImportName is one imported Name; Alias is empty when it needs none.
type ImportName struct{ Name, Alias string }

// Namespace is one namespace of the schema.
type Namespace struct {
	Name   string // "/" or "/admin"
	Prefix string // "" or "Admin"
	Doc    Doc    // what the schema says about it
	// EventMaps are ServerToClientEvents and ClientToServerEvents, and
	// InterServerEvents when the schema has such events.
	EventMaps []EventMap
	// Aliases give the names HandshakeAuth and SocketData to types that the
	// schema calls otherwise.
	Aliases []Type
}

// EventMap is the interface with the events of one direction.
type EventMap struct {
	Name      string  // AdminServerToClientEvents
	Direction string  // ServerToClient, ClientToServer or ServerToServer
	Doc       Doc     // of the namespace
	Events    []Event // in the schema's order
}

// Event is one event in one direction.
type Event struct {
	Name   string  // on the wire
	Prop   string  // Name as a property: join, "chat message"
	Doc    Doc     // what the schema says about it
	Type   string  // the listener's whole type, broken into lines where too long
	Params []Param // its arguments, without the acknowledgement
	Ack    *Ack    // nil: no acknowledgement
}

// Ack is the acknowledgement of an event.
type Ack struct {
	Callback string  // the callback's parameter name
	Error    string  // the type of the declared error; empty: none is declared
	Params   []Param // of the callback, without the error
}

// Param is an argument of an event or of an ack.
type Param struct {
	Name     string // as a parameter, without "?" and "..."
	Type     string // of one value, when Variadic
	Optional bool   // may be absent
	Variadic bool
	Doc      Doc // what the schema says about it

	union, nullable bool // of Type
}

// The values of Type.Kind.
const (
	KindInterface = "interface"
	KindEnum      = "enum"
	KindUnion     = "union"
	KindAlias     = "alias"
)

// Type is a named type. Which fields are set depends on Kind.
type Type struct {
	Name string // its identifier
	Kind string
	Doc  Doc // what the schema says about it

	Fields []Field // KindInterface

	Type string // KindAlias: the other type; KindEnum: the union of literals

	Open bool // KindEnum, KindUnion: unknown values and tags are accepted

	Values   []Value // KindEnum
	ListName string  // KindEnum: RoleValues
	List     string  // KindEnum: ["admin", "member"]

	Tag         string    // KindUnion: the tag's key
	TagProp     string    // KindUnion: Tag as a property
	Variants    []Variant // KindUnion
	UnknownName string    // KindUnion, when Open: UnknownMessage
	UnknownDoc  Doc       // of that type
}

// Field is a field of an interface.
type Field struct {
	Name     string // on the wire
	Prop     string // Name as a property
	Type     string // a type expression
	Optional bool   // may be absent
	Doc      Doc    // what the schema says about it
}

// Value is one value of an enum.
type Value struct {
	Value   string
	Literal string // Value as a string literal
	Doc     Doc    // what the schema says about it
}

// Variant is one variant of a union.
type Variant struct {
	Tag     string
	Literal string // Tag as a string literal
	Type    string // the variant's interface, which lacks the tag
	Doc     Doc    // what the schema says about it
}

// Doc is what the schema says about a thing to its reader. The template
// function comment prints it as a TSDoc comment.
type Doc struct {
	Text       string     // may have several lines
	Deprecated string     // what to use instead; empty: it is not deprecated
	Since      string     // the version it came with; or empty
	Params     []ParamDoc // of events
}

// ParamDoc is the Text that the schema has about the parameter Name.
type ParamDoc struct{ Name, Text string }
