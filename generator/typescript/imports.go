package typescript

import (
	"slices"
	"strings"
	"unicode"

	"github.com/siogen/siogen/schema"
)

// mapped prints the TypeScript type that the user gave for d, and imports what
// it needs.
func (b *builder) mapped(d *schema.Decl) string {
	text := strings.Join(strings.Fields(d.TS.Type), " ")
	start, end := firstIdentifier(text)
	if start == end {
		return text
	}
	ident := text[start:end]
	local := ident
	switch {
	case d.TS.Import != "":
		local = b.importName(d.TS.Import, ident, b.names.Type(d))
	case ident == b.names.Type(d):
		// Without this the type would stand for itself.
		local = "globalThis." + ident
	}
	return text[:start] + local + text[end:]
}

// importName imports ident from module and returns its local name. It differs
// from ident when the file has that name already.
func (b *builder) importName(module, ident, typeName string) string {
	m := slices.IndexFunc(b.imports, func(i Import) bool { return i.Module == module })
	if m < 0 {
		m = len(b.imports)
		b.imports = append(b.imports, Import{Module: module})
	}
	for _, n := range b.imports[m].Names {
		if n.Name == ident {
			return n.local()
		}
	}
	name := ImportName{Name: ident}
	local := ident
	if ident == "default" {
		local = typeName
	}
	for local == "default" || b.taken[local] {
		local = "Imported" + local
	}
	b.taken[local] = true
	if local != ident {
		name.Alias = local
	}
	b.imports[m].Names = append(b.imports[m].Names, name)
	return local
}

func (n ImportName) local() string {
	if n.Alias != "" {
		return n.Alias
	}
	return n.Name
}

// firstIdentifier finds the first name in a type expression that is neither in
// a string nor a type operator.
func firstIdentifier(text string) (start, end int) {
	var quote rune
	start = -1
	for i, r := range text + " " {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case isIdentifierRune(r):
			if start < 0 {
				start = i
			}
		case start >= 0 && !isTypeOperator(text[start:i]) && !unicode.IsDigit(rune(text[start])):
			return start, i
		default:
			start = -1
			if r == '"' || r == '\'' {
				quote = r
			}
		}
	}
	return 0, 0
}

func isIdentifierRune(r rune) bool {
	return r == '$' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

func isTypeOperator(word string) bool {
	return word == "readonly" || word == "keyof" || word == "typeof"
}
