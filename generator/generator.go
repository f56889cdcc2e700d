// Package generator turns a schema into the files of its Go package and its
// TypeScript module. It is pure: it reads and writes no files, and the same
// schema and options give the same bytes.
package generator

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/siogen/siogen/generator/golang"
	"github.com/siogen/siogen/generator/typescript"
	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// goSuffix ends the names of all generated Go files. It keeps them apart from
// files that people write into the same folder, and tells which of the files of
// an earlier run are left over.
const goSuffix = ".siogen.go"

// Kind is the language of a generated file.
type Kind uint8

// The kinds.
const (
	Go Kind = iota + 1
	TypeScript
)

// File is a generated file.
type File struct {
	Kind Kind // the language
	// Path is relative to the output folder of the file's kind, with forward
	// slashes.
	Path    string
	Content []byte // the whole file
}

// Options say what to generate.
type Options struct {
	Go         *GoOptions         // nil: no Go
	TypeScript *TypeScriptOptions // nil: no TypeScript
}

// GoOptions are the options of generated Go.
type GoOptions struct {
	Package string // empty: the schema's
}

// TypeScriptOptions are the options of generated TypeScript.
type TypeScriptOptions struct {
	File      string // name of the file; empty: the schema's package with .ts
	Bytes     string // typescript.BytesNode or BytesBrowser; empty: BytesNode
	Templates fs.FS  // the user's own templates, or nil
}

// Error reports that the schema cannot be generated from.
type Error struct {
	Diagnostics []diag.Diagnostic // at least one; sorted
}

// Error implements error.
func (e *Error) Error() string {
	first := e.Diagnostics[0]
	text := fmt.Sprintf("%s: %s", first.Code, first.Message)
	if n := len(e.Diagnostics) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more)", n)
	}
	return text
}

// Generate returns the generated files, those of Go first. The schema must be
// one that a loader gave without errors. It fails with an *Error when
// identifiers clash, a *typescript.BytesError or *typescript.TemplateError for
// wrong options, and the context's error when that ends.
func Generate(ctx context.Context, s *schema.Schema, o Options) ([]File, error) {
	names, diags := naming.Resolve(s)
	if diag.HasErrors(diags) {
		diag.Sort(diags)
		return nil, &Error{Diagnostics: diags}
	}
	var out []File
	if o.Go != nil {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		files, err := golang.Generate(s, names, golang.Options{Package: orDefault(o.Go.Package, s.Package)})
		if err != nil {
			return nil, fmt.Errorf("generating Go: %w", err)
		}
		for _, f := range files {
			out = append(out, File{Kind: Go, Path: strings.TrimSuffix(f.Name, ".go") + goSuffix, Content: f.Content})
		}
	}
	if o.TypeScript != nil {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		content, err := typescript.Generate(s, names, typescript.Options{
			Bytes: o.TypeScript.Bytes, Templates: o.TypeScript.Templates,
		})
		if err != nil {
			return nil, fmt.Errorf("generating TypeScript: %w", err)
		}
		out = append(out, File{Kind: TypeScript, Path: orDefault(o.TypeScript.File, s.Package+".ts"), Content: content})
	}
	return out, nil
}

// IsGoName reports whether a generated Go file may have a name.
func IsGoName(name string) bool { return strings.HasSuffix(name, goSuffix) }

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}
