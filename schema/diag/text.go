package diag

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// maxSnippet is how many terminal cells of a source line are shown.
const maxSnippet = 120

// The colours of Text, as ANSI escape sequences.
const (
	colorError   = "\x1b[1;31m"
	colorWarning = "\x1b[1;33m"
	colorNote    = "\x1b[1;36m"
	colorCaret   = "\x1b[1;32m"
	colorReset   = "\x1b[0m"
)

// Text writes diagnostics for people: the place and the message, the source
// line with carets under the place, the hint, and the notes with places of
// their own. source returns the text of a file, or nil when it is not
// available; color adds ANSI escape sequences. The error is that of w.
func Text(w io.Writer, ds []Diagnostic, source func(file string) []byte, color bool) error {
	p := textPrinter{source: source, files: map[string][][]byte{}, color: color}
	for i, d := range ds {
		if i > 0 {
			p.out.WriteByte('\n')
		}
		p.diagnostic(d)
	}
	_, err := w.Write(p.out.Bytes())
	return err
}

type textPrinter struct {
	out    bytes.Buffer
	source func(file string) []byte
	files  map[string][][]byte // lines
	color  bool
}

func (p *textPrinter) diagnostic(d Diagnostic) {
	color, severity := colorError, "error"
	if d.Severity == Warning {
		color, severity = colorWarning, "warning"
	}
	p.head(d.Span, color, severity+" "+d.Code, d.Message)
	p.snippet(d.Span)
	if d.Hint != "" {
		fmt.Fprintf(&p.out, "  %s %s\n", p.paint(colorNote, "hint:"), printable(d.Hint))
	}
	for _, note := range d.Notes {
		p.head(note.Span, colorNote, "note", note.Message)
		p.snippet(note.Span)
	}
}

func (p *textPrinter) head(span Span, color, label, message string) {
	if place := span.place(); place != "" {
		fmt.Fprintf(&p.out, "%s: ", printable(place))
	}
	fmt.Fprintf(&p.out, "%s: %s\n", p.paint(color, label), printable(message))
}

// place is file:line:col, as far as it is known.
func (s Span) place() string {
	if s.Line == 0 {
		return s.File
	}
	return fmt.Sprintf("%s:%d:%d", s.File, s.Line, s.Col)
}

func (p *textPrinter) paint(color, text string) string {
	if !p.color {
		return text
	}
	return color + text + colorReset
}

// snippet writes the source line and the carets below it.
func (p *textPrinter) snippet(span Span) {
	line, ok := p.line(span)
	if !ok {
		return
	}
	from := min(max(span.Col-1, 0), len(line))
	to := from + 1
	if span.EndLine == span.Line && span.EndCol > span.Col {
		to = max(to, min(span.EndCol-1, len(line)))
	}
	line, from, to = clip(line, from, to)
	number := fmt.Sprintf("%4d", span.Line)
	fmt.Fprintf(&p.out, "%s | %s\n", number, strings.TrimRight(visible(line), " \t"))
	fmt.Fprintf(&p.out, "%s | %s%s\n", strings.Repeat(" ", len(number)), blank(line[:from]),
		p.paint(colorCaret, strings.Repeat("^", max(1, cells(line[from:min(to, len(line))])))))
}

func (p *textPrinter) line(span Span) ([]rune, bool) {
	if span.Line < 1 || p.source == nil {
		return nil, false
	}
	lines, ok := p.files[span.File]
	if !ok {
		text := bytes.TrimPrefix(p.source(span.File), []byte("\uFEFF"))
		lines = bytes.Split(text, []byte("\n"))
		p.files[span.File] = lines
	}
	if span.Line > len(lines) {
		return nil, false
	}
	return bytes.Runes(bytes.TrimSuffix(lines[span.Line-1], []byte("\r"))), true
}

// clip cuts a long line down to the part around [from, to).
func clip(line []rune, from, to int) (clipped []rune, newFrom, newTo int) {
	if cells(line) <= maxSnippet {
		return line, from, to
	}
	start := max(0, from-maxSnippet/3)
	end := start
	for width := 0; end < len(line) && width < maxSnippet; end++ {
		width += cellWidth(line[end])
	}
	clipped = append(clipped, line[start:end]...)
	if end < len(line) {
		clipped = append(clipped, '…')
	}
	if start > 0 {
		clipped = append([]rune{'…'}, clipped...)
		start--
	}
	return clipped, from - start, min(to-start, len(clipped))
}

// blank is white space as wide as the text; it keeps tabs, whose width only
// the terminal knows.
func blank(text []rune) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteString(strings.Repeat(" ", cellWidth(r)))
		}
	}
	return b.String()
}

// visible replaces what would confuse a terminal by something as wide.
func visible(line []rune) string {
	var b strings.Builder
	for _, r := range line {
		if r != '\t' && confusing(r) {
			r = '\uFFFD'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// printable is visible for a text of one line.
func printable(text string) string {
	return strings.ReplaceAll(visible([]rune(text)), "\t", " ")
}
