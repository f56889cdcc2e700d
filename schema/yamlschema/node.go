package yamlschema

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// reader reads the nodes of one file for a loader.
type reader struct {
	*loader
	src *source
}

// entry is a key of a mapping and its value.
type entry struct {
	key   string
	span  diag.Span // of the key
	value *yaml.Node
}

// object is a mapping with known keys.
type object struct {
	span    diag.Span
	entries []entry
	broken  bool // keys had to be left out; what is missing may be among them
}

func (o object) get(name string) (entry, bool) {
	i := slices.IndexFunc(o.entries, func(e entry) bool { return e.key == name })
	if i < 0 {
		return entry{}, false
	}
	return o.entries[i], true
}

func (o object) has(names ...string) bool {
	return slices.ContainsFunc(o.entries, func(e entry) bool { return slices.Contains(names, e.key) })
}

// errorf reports an error; with arguments the message is a format.
func (r *reader) errorf(code string, span diag.Span, hint, format string, args ...any) {
	r.report(diag.Diagnostic{Code: code, Span: span, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// span is where a node stands: all of a scalar, the start of anything else.
func (r *reader) span(n *yaml.Node) diag.Span {
	if n.Kind == yaml.ScalarNode && n.Value != "" {
		return r.src.locate(n).whole()
	}
	offset := r.src.skipProperties(r.src.yamlOffset(n.Line, n.Column), n)
	return r.src.span(offset, offset)
}

// deref follows an alias.
func deref(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool {
	n = deref(n)
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// describe names the kind of a node for a message.
func describe(n *yaml.Node) string {
	switch n = deref(n); {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(n):
		return "nothing"
	default:
		return "a " + scalarKind(n)
	}
}

func scalarKind(n *yaml.Node) string {
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "number"
	case "!!bool":
		return "boolean"
	default:
		return "text"
	}
}

// mapping returns the entries of a mapping in order, those of merge keys (<<)
// in the place of the merge. The same key may come up twice. Nothing at all
// (null) is an empty mapping.
func (r *reader) mapping(n *yaml.Node, what, hint string) (entries []entry, ok bool) {
	n = deref(n)
	if isNull(n) {
		return nil, true
	}
	if n.Kind != yaml.MappingNode {
		r.errorf(diag.CodeWrongShape, r.span(n), hint, "%s must be a mapping, not %s", what, describe(n))
		return nil, false
	}
	own := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := deref(n.Content[i]); !isMerge(n.Content[i]) && k.Kind == yaml.ScalarNode {
			own[k.Value] = true
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		keyNode, value := n.Content[i], n.Content[i+1]
		if isMerge(keyNode) {
			for _, e := range r.merged(value) {
				if !own[e.key] {
					own[e.key] = true
					entries = append(entries, e)
				}
			}
			continue
		}
		if e, ok := r.entry(keyNode, value); ok {
			entries = append(entries, e)
		}
	}
	return entries, true
}

func isMerge(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!merge" }

// merged returns the entries that a merge key brings.
func (r *reader) merged(n *yaml.Node) []entry {
	n = deref(n)
	sources := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		sources = n.Content
	}
	var all []entry
	for _, s := range sources {
		if s = deref(s); s.Kind != yaml.MappingNode {
			r.errorf(diag.CodeBadYAMLFeature, r.span(s), "write <<: *anchor", "a merge key (<<) takes mappings, not %s", describe(s))
			continue
		}
		entries, _ := r.mapping(s, "a merged value", "")
		all = append(all, entries...)
	}
	return all
}

func (r *reader) entry(keyNode, value *yaml.Node) (entry, bool) {
	k := deref(keyNode)
	if k.Kind != yaml.ScalarNode || k.ShortTag() == "!!null" && k.Value == "" {
		r.errorf(diag.CodeWrongShape, r.span(k), "", "a key must be a text, not %s", describe(k))
		return entry{}, false
	}
	span := r.span(k)
	if utf8.RuneCountInString(k.Value) > maxName {
		r.errorf(diag.CodeTooLarge, span, "", "the key is longer than %d characters", maxName)
		return entry{}, false
	}
	return entry{k.Value, span, value}, true
}

// object reads a mapping with the keys of a level; it reports unknown keys,
// with the help of the level's own explanation if it has one, and duplicates.
func (r *reader) object(n *yaml.Node, l level, what, hint string, unknown func(entry) bool) (object, bool) {
	entries, ok := r.mapping(n, what, hint)
	if !ok {
		return object{}, false
	}
	o := object{span: r.span(deref(n))}
	for _, e := range entries {
		if first, dup := o.get(e.key); dup {
			r.report(diag.Diagnostic{
				Code: diag.CodeDuplicateKey, Span: e.span, Message: fmt.Sprintf("the key %q stands here twice", e.key),
				Notes: []diag.Note{{Span: first.span, Message: "first here"}},
			})
			continue
		}
		if !slices.Contains(l.names(), e.key) {
			if unknown == nil || !unknown(e) {
				r.unknownKey(e, l)
			}
			o.broken = true
			continue
		}
		o.entries = append(o.entries, e)
	}
	return o, true
}

func (r *reader) unknownKey(e entry, l level) {
	hint := "known keys: " + strings.Join(l.names(), ", ")
	if near := diag.Nearest(e.key, l.names()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	r.errorf(diag.CodeUnknownKey, e.span, hint, "unknown key %q in %s", e.key, l.what)
}

// text reads a text. Numbers are taken as they are written; a boolean is taken
// for a mistake.
func (r *reader) text(e entry, hint string) (string, bool) {
	n := deref(e.value)
	if isNull(n) {
		r.errorf(diag.CodeWrongShape, r.valueSpan(e), hint, "%s has no value", e.key)
		return "", false
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!bool" {
		r.errorf(diag.CodeWrongShape, r.valueSpan(e), hint, "%s must be a text, not %s", e.key, describe(n))
		return "", false
	}
	return n.Value, true
}

// valueSpan is where the value of an entry stands, or its key if it has none.
func (r *reader) valueSpan(e entry) diag.Span {
	if n := deref(e.value); !isNull(n) || n.Value != "" {
		return r.span(n)
	}
	return e.span
}

func (r *reader) bool(e entry) bool {
	n := deref(e.value)
	var value bool
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" || n.Decode(&value) != nil {
		r.errorf(diag.CodeWrongShape, r.valueSpan(e), "", "%s must be true or false, not %s", e.key, describe(n))
	}
	return value
}

// doc reads doc, deprecated and since.
func (r *reader) doc(o object) schema.Doc {
	var doc schema.Doc
	for _, e := range o.entries {
		switch e.key {
		case "doc":
			text, _ := r.text(e, "")
			doc.Text = trimLines(text)
		case "deprecated":
			text, _ := r.text(e, "say what to use instead")
			doc.Deprecated = strings.TrimSpace(text)
			if text != "" && doc.Deprecated == "" {
				r.errorf(diag.CodeWrongShape, r.valueSpan(e), "say what to use instead", "deprecated is empty")
			}
		case "since":
			text, _ := r.text(e, "")
			doc.Since = strings.TrimSpace(text)
		}
	}
	return doc
}

// trimLines removes white space at the ends of lines and blank lines around
// the text.
func trimLines(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}
