package yamlschema

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/siogen/siogen/schema/diag"
)

// located is the value of a scalar node together with where each of its bytes
// stands in the file, so that an error inside a value points at its column.
type located struct {
	src   *source
	value string
	// offsets holds the source offset of every byte of value and of its end.
	// It is nil when the value cannot be followed byte by byte (folded lines):
	// then every position is that of the whole scalar.
	offsets  []int
	from, to int // the whole scalar with its quotes
}

// span is the region of value[i:j].
func (t located) span(i, j int) diag.Span {
	if t.offsets == nil || i > j || j >= len(t.offsets) {
		return t.whole()
	}
	return t.src.span(t.offsets[i], t.offsets[j])
}

func (t located) whole() diag.Span { return t.src.span(t.from, t.to) }

// locate finds the text of a scalar node in its file.
func (s *source) locate(n *yaml.Node) located {
	from := s.skipProperties(s.yamlOffset(n.Line, n.Column), n)
	t := located{src: s, value: n.Value, from: from, to: from}
	rest := s.text[from:]
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		t.followDoubleQuoted(rest)
	case n.Style&yaml.SingleQuotedStyle != 0:
		t.followSingleQuoted(rest)
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		t.followBlock(rest)
	default:
		if bytes.HasPrefix(rest, []byte(n.Value)) {
			t.direct(0, len(n.Value))
		}
	}
	return t
}

// skipProperties skips an anchor and a tag before a value; the YAML parser
// counts them to the value.
func (s *source) skipProperties(offset int, n *yaml.Node) int {
	if n.Anchor == "" && n.Style&yaml.TaggedStyle == 0 {
		return offset
	}
	for offset < len(s.text) {
		switch c := s.text[offset]; {
		case c == '&' || c == '!':
			for offset < len(s.text) && !isBlank(s.text[offset]) {
				offset++
			}
		case isBlank(c):
			offset++
		default:
			return offset
		}
	}
	return offset
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// direct says that value stands in the source as it is, skip bytes after from.
func (t *located) direct(skip, length int) {
	t.offsets = make([]int, len(t.value)+1)
	for i := range t.offsets {
		t.offsets[i] = t.from + skip + i
	}
	t.to = t.from + skip + length
}

func (t *located) followBlock(rest []byte) {
	text := strings.TrimSpace(t.value)
	newline := bytes.IndexByte(rest, '\n')
	if text == "" || newline < 0 {
		return
	}
	if i := bytes.Index(rest[newline:], []byte(text)); i >= 0 && !strings.Contains(text, "\n") {
		lead := strings.Index(t.value, text)
		t.direct(newline+i-lead, lead+len(text))
		t.from = t.offsets[lead]
	}
}

func (t *located) followSingleQuoted(rest []byte) {
	var value []byte
	var offsets []int
	for i := 1; i < len(rest); i++ {
		if rest[i] == '\'' {
			if i+1 >= len(rest) || rest[i+1] != '\'' {
				t.accept(value, append(offsets, t.from+i), i+1)
				return
			}
			value, offsets = append(value, '\''), append(offsets, t.from+i)
			i++
			continue
		}
		value, offsets = append(value, rest[i]), append(offsets, t.from+i)
	}
}

func (t *located) followDoubleQuoted(rest []byte) {
	var value []byte
	var offsets []int
	for i := 1; i < len(rest); {
		switch rest[i] {
		case '"':
			t.accept(value, append(offsets, t.from+i), i+1)
			return
		case '\\':
			text, length := unescape(rest[i:])
			if length == 0 {
				return
			}
			for range len(text) {
				offsets = append(offsets, t.from+i)
			}
			value = append(value, text...)
			i += length
		default:
			value, offsets = append(value, rest[i]), append(offsets, t.from+i)
			i++
		}
	}
}

// accept takes what a quoted scalar was followed to, if the YAML parser read
// the same from it; line folding makes a difference.
func (t *located) accept(value []byte, offsets []int, length int) {
	if string(value) != t.value {
		return
	}
	t.offsets = offsets
	t.to = t.from + length
}

// escapes are YAML's one-letter escapes in double quotes.
const escapes = "0\x00a\ab\bt\tn\nv\vf\fr\re\x1b \x20\"\"//\\\\"

// unescape reads the escape sequence at the start of text; length is 0 when it
// is one that a scalar cannot be followed through.
func unescape(text []byte) (value string, length int) {
	if len(text) < 2 {
		return "", 0
	}
	for i := 0; i < len(escapes); i += 2 {
		if escapes[i] == text[1] {
			return escapes[i+1 : i+2], 2
		}
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[1]]
	if digits == 0 || len(text) < 2+digits {
		return "", 0
	}
	r, err := strconv.ParseUint(string(text[2:2+digits]), 16, 32)
	if err != nil {
		return "", 0
	}
	return string(utf8.AppendRune(nil, rune(r))), 2 + digits
}
