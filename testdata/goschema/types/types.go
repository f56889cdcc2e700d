// Package types has every construct of a contract in Go.
package types

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/goschema/types/geo"
	"github.com/siogen/siogen/testdata/goschema/types/shared"
)

// ServerToClient lists what the server sends.
type ServerToClient interface {
	Scalars(s Scalars)
	Collections(c Collections)
	Presence(p Presence)
	Embedding(e Embedding)
	Any(a any, raw json.RawMessage, own runtime.Any)
	// Where says where somebody is.
	Where(at geo.Point, precision geo.Precision, user geo.User, color geo.Color)
	Marshallers(m Marshallers)
	Generics(page Page[User], scores Pair[string, []int], named UserPage)
	Shape(shape Shape)
	// Old is not sent any more.
	//
	// Deprecated: Use Where.
	Old()
	Arguments(array [2]float64, matrix [][2]int8, keyed map[Key]Key, bare struct{ X, Y int }, pointer *User)
	//siogen:optional list number user
	Optional(list []string, number int, user User, three runtime.Optional[string])
	//siogen:arg big wire string
	Variadic(big int64, names ...Key)
}

// ClientToServer lists what clients send.
type ClientToServer interface {
	Shared
	Echo(s Scalars, c Collections, p Presence, e Embedding, m Marshallers, ack func(s Scalars, c Collections, p Presence, e Embedding, m Marshallers))
	Draw(shape Shape, ack func(err *DrawError, shape Shape))
	Fail(ack func(err Failure))
	Text(ack func(err string, n int))
}

// ServerToServer is another name for the events of another package.
type ServerToServer = shared.Presence

// OtherClientToServer has the events of another package.
type OtherClientToServer shared.Presence

// Shared is part of the contract through embedding.
type Shared interface {
	// Ping is there to be answered.
	Ping(ack func())
}

// Scalars has a field of every built-in type.
type Scalars struct {
	Bool    bool
	String  string  `json:"string"`
	Int     int     `json:"int"`
	Int8    int8    `json:"int8"`
	Rune    rune    `json:"rune"`
	Int64   int64   `json:"int64,string"`
	Byte    byte    `json:"byte"`
	Uint64  uint64  `json:"uint64"`
	Float32 float32 `json:"float32"`
	Float64 float64 `json:"float64"`
	// Bytes are an attachment.
	//
	//siogen:maxLength 100
	Bytes []byte    `json:"bytes"`
	Time  time.Time `json:"time"`
	Key   Key       `json:"key"`
	Role  Role      `json:"role"`
	Level Level     `json:"level"`
	//siogen:wire string
	Big     []uint64 `json:"big"`
	Ignored func()   `json:"-"`
}

// Key is a name for a string.
//
//siogen:pattern ^[a-z]+$
type Key string

// Role is what somebody may do.
type Role string

// The roles.
const (
	RoleAdmin Role = "admin"
	Guest     Role = "guest"
	// RoleDefault is another name for a value.
	RoleDefault = Guest
)

// Level is a number, whatever constants it has.
type Level int

// The levels.
const (
	Low Level = iota
	High
)

// Blob is a name for bytes.
type Blob []byte

// Tags is a name for a list.
//
//siogen:maxItems 3
type Tags []string

// Alias is another name for Tags.
type Alias = Tags

// Nothing may be null.
type Nothing = *string

// Collections has lists and maps.
type Collections struct {
	List     []string                `json:"list"`
	Pointers []*User                 `json:"pointers"`
	Array    [3]int                  `json:"array"`
	Matrix   [2][2]float32           `json:"matrix"`
	Map      map[string]User         `json:"map"`
	Keyed    map[Key][]Role          `json:"keyed"`
	Nested   map[string]map[Key]*int `json:"nested"`
	Blob     Blob                    `json:"blob"`
	Tags     Tags                    `json:"tags"`
	Alias    Alias                   `json:"alias"`
	Bare     []struct {
		A int  `json:"a"`
		B *int `json:"b,omitempty"`
	} `json:"bare"`
}

