package codec

import (
	"encoding/binary"
	"math/bits"
)

const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// zeroBytes marks the high bit of each zero byte of w; above the lowest one it
// may mark others too, so only the lowest counts.
func zeroBytes(w uint64) uint64 { return (w - everyByte) & ^w & highBits }

// stringStop marks, as zeroBytes does, the bytes of w that end the plain run of
// a JSON string: quotes, backslashes and control characters.
func stringStop(w uint64) uint64 {
	control := (w - everyByte*0x20) & ^w & highBits
	return zeroBytes(w^everyByte*'"') | zeroBytes(w^everyByte*'\\') | control
}

// plainEnd returns the index of the first quote, backslash or control character
// at or after i, or len(data).
func plainEnd(data []byte, i int) int {
	for ; i+8 <= len(data); i += 8 {
		if m := stringStop(binary.LittleEndian.Uint64(data[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for ; i < len(data); i++ {
		if c := data[i]; c == '"' || c == '\\' || c < 0x20 {
			return i
		}
	}
	return i
}

// The functions below return the index after what they scanned, or, when it is
// no JSON, -1-i for the index i of the offending byte (len(data) at the end).

// scanString scans the rest of a string whose opening quote is before i. The
// string is plain when what is between the quotes is ASCII without escapes.
func scanString(data []byte, i int) (end int, plain bool) {
	seen := uint64(0)
	for i+8 <= len(data) {
		w := binary.LittleEndian.Uint64(data[i:])
		m := stringStop(w)
		if m == 0 {
			seen |= w
			i += 8
			continue
		}
		i += bits.TrailingZeros64(m) >> 3
		if data[i] == '"' {
			seen |= w & (m&-m - 1) // the bytes before the quote
			return i + 1, seen&highBits == 0
		}
		return scanUnusual(data, i), false
	}
	for ; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			return i + 1, seen&highBits == 0
		case c == '\\', c < 0x20:
			return scanUnusual(data, i), false
		case c >= 0x80:
			seen |= highBits
		}
	}
	return ^i, false
}

// scanUnusual scans the rest of a string from an escape or control character on.
func scanUnusual(data []byte, i int) int {
	for i < len(data) {
		switch data[i] {
		case '"':
			return i + 1
		case '\\':
			if i = scanEscape(data, i); i < 0 {
				return i
			}
			i = plainEnd(data, i)
		default:
			return ^i
		}
	}
	return ^len(data)
}

func scanEscape(data []byte, i int) int {
	if i+1 >= len(data) {
		return ^len(data)
	}
	switch data[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		for j := i + 2; j < i+6; j++ {
			if j >= len(data) {
				return ^len(data)
			}
			if hexValue(data[j]) < 0 {
				return ^j
			}
		}
		return i + 6
	default:
		return ^(i + 1)
	}
}

func hexValue(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	default:
		return -1
	}
}

// scanNumber scans a number that starts at i.
func scanNumber(data []byte, i int) int {
	if i < len(data) && data[i] == '-' {
		i++
	}
	start := i
	i = skipDigits(data, i)
	if i == start {
		return ^i
	}
	if data[start] == '0' && i > start+1 {
		return ^(start + 1)
	}
	if i < len(data) && data[i] == '.' {
		start = i + 1
		if i = skipDigits(data, start); i == start {
			return ^i
		}
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		start = i
		if i = skipDigits(data, start); i == start {
			return ^i
		}
	}
	return i
}

func skipDigits(data []byte, i int) int {
	for i < len(data) && data[i]-'0' <= 9 {
		i++
	}
	return i
}

// scanLiteral scans true, false or null.
func scanLiteral(data []byte, i int, word string) int {
	for j := 0; j < len(word); j++ {
		if i+j >= len(data) {
			return ^len(data)
		}
		if data[i+j] != word[j] {
			return ^(i + j)
		}
	}
	return i + len(word)
}

// skipSpace is small enough to be inlined: mostly there is no white space.
func skipSpace(data []byte, i int) int {
	if i < len(data) && data[i] <= ' ' {
		return skipSpaces(data, i)
	}
	return i
}

func skipSpaces(data []byte, i int) int {
	for i < len(data) {
		switch data[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

// scanScalar scans a value that is neither object nor array.
func scanScalar(data []byte, i int) int {
	switch c := data[i]; c {
	case '"':
		i, _ = scanString(data, i+1)
		return i
	case 't':
		return scanLiteral(data, i, "true")
	case 'f':
		return scanLiteral(data, i, "false")
	case 'n':
		return scanLiteral(data, i, "null")
	default:
		if c == '-' || c-'0' <= 9 {
			return scanNumber(data, i)
		}
		return ^i
	}
}

// nesting remembers which of the open levels are objects: a bit each, the
// innermost lowest, in words of 64 levels.
type nesting struct {
	depth int
	word  uint64
	full  []uint64 // the words of outer levels
}

func (n *nesting) push(object bool) {
	if n.depth&63 == 0 && n.depth > 0 {
		n.full = append(n.full, n.word)
	}
	n.depth++
	n.word <<= 1
	if object {
		n.word |= 1
	}
}

func (n *nesting) pop() {
	n.depth--
	n.word >>= 1
	if n.depth&63 == 0 && n.depth > 0 {
		n.word = n.full[len(n.full)-1]
		n.full = n.full[:len(n.full)-1]
	}
}

func (n *nesting) inObject() bool { return n.word&1 != 0 }

// scanValue scans the value that starts at i, white space before it included,
// in which at most maxDepth levels are open at once. tooDeep tells why it failed.
func scanValue(data []byte, i, maxDepth int) (end int, tooDeep bool) {
	var open nesting
	for {
		if i = skipSpace(data, i); i >= len(data) {
			return ^len(data), false
		}
		switch c := data[i]; c {
		case '"':
			i, _ = scanString(data, i+1)
		case '{', '[':
			if open.depth >= maxDepth {
				return ^i, true
			}
			i = skipSpace(data, i+1)
			if i < len(data) && data[i] == c+2 { // '{'+2 is '}', '['+2 is ']'
				i++
				break
			}
			open.push(c == '{')
			if c == '{' {
				if i = scanKey(data, i); i < 0 {
					return i, false
				}
			}
			continue
		default:
			i = scanScalar(data, i)
		}
		if i < 0 || open.depth == 0 {
			return i, false
		}
		if i = scanAfter(data, i, &open); i < 0 || open.depth == 0 {
			return i, false
		}
	}
}

// scanAfter scans what follows a value up to the next one: the ends of levels, a
// comma, a key.
func scanAfter(data []byte, i int, open *nesting) int {
	for open.depth > 0 {
		if i = skipSpace(data, i); i >= len(data) {
			return ^len(data)
		}
		object := open.inObject()
		switch c := data[i]; {
		case c == ',' && object:
			return scanKey(data, skipSpace(data, i+1))
		case c == ',':
			return i + 1
		case c == '}' && object, c == ']' && !object:
			open.pop()
			i++
		default:
			return ^i
		}
	}
	return i
}

// scanKey scans a key and its colon.
func scanKey(data []byte, i int) int {
	if i >= len(data) {
		return ^len(data)
	}
	if data[i] != '"' {
		return ^i
	}
	if i, _ = scanString(data, i+1); i < 0 {
		return i
	}
	if i = skipSpace(data, i); i >= len(data) {
		return ^len(data)
	}
	if data[i] != ':' {
		return ^i
	}
	return i + 1
}
