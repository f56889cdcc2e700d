package typescript

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// lineWidth is where lists of parameters, values and elements break into lines.
const lineWidth = 100

// node is a piece of TypeScript that can be printed on one line or on several.
type node interface {
	flat() string
	// broken prints over several lines; those after the first are indented by
	// indent, and what is inside by one step more.
	broken(indent string) string
}

// layout prints n flat when it fits behind the used columns of its line, with
// one more for the punctuation that follows.
func layout(n node, indent string, used int) string {
	if flat := n.flat(); used+utf8.RuneCountInString(flat)+1 <= lineWidth {
		return flat
	}
	return n.broken(indent)
}

// word is a node that never breaks.
type word string

func (w word) flat() string         { return string(w) }
func (w word) broken(string) string { return string(w) }

// item is an element of a list; label, such as "room: ", stands before it.
type item struct {
	label string
	node  node
}

// list is items between an opening and a closing bracket.
type list struct {
	open, end string
	items     []item
	// noTrailingComma says that no comma may follow the last item.
	noTrailingComma bool
}

func (l list) flat() string {
	parts := make([]string, len(l.items))
	for i, it := range l.items {
		parts[i] = it.label + it.node.flat()
	}
	return l.open + strings.Join(parts, ", ") + l.end
}

func (l list) broken(indent string) string {
	if len(l.items) == 0 {
		return l.flat()
	}
	inner := indent + "  "
	var b strings.Builder
	b.WriteString(l.open)
	for i, it := range l.items {
		b.WriteString("\n" + inner + it.label)
		b.WriteString(layout(it.node, inner, utf8.RuneCountInString(inner+it.label)))
		if i < len(l.items)-1 || !l.noTrailingComma {
			b.WriteByte(',')
		}
	}
	b.WriteString("\n" + indent + l.end)
	return b.String()
}

// alternative is a member of a union type.
type alternative struct {
	text string
	doc  Doc
}

// alternatives is a union type; broken, it starts on a line of its own.
type alternatives []alternative

func (a alternatives) flat() string {
	parts := make([]string, len(a))
	for i, alt := range a {
		parts[i] = alt.text
	}
	return strings.Join(parts, " | ")
}

func (a alternatives) broken(indent string) string {
	indent += "  "
	var b strings.Builder
	for _, alt := range a {
		b.WriteString("\n" + comment(indent, alt.doc) + indent + "| " + alt.text)
	}
	return b.String()
}

// documented reports whether there is a comment to print, which takes lines.
func (a alternatives) documented() bool {
	return slices.ContainsFunc(a, func(alt alternative) bool { return comment("", alt.doc) != "" })
}
