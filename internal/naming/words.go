package naming

import (
	"fmt"
	"strings"
	"unicode"
)

// words splits a wire name into words at case changes and at everything that
// no identifier can hold. Combining marks are dropped without splitting: Go
// identifiers cannot hold them. A name without any letter or digit is spelled
// out, so the result of a non-empty name is never empty.
func words(name string) []string {
	rs := []rune(name)
	if !hasLetterOrDigit(rs) {
		return spellAll(rs)
	}
	var (
		out  []string
		word []rune
	)
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = nil
		}
	}
	for i, r := range rs {
		switch {
		case unicode.IsMark(r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if startsWord(rs, i) {
				flush()
			}
			word = append(word, r)
		default:
			flush()
			if s := spellWithin(rs, i); s != "" {
				out = append(out, s)
			}
		}
	}
	flush()
	return out
}

func hasLetterOrDigit(rs []rune) bool {
	for _, r := range rs {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return true
		}
	}
	return false
}

// startsWord reports whether the letter or digit at i begins a word although a
// letter or digit stands before it: the U of chatURL, the S of HTTPServer.
func startsWord(rs []rune, i int) bool {
	if i == 0 || !unicode.IsUpper(rs[i]) {
		return false
	}
	prev := rs[i-1]
	if !unicode.IsLetter(prev) && !unicode.IsDigit(prev) && !unicode.IsMark(prev) {
		return false
	}
	if !unicode.IsUpper(prev) {
		// The digit of an abbreviation does not end it: SHA256, EC2API, but utf8Text.
		return !unicode.IsDigit(prev) || nextIsLower(rs, i)
	}
	return nextIsLower(rs, i) && !isPluralS(rs, i)
}

func nextIsLower(rs []rune, i int) bool { return i+1 < len(rs) && unicode.IsLower(rs[i+1]) }

// isPluralS reports whether the letter at i is the last of an abbreviation in
// the plural: the D of IDs, the L of userURLs.
func isPluralS(rs []rune, i int) bool {
	if rs[i+1] != 's' || i+2 < len(rs) && unicode.IsLower(rs[i+2]) {
		return false
	}
	start := i
	for start > 0 && unicode.IsUpper(rs[start-1]) {
		start--
	}
	return initialism(string(rs[start:i+1])) != ""
}

// spellWithin is the word for a symbol among letters and digits; empty where
// the symbol only separates.
func spellWithin(rs []rune, i int) string {
	switch rs[i] {
	case '-':
		// A sign, not a dash: the value -1.
		if i == 0 && len(rs) > 1 && unicode.IsDigit(rs[1]) {
			return "Minus"
		}
		return ""
	case '+', '#', '&', '%', '@', '*', '=', '<', '>':
		return symbolWord(rs[i])
	default:
		return ""
	}
}

// spellAll spells a name that has symbols only.
func spellAll(rs []rune) []string {
	var out []string
	for i, r := range rs {
		w := symbolWord(r)
		if w == "" {
			w = fmt.Sprintf("%x", r)
			if i == 0 {
				w = "x" + w
			}
		}
		out = append(out, w)
	}
	return out
}

func symbolWord(r rune) string {
	switch r {
	case '+':
		return "Plus"
	case '-':
		return "Minus"
	case '#':
		return "Hash"
	case '&':
		return "And"
	case '%':
		return "Percent"
	case '@':
		return "At"
	case '*':
		return "Star"
	case '=':
		return "Equal"
	case '<':
		return "Less"
	case '>':
		return "Greater"
	case '!':
		return "Bang"
	case '?':
		return "Question"
	case '.':
		return "Dot"
	case ',':
		return "Comma"
	case ':':
		return "Colon"
	case ';':
		return "Semicolon"
	case '/':
		return "Slash"
	case '\\':
		return "Backslash"
	case '|':
		return "Pipe"
	case '~':
		return "Tilde"
	case '^':
		return "Caret"
	case '$':
		return "Dollar"
	case '_':
		return "Underscore"
	case ' ':
		return "Space"
	default:
		return ""
	}
}

// initialism returns the upper-case form of a word that Go code writes in one
// case (id → ID, urls → URLs), or "".
func initialism(word string) string {
	upper := strings.ToUpper(word)
	switch upper {
	case "ACL", "API", "ASCII", "CPU", "CSS", "CSV", "DNS", "EOF", "GUID", "HTML",
		"HTTP", "HTTPS", "ID", "IP", "JSON", "JWT", "LHS", "PDF", "QPS", "RAM", "RHS",
		"RPC", "SLA", "SMTP", "SQL", "SSH", "TCP", "TLS", "TTL", "UDP", "UI", "UID",
		"UUID", "URI", "URL", "UTF8", "VM", "XML", "XMPP", "XSRF", "XSS":
		return upper
	}
	// APIS or IDS in capitals is some other word; ids and IDs are plurals.
	if stem, ok := strings.CutSuffix(word, "s"); ok && initialism1(stem) {
		return strings.ToUpper(stem) + "s"
	}
	return ""
}

// initialism1 reports whether a word without its plural s is an initialism.
func initialism1(stem string) bool {
	return !strings.HasSuffix(stem, "s") && initialism(stem) != ""
}
