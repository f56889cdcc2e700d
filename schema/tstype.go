package schema

import (
	"fmt"
	"strings"
	"unicode"
)

// LeadingTSName is the identifier that a TypeScript type begins with.
func LeadingTSName(text string) string {
	for i, c := range text {
		if !(c == '_' || c == '$' || unicode.IsLetter(c) || i > 0 && unicode.IsDigit(c)) {
			return text[:i]
		}
	}
	return text
}

// CheckTSType says what keeps text from being a TypeScript type, as far as
// that can be told without a TypeScript compiler: it must have its brackets and
// quotes closed and not end the declaration that it is put into.
func CheckTSType(text string) (problem string) {
	if text == "" {
		return "it is empty"
	}
	closers := map[rune]rune{'(': ')', '[': ']', '{': '}', '<': '>'}
	var open []rune
	var quote, last rune
	for _, c := range text {
		switch {
		case unicode.IsControl(c):
			return fmt.Sprintf("it contains the control character %U", c)
		case quote != 0:
			if c == '\\' {
				return "write the text in it without a backslash"
			}
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case closers[c] != 0:
			open = append(open, closers[c])
		case c == '>' && last == '=': // an arrow
		case strings.ContainsRune(")]}>", c):
			if len(open) == 0 || open[len(open)-1] != c {
				return fmt.Sprintf("%q closes nothing", c)
			}
			open = open[:len(open)-1]
		case c == ';' && len(open) == 0:
			return "a ; ends it"
		case last == '/' && (c == '/' || c == '*'), last == '*' && c == '/':
			return "it contains a comment"
		}
		last = c
	}
	switch {
	case quote != 0:
		return fmt.Sprintf("%q is not closed", quote)
	case len(open) > 0:
		return fmt.Sprintf("%q is missing", open[len(open)-1])
	case strings.ContainsAny(text[:1], "|&,=.:?*/)") || strings.ContainsAny(text[len(text)-1:], "|&,=.:?*/-+("):
		return "it is not complete"
	}
	return ""
}
