package goschema

import (
	"go/ast"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/siogen/siogen/schema"
)

// DocText is what a doc comment says: its lines without the comment marks and
// without directives.
func DocText(g *ast.CommentGroup) string {
	if g == nil {
		return ""
	}
	var lines []string
	for _, c := range g.List {
		switch {
		case strings.HasPrefix(c.Text, "/*"):
			for line := range strings.SplitSeq(strings.TrimSuffix(c.Text[2:], "*/"), "\n") {
				lines = append(lines, strings.TrimPrefix(line, "\t"))
			}
		case isDirective(c.Text):
		default:
			text := strings.TrimSuffix(c.Text[2:], "\r")
			lines = append(lines, strings.TrimPrefix(text, " "))
		}
	}
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t\r")
	}
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

// isDirective follows gofmt: //line, //export, //extern and //word:word.
func isDirective(comment string) bool {
	text := comment[2:]
	for _, word := range []string{"line ", "extern ", "export "} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	name, rest, ok := strings.Cut(text, ":")
	return ok && name != "" && rest != "" && isLowerOrDigit(rest[0]) &&
		strings.IndexFunc(name, func(r rune) bool { return r > unicode.MaxASCII || !isLowerOrDigit(byte(r)) }) < 0
}

func isLowerOrDigit(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// ReadDoc is what is said about the declaration called name. In Go a doc
// comment begins with the name, which says nothing in TypeScript.
func ReadDoc(name, text string) schema.Doc {
	var doc schema.Doc
	const mark = "Deprecated: "
	if rest, ok := strings.CutPrefix(text, mark); ok {
		text, doc.Deprecated = "", rest
	} else if before, rest, ok := strings.Cut(text, "\n\n"+mark); ok {
		text, doc.Deprecated = before, rest
	}
	doc.Text = withoutName(name, strings.TrimRight(text, "\n"))
	return doc
}

// withoutName makes "Asks for a number." of "WithAck asks for a number.", and
// "Somebody in the chat." of "User is somebody in the chat.".
func withoutName(name, text string) string {
	rest, ok := strings.CutPrefix(text, name)
	if !ok || name == "" || strings.TrimLeft(rest, " \n") == rest {
		return text
	}
	rest = strings.TrimLeft(rest, " \n")
	for _, verb := range []string{"is ", "are "} {
		if after, ok := strings.CutPrefix(rest, verb); ok {
			rest = after
			break
		}
	}
	first, size := utf8.DecodeRuneInString(rest)
	return string(unicode.ToUpper(first)) + rest[size:]
}

// doc is what comments and directives say about a declaration.
func (l *loader) doc(name string, dirs []directive, groups ...*ast.CommentGroup) schema.Doc {
	var doc schema.Doc
	for _, g := range groups {
		if text := DocText(g); text != "" {
			doc = ReadDoc(name, text)
			break
		}
	}
	for _, d := range dirs {
		switch d.name {
		case "doc":
			doc.Text = l.text(d)
		case "deprecated":
			doc.Deprecated = l.text(d)
		case "since":
			doc.Since = l.text(d)
		}
	}
	return doc
}
