// Package templates holds the text templates that generated TypeScript is made
// from. A user's own folder can replace or extend them, see
// docs/typescript.md.
package templates

import (
	"embed"
	"io/fs"
)

//go:embed typescript/*.tmpl
var files embed.FS

// TypeScript returns the built-in templates for TypeScript: files named
// *.tmpl, in text/template's language, at the root of the file system.
func TypeScript() fs.FS {
	sub, err := fs.Sub(files, "typescript")
	if err != nil {
		// The embed directive above guarantees the folder; fs.Sub only fails
		// for a malformed path.
		return files
	}
	return sub
}
