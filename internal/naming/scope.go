package naming

import (
	"fmt"
	"strings"

	"github.com/siogen/siogen/schema/diag"
)

// owner is what an identifier stands for.
type owner struct {
	what string // as in a sentence: `type "User"`
	span diag.Span
	// generated: the identifier is not what's name but made along with it.
	generated bool
	// inline: the source wrote the type in place, without a name.
	inline bool
}

// scope is a set of identifiers that must differ.
type scope struct {
	r        *resolver
	code     string
	language string
	owners   map[string]owner
}

func (r *resolver) newScope(code, language string) *scope {
	return &scope{r: r, code: code, language: language, owners: make(map[string]owner)}
}

// declare takes an identifier. It reports a diagnostic and false when another
// has it.
func (s *scope) declare(ident string, o owner) bool {
	first, taken := s.owners[ident]
	if !taken {
		s.owners[ident] = o
		return true
	}
	if !o.span.IsValid() {
		o, first = first, o
	}
	d := diag.Diagnostic{
		Code:    s.code,
		Span:    o.span,
		Message: fmt.Sprintf("%s and %s are both %s in %s", o.describe(), first.describe(), ident, s.language),
		Hint:    "go: {name: …} gives one of them another name",
	}
	if strings.HasSuffix(o.span.File, ".go") {
		d.Hint = "rename one of them in Go; //siogen:event and tags keep names on the wire"
	} else if o.inline || first.inline {
		d.Hint = "declare the inline type under types, with a name"
	}
	if first.span.IsValid() {
		d.Notes = []diag.Note{{Span: first.span, Message: first.what + " is here"}}
	}
	s.r.diags = append(s.r.diags, d)
	return false
}

func (o owner) describe() string {
	if o.generated {
		return "what is generated for " + o.what
	}
	return o.what
}
