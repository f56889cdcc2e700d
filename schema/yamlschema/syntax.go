package yamlschema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/siogen/siogen/schema/diag"
)

// The limits of a schema file. They are far above any contract that people
// write and keep a hostile file from taking the machine.
const (
	maxFileSize = 1 << 20 // bytes
	maxNodes    = 500_000 // YAML nodes, aliases expanded
	maxNesting  = 100     // levels, aliases expanded
	maxName     = 500     // code points of a name
	maxFiles    = 1000    // imported files
)

// parse reads the YAML of a file. It returns nil, after it has reported why,
// when there is nothing that can be looked at any further.
func (l *loader) parse(src *source) *yaml.Node {
	if d := checkText(src); d != nil {
		l.report(*d)
		return nil
	}
	documents, err := decode(src.text)
	if err != nil {
		l.report(syntaxError(src, err))
		return nil
	}
	if len(documents) == 0 || isNull(documents[0]) {
		l.report(diag.Diagnostic{
			Code: diag.CodeEmpty, Span: src.span(0, 0),
			Message: "the file is empty",
			Hint:    "a schema starts with the name of the Go package to generate, such as \"package: chat\"",
		})
		return nil
	}
	if len(documents) > 1 {
		l.report(diag.Diagnostic{
			Code: diag.CodeManyDocuments, Span: src.span(src.yamlOffset(documents[1].Line, documents[1].Column), 0),
			Message: "a second YAML document starts here; a schema is one document",
			Hint:    "remove the \"---\" line, or move this part to a file of its own and import it",
		})
	}
	if d := checkGraph(src, documents[0]); d != nil {
		l.report(*d)
		return nil
	}
	return documents[0]
}

// decode parses at most two documents: a second one is an error anyway.
func decode(text []byte) (documents []*yaml.Node, err error) {
	text, mark := hideMarks(text)
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for len(documents) < 2 {
		var node yaml.Node
		if err := decodeNode(decoder, &node); errors.Is(err, io.EOF) {
			return documents, nil
		} else if err != nil {
			return nil, err
		}
		if node.Kind == yaml.DocumentNode && len(node.Content) == 1 {
			showMarks(node.Content[0], mark)
			documents = append(documents, node.Content[0])
		}
	}
	return documents, nil
}

// hideMarks puts a private character into the place of every ? inside a word,
// as in {image?: bytes}. YAML 1.2 allows it there, but the parser reads YAML
// 1.1, where a ? ends a text in braces. A character for a character keeps the
// columns.
func hideMarks(text []byte) (hidden []byte, mark string) {
	mark = "\uE000"
	for r := '\uE000'; bytes.Contains(text, []byte(mark)); r++ {
		mark = string(r)
	}
	for i, c := range text {
		if c == '?' && i > 0 && !isBlank(text[i-1]) && !strings.ContainsRune("{[,", rune(text[i-1])) {
			hidden = append(hidden, mark...)
		} else {
			hidden = append(hidden, c)
		}
	}
	return hidden, mark
}

func showMarks(n *yaml.Node, mark string) {
	n.Value = strings.ReplaceAll(n.Value, mark, "?")
	for _, child := range n.Content {
		showMarks(child, mark)
	}
}

// decodeNode turns a panic of the YAML parser, which is not ours to mend, into
// an error.
func decodeNode(decoder *yaml.Decoder, node *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the YAML parser cannot read this file: %v", r)
		}
	}()
	return decoder.Decode(node)
}

// checkText finds what makes a file no YAML text at all.
func checkText(src *source) *diag.Diagnostic {
	text := src.text
	if len(text) > maxFileSize {
		return &diag.Diagnostic{
			Code: diag.CodeTooLarge, Span: src.span(0, 0),
			Message: fmt.Sprintf("the file has more than %d bytes", maxFileSize),
		}
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size <= 1 {
			return &diag.Diagnostic{
				Code: diag.CodeEncoding, Span: src.span(i, i),
				Message: fmt.Sprintf("byte 0x%02X is not UTF-8 text", text[i]),
				Hint:    "save the file as UTF-8",
			}
		}
		if !printable(r) {
			return &diag.Diagnostic{
				Code: diag.CodeSyntax, Span: src.span(i, i+size),
				Message: fmt.Sprintf("the control character %U is not allowed in YAML", r),
				Hint:    fmt.Sprintf("in a text in double quotes, write it as \\x%02X", r),
			}
		}
		i += size
	}
	return nil
}

// printable is YAML 1.2 section 5.1, c-printable.
func printable(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r', r == 0x85:
		return true
	case r < 0x20, r >= 0x7F && r < 0xA0, r == 0xFEFF, r == 0xFFFE, r == 0xFFFF:
		return false
	}
	return true
}

var yamlErrorPrefix = regexp.MustCompile(`^yaml: (line \d+: )?`)

