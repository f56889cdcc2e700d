// Package schema is the intermediate representation of a Socket.IO contract:
// the only thing that passes from the loaders (yamlschema, goschema) to the
// generators. It does no I/O. Variants are closed sums: sealed interfaces with
// one concrete type a case.
package schema

import "github.com/siogen/siogen/schema/diag"

// Schema is one contract.
type Schema struct {
	// Package is the default Go package name of the generated code.
	Package     string
	PackageSpan diag.Span // where Package is said
	// PackageOf is the Go package that Package is the name of, since it holds the
	// contract, and nothing says what the generated one is to be called; or nil.
	PackageOf *GoName
	Doc       Doc // about the whole contract
	// Types are the named types, those of imported files first, else in the
	// order of declaration. Inline structs and enums of the source appear here
	// too, named after the place they stand in (UserAddress).
	Types []*Decl
	// Namespaces holds "/" first (always present), then the others in the
	// order of declaration.
	Namespaces []*Namespace
}

// Doc is what the source says about a declaration to its reader.
type Doc struct {
	Text       string // Markdown, without leading or trailing blank lines
	Deprecated string // what to use instead; empty: not deprecated
	Since      string // the version it came with; or empty
}

// Decl is a named type.
type Decl struct {
	Name string    // as in the schema
	Span diag.Span // of the name
	Doc  Doc       // what the schema says about it
	Body Body      // what it is
	// Inline is true for a type that the source wrote in place; its name was
	// made from where it stood.
	Inline bool
	// IsError is true when an event declares this type as its ack's error.
	IsError bool
	// GoName overrides the derived Go identifier (go: {name: …}); or empty.
	GoName string
	Go     *GoMapping // non-nil: the user's own Go type stands for it
	TS     *TSMapping // non-nil: the user's own TypeScript type stands for it
	Own    *GoName    // non-nil: the declaration was read from this Go type, which is used
}

// Body is what a Decl declares: *Struct, *Enum, *Union or *Alias.
type Body interface{ isBody() }

// Struct is a JSON object with known Fields, in the schema's order.
type Struct struct{ Fields []*Field }

// Enum is a string out of a list.
type Enum struct {
	Values []*EnumValue // in the schema's order
	Open   bool         // unknown values are accepted
}

// EnumValue is one string of an Enum; Value may be empty.
type EnumValue struct {
	Value  string
	GoName string    // overrides the derived suffix of the Go constant; or empty
	Doc    Doc       // what the schema says about it
	Span   diag.Span // where it is declared
}

// Union is a discriminated union: an object whose Tag key tells the variant.
type Union struct {
	Tag      string
	Variants []*Variant // in the schema's order
	Open     bool       // unknown tags are accepted
}

// Variant is one case of a Union. Type refers to a Decl whose Body is a
// *Struct, after aliases; no Struct is used twice in one Union, and none has a
// field of the tag's name.
type Variant struct {
	Tag  string // the value of the union's tag
	Type *Ref
	Go   *GoForm   // or nil
	Doc  Doc       // what the schema says about it
	Span diag.Span // where it is declared
}

// Alias is a named type with another type's shape: Tags: "[]string".
type Alias struct {
	Type        Type        // the other type
	Constraints Constraints // on its values
}

func (*Struct) isBody() {}
func (*Enum) isBody()   {}
func (*Union) isBody()  {}
func (*Alias) isBody()  {}

// Field is a field of a struct, an argument of an event or of an ack.
type Field struct {
	Name     string // on the wire, for arguments: in documentation and errors
	GoName   string // overrides the derived Go identifier; or empty
	Type     Type
	Optional bool // may be absent
	Variadic bool // the last argument only: zero or more of Type
	// Constraints apply to the value when it is neither absent nor null.
	Constraints Constraints
	Doc         Doc       // what the schema says about it
	Own         *GoField  // non-nil: a field of a Go struct of the user's own
	Span        diag.Span // of the name
}

// Constraints are JSON Schema's validation words. A nil pointer or an empty
// string means: not constrained. Lengths of strings count Unicode code points,
// of bytes bytes. Pattern is an RE2 expression that must match somewhere.
type Constraints struct {
	Minimum, Maximum     *float64 // of numbers, inclusive
	MinLength, MaxLength *int     // of strings and bytes
	Pattern              string
	MinItems, MaxItems   *int // of lists
	// Places are where the words stand in the source; nil when nothing is
	// constrained or the places are not known.
	Places *ConstraintPlaces
}

// ConstraintPlaces holds the span of the value of every constraint.
type ConstraintPlaces struct {
	Minimum, Maximum, MinLength, MaxLength, Pattern, MinItems, MaxItems diag.Span // zero: not constrained
}

