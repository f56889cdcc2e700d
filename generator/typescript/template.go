package typescript

import (
	"fmt"
	"io/fs"
	"text/template"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/templates"
)

// TemplateError is a template of the user's that does not parse or execute; Err is
// what text/template says.
type TemplateError struct{ Err error }

// Error implements error; text/template's message names the file and line.
func (e *TemplateError) Error() string { return "typescript: " + e.Err.Error() }

// Unwrap returns text/template's error.
func (e *TemplateError) Unwrap() error { return e.Err }

// parseTemplates reads the built-in templates and then the user's, which may
// define any of them anew.
func parseTemplates(user fs.FS) (*template.Template, error) {
	tmpl := template.New("siogen").Funcs(template.FuncMap{
		"comment": comment,
		"quote":   naming.TSString,
		"prop":    naming.TSProp,
	})
	tmpl, err := tmpl.ParseFS(templates.TypeScript(), "*.tmpl")
	if err != nil {
		return nil, &TemplateError{Err: err}
	}
	if user == nil {
		return tmpl, nil
	}
	names, err := fs.Glob(user, "*.tmpl")
	if err != nil {
		return nil, &TemplateError{Err: err}
	}
	for _, name := range names {
		text, err := fs.ReadFile(user, name)
		if err != nil {
			return nil, &TemplateError{Err: fmt.Errorf("reading the template %s: %w", name, err)}
		}
		if _, err := tmpl.New(name).Parse(string(text)); err != nil {
			return nil, &TemplateError{Err: err}
		}
	}
	return tmpl, nil
}
