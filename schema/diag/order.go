package diag

import (
	"cmp"
	"slices"
)

// Sort orders diagnostics by file and position, then by code and message.
func Sort(ds []Diagnostic) {
	slices.SortStableFunc(ds, compare)
}

func compare(a, b Diagnostic) int {
	return cmp.Or(
		cmp.Compare(a.Span.File, b.Span.File),
		cmp.Compare(a.Span.Line, b.Span.Line),
		cmp.Compare(a.Span.Col, b.Span.Col),
		cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.Message, b.Message),
	)
}

// Compact drops diagnostics that say the same of the same place as the one
// before, such as those of a YAML anchor that is used several times. The
// diagnostics must be sorted; the slice is changed in place.
func Compact(ds []Diagnostic) []Diagnostic {
	return slices.CompactFunc(ds, func(a, b Diagnostic) bool { return compare(a, b) == 0 })
}

// HasErrors reports whether one of the diagnostics is an error.
func HasErrors(ds []Diagnostic) bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Error })
}
