package yamlschema

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"github.com/siogen/siogen/schema/diag"
)

// runeStep is how many bytes lie between two entries of source.runes.
const runeStep = 64

// source is the text of a schema file and the translation between three ways
// to name a place in it: byte offsets, the lines and columns of the YAML
// parser, and those of an editor. YAML also breaks lines at a lone carriage
// return and at three Unicode characters; editors and Span do not.
type source struct {
	name      string // as the user named it
	text      []byte // without a byte order mark
	lines     []int  // offset of the start of every line, as editors count them
	yamlLines []int  // the same as YAML counts them
	runes     []int  // code points before every runeStep-th byte
}

func newSource(name string, text []byte) *source {
	s := &source{name: name, text: text, lines: []int{0}, yamlLines: []int{0}}
	count := 0
	for i, b := range text {
		if i%runeStep == 0 {
			s.runes = append(s.runes, count)
		}
		if utf8.RuneStart(b) {
			count++
		}
		if b == '\n' {
			s.lines = append(s.lines, i+1)
		}
		if n := yamlBreak(text, i); n > 0 {
			s.yamlLines = append(s.yamlLines, i+n)
		}
	}
	return s
}

// yamlBreak returns the length of the YAML line break that ends the line at
// offset i, or 0. The carriage return of CR LF is no break of its own.
func yamlBreak(text []byte, i int) int {
	switch text[i] {
	case '\n':
		return 1
	case '\r':
		if i+1 < len(text) && text[i+1] == '\n' {
			return 0
		}
		return 1
	case 0xC2: // U+0085
		if bytes.HasPrefix(text[i:], []byte("\u0085")) {
			return 2
		}
	case 0xE2: // U+2028, U+2029
		if bytes.HasPrefix(text[i:], []byte("\u2028")) || bytes.HasPrefix(text[i:], []byte("\u2029")) {
			return 3
		}
	}
	return 0
}

// runeIndex is the number of code points before the offset.
func (s *source) runeIndex(offset int) int {
	step := offset / runeStep
	if step >= len(s.runes) {
		step = len(s.runes) - 1
	}
	if step < 0 {
		return 0
	}
	n := s.runes[step]
	for _, b := range s.text[step*runeStep : offset] {
		if utf8.RuneStart(b) {
			n++
		}
	}
	return n
}

// yamlOffset is the byte offset of a line and column of the YAML parser.
func (s *source) yamlOffset(line, col int) int {
	if line < 1 || line > len(s.yamlLines) {
		return len(s.text)
	}
	start := s.yamlLines[line-1]
	target := s.runeIndex(start) + col - 1
	step := sort.Search(len(s.runes), func(i int) bool { return s.runes[i] > target }) - 1
	offset := start
	if step >= 0 && step*runeStep > start {
		offset = step * runeStep
	}
	for n := s.runeIndex(offset); offset < len(s.text) && (n < target || !utf8.RuneStart(s.text[offset])); offset++ {
		if offset+1 >= len(s.text) || utf8.RuneStart(s.text[offset+1]) {
			n++
		}
	}
	return offset
}

// place is the line and column of a byte offset, as editors count them.
func (s *source) place(offset int) (line, col int) {
	offset = max(0, min(offset, len(s.text)))
	line = sort.SearchInts(s.lines, offset+1)
	return line, s.runeIndex(offset) - s.runeIndex(s.lines[line-1]) + 1
}

// span is the region between two byte offsets.
func (s *source) span(from, to int) diag.Span {
	line, col := s.place(from)
	span := diag.Span{File: s.name, Line: line, Col: col, EndLine: line}
	if to > from {
		if endLine, endCol := s.place(to); endLine == line {
			span.EndCol = endCol
		}
	}
	return span
}
