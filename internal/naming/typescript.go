package naming

import (
	"encoding/json"
	"strings"
	"unicode"
)

// TSProp is a property name as TypeScript writes it: bare when it is an ASCII
// identifier, else quoted.
func TSProp(name string) string {
	if isASCIIIdent(name) {
		return name
	}
	return TSString(name)
}

// TSString is a TypeScript string literal, with double quotes.
func TSString(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	// A string always encodes.
	_ = enc.Encode(s)
	return strings.TrimSuffix(b.String(), "\n")
}

func isASCIIIdent(s string) bool {
	for i, r := range s {
		if r > unicode.MaxASCII || !isTSIdentRune(r, i == 0) {
			return false
		}
	}
	return s != ""
}

func isTSIdent(s string) bool {
	for i, r := range s {
		if !isTSIdentRune(r, i == 0) {
			return false
		}
	}
	return s != ""
}

func isTSIdentRune(r rune, first bool) bool {
	return r == '$' || r == '_' || unicode.IsLetter(r) || !first && unicode.IsDigit(r)
}
