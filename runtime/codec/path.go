package codec

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// level is an object or array that is open at some place of a JSON text.
type level struct {
	array bool
	index int    // of an array: the element
	key   []byte // of an object: the current field, quoted as in the text; nil before the first
}

// levelsAt returns what is open at the end of the text before a place, outermost
// first. The text was accepted by a decoder or written by an encoder, but
// nothing here relies on it.
func levelsAt(before []byte) []level {
	var open []level
	for i := 0; i < len(before); i++ {
		switch before[i] {
		case '{':
			open = append(open, level{})
		case '[':
			open = append(open, level{array: true})
		case '}', ']':
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		case ',':
			if len(open) > 0 {
				top := &open[len(open)-1]
				top.index++
				top.key = nil
			}
		case '"':
			end := quotedEnd(before, i)
			if len(open) > 0 {
				if top := &open[len(open)-1]; !top.array && top.key == nil {
					top.key = before[i:end]
				}
			}
			i = end - 1
		}
	}
	return open
}

// quotedEnd returns the index after the string that starts at i, or the end of
// the text when it is cut off.
func quotedEnd(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// pathOf renders levels as a path. root, when it isn't empty, takes the place of
// the first level: the name of an argument.
func pathOf(levels []level, root string) string {
	var b strings.Builder
	if root != "" {
		b.WriteString(root)
		levels = levels[min(1, len(levels)):]
	}
	for _, l := range levels {
		switch {
		case l.array:
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(l.index))
			b.WriteByte(']')
		case l.key != nil:
			writeKey(&b, unquoteKey(l.key))
		}
	}
	return b.String()
}

// withoutName returns the levels of an event's place with its arguments counted
// from 0, as if the name were none; nothing when the place is the name.
func withoutName(levels []level) []level {
	if len(levels) > 0 {
		if levels[0].index == 0 {
			return nil
		}
		levels[0].index--
	}
	return levels
}

func writeKey(b *strings.Builder, key string) {
	if !isIdentifier(key) || utf8.RuneCountInString(key) > maxQuoted {
		b.WriteByte('[')
		b.WriteString(quote(key))
		b.WriteByte(']')
		return
	}
	if b.Len() > 0 {
		b.WriteByte('.')
	}
	b.WriteString(key)
}

func unquoteKey(quoted []byte) string {
	inner := quoted[1:]
	if n := len(inner); n > 0 && inner[n-1] == '"' {
		inner = inner[:n-1]
	}
	s, ok := unescape(nil, inner)
	if !ok {
		return string(inner)
	}
	return string(s)
}
