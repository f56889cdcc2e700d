// Package diag holds diagnostics as data: what is wrong with a schema, where,
// and how to mend it. Rendering (text with a caret, JSON, CI annotations) is
// separate from producing them.
package diag

// Span is a region of a source file. Lines and columns count from 1; columns
// count Unicode code points. End is exclusive; a zero EndCol means "one
// position". The zero Span means "no place in a file".
type Span struct {
	File    string // as the user named it, with forward slashes
	Line    int    // from 1
	Col     int    // of the first character, from 1
	EndLine int    // of the end, where it is known
	EndCol  int
}

// IsValid reports whether the span points into a file.
func (s Span) IsValid() bool { return s.File != "" }

// Severity tells an error, which stops generation, from a warning.
type Severity uint8

// The severities.
const (
	Error Severity = iota
	Warning
)

// Note is a further place that belongs to a diagnostic, such as the other
// half of a collision.
type Note struct {
	Span    Span   // where
	Message string // what there is to see
}

// Diagnostic is one problem.
type Diagnostic struct {
	Code     string   // stable, "SIO" and three digits; docs/diagnostics.md is the catalogue
	Severity Severity // with an Error nothing is generated
	Span     Span     // where; the zero Span: nowhere in particular
	Message  string   // what is wrong, one sentence
	Hint     string   // a way out, or empty
	Notes    []Note   // other places that have to do with it
}
