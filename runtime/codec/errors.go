package codec

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DecodeError says why the JSON of a peer is not what the schema promises.
type DecodeError struct {
	// Event is the event's name; empty for acknowledgements and other values.
	Event string
	// Path leads from the argument's name to the place: node.children[3].type.
	// Keys that are no identifiers stand in brackets: tags["a b"]. It is empty when
	// the fault is the whole value.
	Path string
	// Message says what is wrong there. Values of the peer are quoted in it,
	// escaped and cut short.
	Message string
}

// Error implements error: `apply.node.children[3].type: "oval" is not a ShapeKind`.
func (e *DecodeError) Error() string { return describe(e.Event, e.Path, e.Message) }

// EncodeError says why a Go value has no JSON form under the schema.
type EncodeError struct {
	// Event is the event's name; empty for acknowledgements and other values.
	Event string
	// Path is as in DecodeError, but arguments are numbered: [0].children[3].
	Path string
	// Message says what is wrong there.
	Message string
	// Err is the cause, when a MarshalText or MarshalJSON of the application failed.
	Err error
}

// Error implements error.
func (e *EncodeError) Error() string { return describe(e.Event, e.Path, e.Message) }

// Unwrap returns the cause.
func (e *EncodeError) Unwrap() error { return e.Err }

func describe(event, path, message string) string {
	place := path
	if event != "" {
		if !isIdentifier(event) {
			event = quote(event)
		}
		place = event
		if path != "" && path[0] != '[' {
			place += "."
		}
		place += path
	}
	if place == "" {
		return message
	}
	return place + ": " + message
}

const (
	// maxQuoted bounds what an error quotes of a peer's value, in runes.
	maxQuoted = 64
	// maxCause bounds what it takes over from an error of the application's
	// types, which may quote the value too.
	maxCause = 256
)

// quote quotes s for a message: escaped, and cut when it is long.
func quote(s string) string {
	s, cut := shorten(s, maxQuoted)
	q := strconv.Quote(s)
	if cut {
		return q[:len(q)-1] + `…"`
	}
	return q
}

// excerpt shows a number in a message.
func excerpt(token []byte) string {
	s, cut := shorten(string(token[:min(len(token), maxQuoted+1)]), maxQuoted)
	if cut {
		return s + "…"
	}
	return s
}

// causeText is the text of an error of the application's types.
func causeText(err error) string {
	s, cut := shorten(err.Error(), maxCause)
	if cut {
		return s + "…"
	}
	return s
}

// shorten cuts s after so many runes.
func shorten(s string, limit int) (short string, cut bool) {
	n := 0
	for i := range s {
		if n == limit {
			return s[:i], true
		}
		n++
	}
	return s, false
}

// plural returns "1 item" or "3 items".
func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// withArticle puts "a" or "an" before the name of a type.
func withArticle(name string) string {
	switch {
	case name == "bytes", name == "null":
		return name
	case name != "" && strings.IndexByte("aeioAEIO", name[0]) >= 0:
		return "an " + name
	default:
		return "a " + name
	}
}

// isIdentifier reports whether a key can stand in a path without brackets.
func isIdentifier(s string) bool {
	for i, r := range s {
		letter := r == '_' || r == '$' || unicode.IsLetter(r)
		if !letter && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != "" && utf8.ValidString(s)
}
