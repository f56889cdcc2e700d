package codec

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// appendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD, and the
// two line separators that JavaScript source once could not hold are escaped.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := len(dst)
	if dst = append(dst, s...); isPlain(dst[start:]) {
		return append(dst, '"')
	}
	return appendUnusual(dst[:start], s)
}

// isPlain reports whether text needs no escapes and is ASCII.
func isPlain(s []byte) bool {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if w := binary.LittleEndian.Uint64(s[i:]); stringStop(w)|w&highBits != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func appendUnusual(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 0x20 && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendEscaped(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\uFFFD"...)
			start = i + size
		case r == '\u2028' || r == '\u2029':
			dst = append(dst, s[start:i]...)
			dst = append(dst, `\u202`...)
			dst = append(dst, '8'+byte(r-'\u2028'))
			start = i + size
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

const hexDigits = "0123456789abcdef"

func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	default:
		return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
}

// unescape appends the text of a JSON string, given without its quotes. Invalid
// UTF-8 and lone surrogates become U+FFFD, as JavaScript's decoders have it. It
// reports false when the text is no JSON string.
func unescape(dst, quoted []byte) ([]byte, bool) {
	for i := 0; i < len(quoted); {
		end := plainEnd(quoted, i)
		dst = appendValid(dst, quoted[i:end])
		if i = end; i == len(quoted) {
			break
		}
		if quoted[i] != '\\' {
			return dst, false
		}
		end = scanEscape(quoted, i)
		if end < 0 {
			return dst, false
		}
		if quoted[i+1] != 'u' {
			dst = append(dst, unescapeShort(quoted[i+1]))
			i = end
			continue
		}
		r := hexRune(quoted[i+2:])
		i = end
		if utf16.IsSurrogate(r) {
			low := rune(-1)
			if i+6 <= len(quoted) && quoted[i] == '\\' && quoted[i+1] == 'u' {
				low = hexRune(quoted[i+2:])
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				i += 6
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst, true
}

func unescapeShort(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	default:
		return c
	}
}

// hexRune reads four hexadecimal digits, or returns -1.
func hexRune(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		v := hexValue(c)
		if v < 0 {
			return -1
		}
		r = r<<4 | v
	}
	return r
}

// appendValid appends s, its invalid UTF-8 replaced as the WHATWG decoder does:
// one U+FFFD for each maximal part of a sequence that cannot go on.
func appendValid(dst, s []byte) []byte {
	if isASCII(s) || utf8.Valid(s) {
		return append(dst, s...)
	}
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		if r == utf8.RuneError && size == 1 {
			size = invalidLength(s)
			dst = append(dst, "\uFFFD"...)
		} else {
			dst = append(dst, s[:size]...)
		}
		s = s[size:]
	}
	return dst
}

// invalidLength returns how many bytes of an invalid sequence one U+FFFD stands
// for: the longest prefix that could have become a character.
func invalidLength(s []byte) int {
	need, low, high := 0, byte(0x80), byte(0xBF)
	switch c := s[0]; {
	case 0xC2 <= c && c <= 0xDF:
		need = 1
	case c == 0xE0:
		need, low = 2, 0xA0
	case c == 0xED:
		need, high = 2, 0x9F
	case 0xE1 <= c && c <= 0xEF:
		need = 2
	case c == 0xF0:
		need, low = 3, 0x90
	case c == 0xF4:
		need, high = 3, 0x8F
	case 0xF1 <= c && c <= 0xF3:
		need = 3
	}
	n := 1
	for n <= need && n < len(s) && low <= s[n] && s[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}

// validJSONText returns JSON text that is valid UTF-8, text itself if it can: a
// WebSocket peer closes on anything else in a text frame.
func validJSONText(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	return appendValid(make([]byte, 0, len(text)+8), text)
}

func isASCII(s []byte) bool {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if binary.LittleEndian.Uint64(s[i:])&highBits != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isCleanText reports whether the inside of a scanned string is its text: no
// escapes, and valid UTF-8.
func isCleanText(s []byte) bool {
	if isASCII(s) {
		return bytes.IndexByte(s, '\\') < 0
	}
	return bytes.IndexByte(s, '\\') < 0 && utf8.Valid(s)
}