// IsZero reports whether nothing is constrained.
func (c Constraints) IsZero() bool { return c == Constraints{} }

// Type is a type expression: *Primitive, *List, *Map, *Nullable or *Ref.
type Type interface {
	isType()
	// Pos is where the expression stands in the source.
	Pos() diag.Span
}

// Kind is a built-in type.
type Kind uint8

// The built-in types.
const (
	Bool Kind = iota + 1
	String
	Int
	Int8
	Int16
	Int32
	Int64
	Uint
	Uint8
	Uint16
	Uint32
	Uint64
	Float32
	Float64
	Bytes
	Time
	AnyKind
)

// Primitive is a built-in type.
type Primitive struct {
	Kind Kind // which one
	// AsString puts an integer on the wire as a decimal string (wire: string).
	AsString bool
	Go       *GoForm   // or nil
	Span     diag.Span // where it is written
}

// List is []Elem. Elem may be Nullable.
type List struct {
	Elem Type
	Go   *GoForm   // or nil
	Span diag.Span // where it is written
}

// Map is map[string]Elem. Elem may be Nullable.
type Map struct {
	Elem Type
	Go   *GoForm   // or nil
	Span diag.Span // where it is written
}

// Nullable is Elem | null. Elem is never itself *Nullable nor any.
type Nullable struct {
	Elem Type
	Go   *GoForm   // or nil
	Span diag.Span // where it is written
}

// Ref names a Decl.
type Ref struct {
	Name string    // of the Decl
	Decl *Decl     // resolved; never nil in a schema without errors
	Span diag.Span // where it is written
}

func (*Primitive) isType() {}
func (*List) isType()      {}
func (*Map) isType()       {}
func (*Nullable) isType()  {}
func (*Ref) isType()       {}

// Pos implements Type.
func (t *Primitive) Pos() diag.Span { return t.Span }

// Pos implements Type.
func (t *List) Pos() diag.Span { return t.Span }

// Pos implements Type.
func (t *Map) Pos() diag.Span { return t.Span }

// Pos implements Type.
func (t *Nullable) Pos() diag.Span { return t.Span }

// Pos implements Type.
func (t *Ref) Pos() diag.Span { return t.Span }

// Via is how generated code converts between a mapped Go type and the wire.
type Via uint8

// The conversions of a GoMapping.
const (
	// ViaText: encoding.TextMarshaler and TextUnmarshaler; the wire type is string.
	ViaText Via = iota + 1
	// ViaConvert: a Go conversion to and from the wire type's Go type.
	ViaConvert
	// ViaJSON: encoding/json, with the type's own MarshalJSON if it has one.
	ViaJSON
)

// GoMapping maps a Decl to a Go type that the user already has. The Decl's
// Body says what is on the wire (for TypeScript and for ViaConvert).
type GoMapping struct {
	ImportPath string    // github.com/google/uuid; empty: predeclared
	TypeName   string    // UUID
	Pointer    bool      // *big.Int
	Via        Via       // how values cross
	Span       diag.Span // where it is written
}

// TSMapping maps a Decl to a TypeScript type that the user already has.
type TSMapping struct {
	Type   string    // a type expression
	Import string    // module specifier to import Type's first identifier from; or empty
	Span   diag.Span // where it is written
}

// Namespace is one Socket.IO namespace.
type Namespace struct {
	Name   string    // "/" or "/admin"
	GoName string    // overrides the derived prefix of identifiers; or empty
	Doc    Doc       // what the schema says about it
	Span   diag.Span // where it is declared
	// Auth is what a client sends in the handshake: a Ref to a Decl whose Body
	// is a *Struct or a *Union; nil: nothing is declared.
	Auth *Ref
	// SocketData is what the application keeps with a socket: a Ref to a
	// struct; nil: nothing.
	SocketData     *Ref
	ServerToClient []*Event // what the server emits
	ClientToServer []*Event // what clients emit
	ServerToServer []*Event // what servers of a cluster emit to each other
}

// Event is one event in one direction.
type Event struct {
	Name   string    // on the wire
	GoName string    // overrides the derived identifier (ChatMessage); or empty
	Doc    Doc       // what the schema says about it
	Span   diag.Span // where it is declared
	Args   []*Field  // optional ones last; Variadic at most on the last
	Ack    *Ack      // nil: no acknowledgement
}

// Ack is the acknowledgement of an event.
type Ack struct {
	Args []*Field // optional ones last; Variadic at most on the last
	// Error is the declared error: a Ref to a Decl with IsError set, whose Body
	// is a *Struct, an *Enum or an *Alias of string. Nil: no error form. With
	// it the callback is (err: E | null, …args?).
	Error *Ref
	Span  diag.Span // where it is declared
}
