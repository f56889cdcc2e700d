package typescript

import (
	"strings"
	"unicode"

	"github.com/siogen/siogen/schema"
)

func newDoc(d schema.Doc) Doc {
	return Doc{Text: d.Text, Deprecated: d.Deprecated, Since: d.Since}
}

// plain is the doc as running text, for places that cannot hold tags of their
// own.
func (d Doc) plain() string {
	var parts []string
	if d.Text != "" {
		parts = append(parts, d.Text)
	}
	if d.Deprecated != "" {
		parts = append(parts, "Deprecated: "+d.Deprecated)
	}
	if d.Since != "" {
		parts = append(parts, "Since "+d.Since+".")
	}
	return strings.Join(parts, "\n")
}

// Lines is the doc as lines for // comments, without TSDoc tags.
func (d Doc) Lines() []string { return escapeLines(textLines(d.plain())) }

// comment prints the doc as a TSDoc comment, with a line break behind it; an
// empty doc gives nothing.
func comment(indent string, d Doc) string {
	lines := escapeLines(textLines(d.Text))
	for _, p := range d.Params {
		lines = append(lines, tagLines("@param "+p.Name+" -", p.Text)...)
	}
	if d.Deprecated != "" {
		lines = append(lines, tagLines("@deprecated", d.Deprecated)...)
	}
	if d.Since != "" {
		lines = append(lines, tagLines("@since", d.Since)...)
	}
	switch {
	case len(lines) == 0:
		return ""
	case len(lines) == 1:
		return indent + "/** " + lines[0] + " */\n"
	}
	var b strings.Builder
	b.WriteString(indent + "/**\n")
	for _, line := range lines {
		b.WriteString(strings.TrimRight(indent+" * "+line, " ") + "\n")
	}
	b.WriteString(indent + " */\n")
	return b.String()
}

// tagLines is a block tag whose text starts on the tag's line.
func tagLines(tag, text string) []string {
	lines := escapeLines(textLines(text))
	if len(lines) == 0 {
		return []string{tag}
	}
	lines[0] = tag + " " + lines[0]
	for i := 1; i < len(lines); i++ {
		if lines[i] != "" {
			lines[i] = "  " + lines[i]
		}
	}
	return lines
}

// textLines splits text at every line break that TypeScript knows, and drops
// control characters.
func textLines(text string) []string {
	if text == "" {
		return nil // by far the most frequent case
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	text = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Trim(text, "\n")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// escapeLines keeps text from ending its comment, and from starting a TSDoc tag
// or a directive to the compiler (@ts-nocheck), as an @ does at the start of a
// line.
func escapeLines(lines []string) []string {
	for i, line := range lines {
		line = strings.ReplaceAll(line, "*/", "*\\/")
		if rest := strings.TrimLeft(line, " \t*"); strings.HasPrefix(rest, "@") {
			line = line[:len(line)-len(rest)] + "\\" + rest
		}
		lines[i] = strings.TrimRightFunc(line, unicode.IsSpace)
	}
	return lines
}
