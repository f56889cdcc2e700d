package golang

import (
	"go/doc/comment"
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// docComment is a doc comment: lead, which may be empty, and then what the schema
// says. It is nil when there is nothing to say.
func docComment(lead string, doc schema.Doc) jen.Code {
	// What no comment can hold may be all that there is.
	doc = schema.Doc{Text: visible(doc.Text), Deprecated: visible(doc.Deprecated), Since: visible(doc.Since)}
	text := lead
	if doc.Text != "" {
		sep := " "
		if strings.ContainsAny(doc.Text[:1], "-*#|>`0123456789") {
			sep = "\n\n" // a list, a heading, a block
		}
		text = paragraph(text, sep, doc.Text)
	}
	if doc.Since != "" {
		text = paragraph(text, "\n\n", "Since "+strings.TrimSuffix(doc.Since, ".")+".")
	}
	if doc.Deprecated != "" {
		// Tools know the word at the beginning of the last paragraph.
		text = paragraph(text, "\n\n", "Deprecated: "+doc.Deprecated)
	}
	if text == "" {
		return nil
	}
	return jen.Comment(lineComments(text))
}

// settled brings text into the form that gofmt gives a doc comment, and that it
// then leaves alone: for some lists and blocks it needs several turns.
func settled(text string) string {
	if !strings.Contains(text, "\n") {
		return text
	}
	for range 5 {
		next := strings.TrimRight(string(new(comment.Printer).Comment(new(comment.Parser).Parse(text))), "\n")
		if next == text || next == "" {
			break
		}
		text = next
	}
	return text
}

func paragraph(text, sep, more string) string {
	if text == "" {
		return more
	}
	return text + sep + more
}

// lineComments makes line comments of text, each with a blank after the slashes:
// none of them can be a directive.
func lineComments(text string) string {
	lines := strings.Split(settled(printable(text)), "\n")
	for i, line := range lines {
		line = strings.TrimRight(line, " \t")
		switch {
		case line == "":
			lines[i] = "//"
		case looksLikeDirective(line):
			lines[i] = "// \\" + strings.TrimSpace(line)
		case line[0] == '\t':
			lines[i] = "//" + line // a block, as gofmt indents it
		default:
			lines[i] = "// " + line
		}
	}
	return strings.Join(lines, "\n")
}

// looksLikeDirective reports whether tools take a line for a mistaken directive
// even behind a blank: vet misplaced build constraints, staticcheck the others.
func looksLikeDirective(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "+build") || strings.HasPrefix(line, "go:")
}

// visible is printable text; empty when there is nothing but white space.
func visible(text string) string {
	text = printable(text)
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return text
}

// printable keeps lines and what a Go comment can hold.
func printable(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\uFFFD")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			return '\n'
		case r == '\uFEFF', unicode.IsControl(r):
			return -1
		default:
			return r
		}
	}, text)
}

// declare writes a declaration under its comment, and a blank line.
func declare(f *jen.File, comment jen.Code, decl jen.Code) {
	if comment != nil {
		f.Add(comment)
	}
	f.Add(decl)
	f.Line()
}

// oneLine is text without line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