// Presence has every way of being absent or null.
type Presence struct {
	Null        *string                  `json:"null"`
	NullList    *[]string                `json:"nullList"`
	NullBlob    *Blob                    `json:"nullBlob"`
	NullShape   *Shape                   `json:"nullShape"`
	NullUser    *User                    `json:"nullUser"`
	Pointer     *string                  `json:"pointer,omitempty"`
	PointerList *[]string                `json:"pointerList,omitempty"`
	Zero        string                   `json:"zero,omitempty"`
	Bool        bool                     `json:"bool,omitempty"`
	Number      int                      `json:"number,omitzero"`
	Role        Role                     `json:"role,omitempty"`
	Level       Level                    `json:"level,omitempty"`
	List        []string                 `json:"list,omitempty"`
	NilList     []string                 `json:"nilList,omitzero"`
	Map         map[string]int           `json:"map,omitempty"`
	Struct      geo.Point                `json:"struct,omitzero"`
	Time        time.Time                `json:"time,omitzero"`
	Shape       Shape                    `json:"shape,omitempty"`
	Three       runtime.Optional[string] `json:"three,omitzero"`
	ThreeUser   runtime.Optional[*User]  `json:"threeUser,omitzero"`
	Nothing     Nothing                  `json:"nothing"`
	Any         any                      `json:"any,omitempty"`
	Raw         json.RawMessage          `json:"raw,omitempty"`
	Self        *Presence                `json:"self,omitempty"`
	Constrained *string                  `json:"constrained,omitempty"` //siogen:minLength 2
}

// Base is embedded.
type Base struct {
	ID   int    `json:"id"`
	Kind string `json:"kind"`
}

// More is embedded through a pointer.
type More struct {
	Extra string `json:"extra"`
	Note  *int   `json:"note,omitempty"`
}

type hidden struct {
	Visible int `json:"visible"`
}

// Embedding has the fields of others.
type Embedding struct {
	Base
	*More
	hidden
	Named Base   `json:"named"`
	Kind  string `json:"kind"` // covers that of Base
}

// User is somebody.
type User struct {
	Name string `json:"name"`
}

// ID is another name for a type of another module.
type ID = uuid.UUID

// Marshallers has types that bring their own JSON.
type Marshallers struct {
	ID     ID                   `json:"id"`
	IDs    []uuid.UUID          `json:"ids"`
	Color  geo.Color            `json:"color"`
	Path   geo.Path             `json:"path"`
	Paths  map[string]*geo.Path `json:"paths"`
	Secret Secret               `json:"secret"`
	//siogen:ts Tagged from ./tagged
	Tagged string `json:"tagged"`
}

// Secret says what it is in TypeScript.
//
//siogen:ts { hidden: true }
type Secret struct{}

// MarshalJSON implements json.Marshaler.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`{"hidden":true}`), nil }

// UnmarshalJSON implements json.Unmarshaler.
func (*Secret) UnmarshalJSON([]byte) error { return nil }

// Page is some of many.
type Page[T any] struct {
	Items []T `json:"items"`
	Next  *T  `json:"next,omitempty"`
}

// Pair holds two values.
type Pair[A, B any] struct {
	First  A `json:"first"`
	Second B `json:"second"`
}

// UserPage has a name of its own.
type UserPage = Page[geo.User]

// Shape is a union.
//
//siogen:union kind
type Shape interface{ isShape() }

// Circle is round.
type Circle struct {
	//siogen:minimum 0
	Radius float64 `json:"radius"`
}

func (Circle) isShape() {}

// Square is not.
//
//siogen:variant box
type Square struct {
	Side float64 `json:"side"`
}

func (*Square) isShape() {}

// DrawError is why a shape was not drawn.
type DrawError struct {
	Message string `json:"message"`
}

// Error implements error.
func (e *DrawError) Error() string { return e.Message }

// Failure is an error out of a list.
type Failure string

// The failures.
const FailureBroken Failure = "broken"

// Error implements error.
func (f Failure) Error() string { return string(f) }

// SocketData is kept with a socket.
type SocketData struct {
	User *User `json:"user"`
}