// syntaxError makes a diagnostic of an error of the YAML parser. The parser
// names the line where the surrounding construct starts, or none, and never a
// column. It reads from front to back, so the place is found by looking for
// the shortest part of the file that brings the same error.
func syntaxError(src *source, err error) diag.Diagnostic {
	message := yamlErrorPrefix.ReplaceAllString(err.Error(), "")
	if strings.Contains(message, "exceeded max depth") {
		return diag.Diagnostic{Code: diag.CodeTooLarge, Span: src.span(0, 0), Message: "brackets or indentation are nested too deep for the YAML parser"}
	}
	same := func(text []byte) bool {
		_, e := decode(text)
		return e != nil && e.Error() == err.Error()
	}
	// A part that ends too early is wrong as well, for something is not closed
	// yet. What is wrong before the end stays so whatever follows.
	continued := func(end int) bool { return same(slices.Concat(src.text[:end], []byte(" #\n\""))) }
	early := continued(len(src.text))
	fails := func(end int) bool { return same(src.text[:end]) && (!early || continued(end)) }
	line := shortest(1, len(src.lines), func(i int) bool { return fails(src.lineEnd(i)) })
	start, end := src.lines[line-1], src.lineEnd(line)
	length := shortest(1, max(1, end-start), func(n int) bool {
		for !utf8.RuneStart(at(src.text, start+n)) {
			n++
		}
		return fails(start + n)
	})
	from := start + length - 1
	for from > start && !utf8.RuneStart(src.text[from]) {
		from--
	}
	// At the end of a line the problem is what the line lacks.
	for from > start && (src.text[from] == '\n' || src.text[from] == '\r') {
		from--
	}
	sentence, hint, back := explain(message, src.text[start:end], from-start)
	from -= back
	return diag.Diagnostic{Code: diag.CodeSyntax, Span: src.span(from, from), Message: sentence, Hint: hint}
}

func at(text []byte, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}

// shortest is the smallest n in [low, high] for which ok holds, if ok holds
// from some n on; high if it never does.
func shortest(low, high int, ok func(int) bool) int {
	for low < high {
		if middle := low + (high-low)/2; ok(middle) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// lineEnd is the offset behind line i, its line break included.
func (s *source) lineEnd(i int) int {
	if i < len(s.lines) {
		return s.lines[i]
	}
	return len(s.text)
}

// bareType is a list or map type that is not in quotes, where YAML sees a list.
var bareType = regexp.MustCompile(`(?:^|[\s:,{])((?:\[\]|map\[string\])+)\s*[\p{L}_(]`)

// bareMap is a map type that is not in quotes; inside of braces its [ is the
// start of a list.
var bareMap = regexp.MustCompile(`[\s:,{](map)\[`)

const (
	flowMessage = "did not find expected ',' or" // of the YAML parser
	expectedKey = "expected a key here"
)

// explain says what a message of the YAML parser means in a schema, and how
// many bytes before col the trouble begins.
func explain(message string, line []byte, col int) (sentence, hint string, back int) {
	before := string(line[:min(col, len(line))])
	upTo := line[:min(col+1, len(line))]
	bare := bareType.FindSubmatchIndex(upTo)
	if bare == nil && strings.Contains(message, flowMessage) {
		bare = bareMap.FindSubmatchIndex(upTo)
	}
	if bare != nil {
		return "a [ begins a list in YAML", `put the type in quotes, as in "[]string" and "map[string]int"`, col - bare[2]
	}
	switch {
	case strings.Contains(message, "unknown anchor"):
		return strings.ReplaceAll(message, "'", `"`), "an anchor is declared with & before it is used with *", max(0, len(before)-strings.LastIndexByte(before, '*'))
	}
	if strings.Contains(message, flowMessage) && strings.HasSuffix(strings.TrimRight(before, " "), "{") {
		// The parser is a step behind the bracket that it complains of.
		back = col - strings.LastIndexByte(before, '{')
	}
	sentence, hint = explainParser(message, line, col)
	if sentence == expectedKey && !strings.ContainsAny(strings.TrimSpace(before), "{}[]\"' ") {
		back = len(strings.TrimSpace(before))
	}
	return sentence, hint, back
}

func explainParser(message string, line []byte, col int) (sentence, hint string) {
	switch {
	case at(line, col) == '\t' || strings.Contains(message, "tab character"):
		return "a tab character cannot indent YAML", "indent with spaces"
	case strings.Contains(message, "mapping values are not allowed"):
		return "a mapping cannot start here", `put a text that contains ": " in quotes, and check the indentation`
	case strings.Contains(message, flowMessage):
		return "a list or mapping in brackets is not closed, or a comma is missing", ""
	case strings.Contains(message, "did not find expected key"),
		strings.Contains(message, "did not find expected '-' indicator"),
		strings.Contains(message, "could not find expected ':'"):
		return expectedKey, "check the indentation and the quotes of the lines above"
	case strings.Contains(message, "incompatible YAML document"):
		return "the %YAML line asks for another version of YAML", "remove that line"
	case strings.Contains(message, "did not find expected node content"):
		return "a value is missing here, or a bracket is not closed", ""
	case strings.Contains(message, "unexpected end of stream"):
		return "a text in quotes is not closed", ""
	case strings.Contains(message, "cannot start any token"):
		return fmt.Sprintf("a value cannot start with %q", firstRune(line, col)), "put it in quotes"
	default:
		return message, ""
	}
}

func firstRune(line []byte, col int) string {
	if col >= len(line) {
		return ""
	}
	r, _ := utf8.DecodeRune(line[col:])
	return string(r)
}
