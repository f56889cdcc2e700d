package convert

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"unicode"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/goschema"
)

// comment writes documentation as a doc comment if it can be read back from
// one, and as directives otherwise.
func (w *goWriter) comment(name string, doc schema.Doc) string {
	var b strings.Builder
	plain := schema.Doc{Text: doc.Text, Deprecated: doc.Deprecated}
	if text := plainComment(plain); text != "" && readsBack(name, text, plain) {
		b.WriteString(text)
		doc.Text, doc.Deprecated = "", ""
	}
	lines := docLines(doc)
	if b.Len() > 0 && len(lines) > 0 {
		b.WriteString("//\n")
	}
	for _, line := range lines {
		b.WriteString("//siogen:" + line + "\n")
	}
	return b.String()
}

func plainComment(doc schema.Doc) string {
	text := doc.Text
	if doc.Deprecated != "" {
		if text != "" {
			text += "\n\n"
		}
		text += "Deprecated: " + doc.Deprecated
	}
	if text == "" {
		return ""
	}
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(strings.TrimRight("// "+line, " ") + "\n")
	}
	return b.String()
}

// readsBack reports whether a comment says the same after gofmt has been over
// it.
func readsBack(name, comment string, doc schema.Doc) bool {
	if strings.ContainsFunc(comment, func(r rune) bool { return unicode.IsControl(r) && r != '\n' || r == '\uFEFF' }) {
		return false
	}
	src, err := format.Source([]byte("package p\n\n" + comment + "type T int\n"))
	if err != nil {
		return false
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ParseComments)
	if err != nil || len(f.Decls) == 0 {
		return false
	}
	gen, ok := f.Decls[0].(*ast.GenDecl)
	return ok && goschema.ReadDoc(name, goschema.DocText(gen.Doc)) == doc
}

// docLines are the directives for documentation.
func docLines(doc schema.Doc) []string {
	var lines []string
	for _, e := range []struct{ key, value string }{{"doc", doc.Text}, {"deprecated", doc.Deprecated}, {"since", doc.Since}} {
		if e.value != "" {
			lines = append(lines, e.key+" "+quoteIfNeeded(e.value))
		}
	}
	return lines
}

func constraintLines(c schema.Constraints) []string {
	var lines []string
	number := func(key string, n *float64) {
		if n != nil {
			lines = append(lines, key+" "+strconv.FormatFloat(*n, 'g', -1, 64))
		}
	}
	count := func(key string, n *int) {
		if n != nil {
			lines = append(lines, key+" "+strconv.Itoa(*n))
		}
	}
	number("minimum", c.Minimum)
	number("maximum", c.Maximum)
	count("minLength", c.MinLength)
	count("maxLength", c.MaxLength)
	if c.Pattern != "" {
		lines = append(lines, "pattern "+quoteIfNeeded(c.Pattern))
	}
	count("minItems", c.MinItems)
	count("maxItems", c.MaxItems)
	return lines
}

// quoteIfNeeded writes a text that goes to the end of the line.
func quoteIfNeeded(s string) string {
	if s == "" || strings.HasPrefix(s, `"`) || strings.TrimSpace(s) != s ||
		strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// quoteWord writes a text that more may follow.
func quoteWord(s string) string {
	if strings.Contains(s, " ") {
		return strconv.Quote(s)
	}
	return quoteIfNeeded(s)
}

// isTagName reports whether encoding/json takes a name from a tag.
func isTagName(name string) bool {
	for _, c := range name {
		if c == '`' || !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return name != ""
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	rs := []rune(s)
	return strings.ToLower(string(rs[0])) + string(rs[1:])
}
