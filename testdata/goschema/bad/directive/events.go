// Package directive has every mistake that a directive can have.
//
//siogen:packge chat
package directive

//siogen:event lost
var nothing int

// siogen:event spaced
//
//siogen:event on an interface
type ServerToClient interface {
	//siogen:evnt one
	One()
	//siogen:event two
	//siogen:event zwei
	Two()
	//siogen:minLength 3
	Three(a string)
	//siogen:arg usr minLength 3
	//siogen:arg user minLenght 3
	//siogen:arg user
	//siogen:optional nobody
	Four(user string)
	//siogen:event
	Five()
	//siogen:event "six
	Six()
	Seven(t Type, u Unused2)
}

// Type has bad words.
//
//siogen:minimum lots
//siogen:minLength -1
//siogen:wire decimal
//siogen:open
//siogen:ts {
//siogen:go github.com/google/uuid.UUID
type Type int

//siogen:wire string
type Unused2 struct {
	//siogen:pattern (
	//siogen:event x
	A string `json:"a"`
	//siogen:wire string
	B string `json:"b"`
}

//siogen:opne
type Unused string
