package naming

import (
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Exported is the exported Go identifier of a wire name, in Go's style:
// "user id" → UserID, "2fa" → X2fa, "日本" → X日本, "+1" → Plus1, "" → Empty.
func Exported(name string) string {
	s := exportedTail(name)
	if first, _ := utf8.DecodeRuneInString(s); !unicode.IsUpper(first) {
		return "X" + s
	}
	return s
}

// exportedTail is Exported for the part of an identifier that follows
// another: it may begin with a digit or a letter without case.
func exportedTail(name string) string {
	if name == "" {
		return "Empty"
	}
	ws := calm(words(name))
	for i, w := range ws {
		if up := initialism(w); up != "" {
			ws[i] = up
		} else {
			ws[i] = upperFirst(w)
		}
	}
	return join(ws)
}

// unexported is the lower-camel Go identifier of a wire name: "user id" →
// userID, "URL" → url. It may be a keyword.
func unexported(name string) string {
	if name == "" {
		return "empty"
	}
	ws := calm(words(name))
	for i, w := range ws {
		up := initialism(w)
		switch {
		case i == 0 && (up != "" || isAllUpper(w)):
			ws[i] = strings.ToLower(w)
		case i == 0:
			ws[i] = lowerFirst(w)
		case up != "":
			ws[i] = up
		default:
			ws[i] = upperFirst(w)
		}
	}
	return letterFirst(join(ws))
}

// camel is the lower-camel JavaScript identifier of a wire name: "user id" →
// userId. It may be a keyword.
func camel(name string) string {
	if name == "" {
		return "empty"
	}
	ws := words(name)
	for i, w := range ws {
		if isAllUpper(w) {
			w = strings.ToLower(w)
		}
		if i == 0 {
			ws[i] = lowerFirst(w)
		} else {
			ws[i] = upperFirst(w)
		}
	}
	return letterFirst(join(ws))
}

// calm gives the words of a name in capitals, IN_PROGRESS or ADMIN, a form that
// reads as Go: InProgress, Admin. A single short word stays the abbreviation
// that it probably is: DTO.
func calm(ws []string) []string {
	for _, w := range ws {
		if !isAllUpper(w) {
			return ws
		}
	}
	if len(ws) == 1 && utf8.RuneCountInString(ws[0]) < 5 {
		return ws
	}
	for i, w := range ws {
		ws[i] = upperFirst(strings.ToLower(w))
	}
	return ws
}

// join concatenates words, with an underscore between two digits: 1.2 and 12
// stay apart.
func join(ws []string) string {
	var b strings.Builder
	for i, w := range ws {
		if i > 0 {
			last, _ := utf8.DecodeLastRuneInString(ws[i-1])
			first, _ := utf8.DecodeRuneInString(w)
			if unicode.IsDigit(last) && unicode.IsDigit(first) {
				b.WriteByte('_')
			}
		}
		b.WriteString(w)
	}
	return b.String()
}

func letterFirst(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); !unicode.IsLetter(first) {
		return "x" + s
	}
	return s
}

func upperFirst(w string) string {
	r, n := utf8.DecodeRuneInString(w)
	return string(unicode.ToUpper(r)) + w[n:]
}

func lowerFirst(w string) string {
	r, n := utf8.DecodeRuneInString(w)
	return string(unicode.ToLower(r)) + w[n:]
}

func isAllUpper(w string) bool {
	for _, r := range w {
		if !unicode.IsUpper(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

// IsExportedGo reports whether s may stand as an exported Go identifier.
func IsExportedGo(s string) bool { return token.IsIdentifier(s) && token.IsExported(s) }
