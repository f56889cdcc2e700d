package schema

// The types in this file say how a contract that was declared in Go stands in
// the user's own Go types. Nothing of it shows on the wire or in TypeScript,
// and it makes no difference to the Fingerprint.

// GoName is a Go type that the user already has and that has the shape of the
// declaration, field by field: generated code uses it as it is and brings
// nothing but the codec.
type GoName struct {
	ImportPath string // empty: predeclared, or of the package that is generated
	// Name is empty for a struct type without a name, which can only be spelled,
	// and with an Expr.
	Name string
	Args []Type // of an instance of a generic type
	// Expr is the type when it is an expression with a declaration of its own
	// in the schema, but not in Go.
	Expr Type
}

// HasOwnType reports whether the declaration has a Go type already, and none is
// to be generated.
func (d *Decl) HasOwnType() bool { return d.Own != nil && (d.Own.Name != "" || d.Own.Expr != nil) }

// GoForm is how a type expression stands in Go where generated types would have
// it otherwise.
type GoForm struct {
	// Type is the Go type of an any (encoding/json.RawMessage, any), or that of
	// the keys of a Map; nil: runtime.Any, or string.
	Type *GoName
	// Array is the length of the array that a List is; 0: a slice.
	Array int
	// Pointer makes a Nullable a pointer although its Elem has a nil of its own,
	// and puts one into the runtime.Optional that three states are.
	Pointer bool
	// Value says that a variant implements the interface of its union by value.
	Value bool
}

// GoField is a field of a struct of the user's own.
type GoField struct {
	// Path leads from the struct to the field: several steps where it belongs
	// to an embedded struct.
	Path []GoStep
	Omit GoOmit      // how it shows that it is absent
	Form GoFieldForm // how it stands in its struct
	Tag  string      // the whole tag; of a struct without a name only
}

// GoStep is one selector of a GoField's path.
type GoStep struct {
	Name    string // of the field
	Pointer bool   // an embedded pointer: nil when none of its fields is present
	// Embedded is the type of an embedded struct; nil in the last step.
	Embedded *GoName
}

// GoFieldForm is how a field that may be absent stands in its struct.
type GoFieldForm uint8

// The forms of fields.
const (
	// GoPlain: as its type says. What is optional has a value that means absent,
	// or belongs to an embedded pointer.
	GoPlain GoFieldForm = iota
	// GoPointer: behind a pointer.
	GoPointer
	// GoOptional: as a runtime.Optional.
	GoOptional
)

// GoOmit is how a field shows that it is absent.
type GoOmit uint8

// The ways of being absent.
const (
	// OmitNever: it is always there, or says itself that it is not, as
	// runtime.Optional does.
	OmitNever GoOmit = iota
	// OmitNil: nil is absent.
	OmitNil
	// OmitEmpty: false, 0, "" and what has no elements is absent.
	OmitEmpty
	// OmitZero: the zero value is absent.
	OmitZero
	// OmitIsZero: the type's method IsZero tells.
	OmitIsZero
)
