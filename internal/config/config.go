// Package config reads siogen.yaml, which lists the schemas of a project and
// where their output goes.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/siogen/siogen/schema/diag"
)

// FileName is the name of the configuration file.
const FileName = "siogen.yaml"

// maxFileSize bounds a configuration file, in bytes.
const maxFileSize = 1 << 20

// Config is a configuration file. Its paths are joined with the folder that
// the file is in.
type Config struct {
	Path    string // of the file
	Dir     string // that the file is in
	Schemas []Schema
}

// Schema is one schema and its outputs. At least one output is set.
type Schema struct {
	Path       string
	Go         *Go
	TypeScript *TypeScript
}

// Go is a folder of generated Go.
type Go struct {
	Out     string // folder; empty: the default
	Package string // empty: the schema's
}

// TypeScript is a file of generated TypeScript.
type TypeScript struct {
	Out       string // file; empty: the default
	Bytes     string // node, browser or empty
	Templates string // folder of the user's templates, or empty
}

// Find returns the path of the configuration file that is in force in a
// folder: its own, else that of the nearest folder around it, up to the root of
// the repository (a folder with .git).
func Find(dir string) (path string, found bool) {
	for {
		path = filepath.Join(dir, FileName)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, true
		}
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return "", false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// Load reads the configuration file at path, which is kept as it is in the
// diagnostics and in the paths of the Config. With diagnostics the Config is
// nil.
func Load(path string) (*Config, []diag.Diagnostic) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, []diag.Diagnostic{unreadable(path, err)}
	}
	raw, diags := parse(filepath.ToSlash(path), text)
	if len(diags) > 0 {
		diag.Sort(diags)
		return nil, diags
	}
	return resolve(path, raw), nil
}

func unreadable(path string, err error) diag.Diagnostic {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return diag.Diagnostic{
		Code:    diag.CodeUnreadable,
		Span:    diag.Span{File: filepath.ToSlash(path)},
		Message: fmt.Sprintf("cannot read %s: %v", filepath.ToSlash(path), err),
	}
}

// resolve joins the paths of a file with the folder that it is in.
func resolve(path string, f file) *Config {
	c := &Config{Path: path, Dir: filepath.Dir(path)}
	join := func(name string) string {
		if name == "" || filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(c.Dir, filepath.FromSlash(name))
	}
	for _, e := range f.Schemas {
		s := Schema{Path: join(e.Schema)}
		if e.hasGo || !e.hasTypeScript {
			s.Go = &Go{Out: join(e.Go.Out), Package: e.Go.Package}
		}
		if e.hasTypeScript || !e.hasGo {
			s.TypeScript = &TypeScript{
				Out: join(e.TypeScript.Out), Bytes: e.TypeScript.Bytes, Templates: join(e.TypeScript.Templates),
			}
		}
		c.Schemas = append(c.Schemas, s)
	}
	return c
}
