// Package yamlschema reads a contract from a YAML file into the intermediate
// representation of package schema. docs/schema.md describes the language.
package yamlschema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// Options are the settings of Load; the zero value is fine.
type Options struct {
	// ReadFile reads a schema file; nil means from disk, no more than a schema
	// file may have. Imported files are named relative to the path given to Load,
	// with forward slashes.
	ReadFile func(name string) ([]byte, error)
}

// Load reads the schema file and what it imports, and validates the whole. The
// diagnostics are all problems of all files, sorted and without duplicates.
//
// Where one of them is an error the schema is incomplete, with unresolved
// references and missing bodies, or nil: it may be looked at, but nothing may
// be generated from it. Load is safe for concurrent use.
func Load(name string, o Options) (*schema.Schema, []diag.Diagnostic) {
	l := &loader{
		readFile: o.ReadFile,
		identity: path.Clean,
		out:      &schema.Schema{},
		files:    map[string]*file{},
		declared: map[string]*schema.Decl{},
	}
	if l.readFile == nil {
		l.readFile, l.identity = readFile, onDisk
	}
	s := l.load(filepath.ToSlash(name))
	diag.Sort(l.diags)
	return s, diag.Compact(l.diags)
}

// loader is the state of one Load.
type loader struct {
	readFile func(name string) ([]byte, error)
	// identity is the same for all names of a file: common.yaml and, in the
	// folder api, ../api/common.yaml.
	identity func(name string) string
	diags    []diag.Diagnostic
	out      *schema.Schema
	files    map[string]*file // by identity
	order    []*file          // imported files first
	declared map[string]*schema.Decl
	refs     []*schema.Ref
}

// file is a schema file that could be parsed.
type file struct {
	reader
	root    object
	loading bool // its imports are being loaded
}

func (l *loader) report(d diag.Diagnostic) { l.diags = append(l.diags, d) }

func (l *loader) load(name string) *schema.Schema {
	root := l.openFile(name, nil)
	if root == nil {
		return nil
	}
	for _, f := range l.order {
		f.declareTypes()
	}
	for _, f := range l.order {
		f.readTypes()
	}
	root.readContract()
	l.resolve()
	l.diags = append(l.diags, schema.Validate(l.out)...)
	return l.out
}

// importing is an import statement that led to a file.
type importing struct {
	from *importing
	span diag.Span
	name string // of the file that it names
	file string // its identity
}

// readFile reads one byte more than a schema file may have, at most.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFileSize+1))
}

// onDisk is the identity of a file on disk.
func onDisk(name string) string {
	abs, err := filepath.Abs(filepath.FromSlash(name))
	if err != nil {
		return path.Clean(name) // there is no working directory to be relative to
	}
	return abs
}

// openFile loads a file and then its imports. It returns nil when the file cannot
// be used at all.
func (l *loader) openFile(name string, via *importing) *file {
	id := l.identity(name)
	if f, ok := l.files[id]; ok {
		if f != nil && f.loading {
			l.importCycle(id, via)
		}
		return f
	}
	if len(l.files) >= maxFiles {
		l.report(diag.Diagnostic{Code: diag.CodeTooLarge, Span: via.span, Message: fmt.Sprintf("more than %d files are imported", maxFiles)})
		return nil
	}
	l.files[id] = nil
	f := l.read(name, via)
	if f == nil {
		return nil
	}
	l.files[id] = f
	f.loading = true
	if imports, ok := f.root.get("imports"); ok {
		f.readImports(imports, path.Clean(name), via)
	}
	f.loading = false
	l.order = append(l.order, f)
	return f
}

// read parses a file as far as its top-level keys.
func (l *loader) read(name string, via *importing) *file {
	text, err := l.readFile(name)
	if err != nil {
		l.unreadable(name, via, err)
		return nil
	}
	f := &file{reader: reader{loader: l, src: newSource(name, bytes.TrimPrefix(text, []byte("\uFEFF")))}}
	node := l.parse(f.src)
	if node == nil {
		return nil
	}
	root, ok := f.object(node, rootLevel(), "a schema", `a schema starts with "package: name"`, f.unknownDirection)
	if !ok {
		return nil
	}
	f.root = root
	return f
}

func (l *loader) unreadable(name string, via *importing, err error) {
	reason := err.Error()
	if errors.Is(err, fs.ErrNotExist) {
		reason = "there is no such file"
	} else if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		reason = pathError.Err.Error()
	}
	d := diag.Diagnostic{Code: diag.CodeUnreadable, Span: diag.Span{File: name}, Message: fmt.Sprintf("cannot read %s: %s", name, reason)}
	if via != nil {
		d.Span = via.span
		d.Hint = "imports are relative to the file that they stand in"
	}
	l.report(d)
}

func (f *file) readImports(e entry, clean string, via *importing) {
	list := deref(e.value)
	if isNull(list) {
		return
	}
	if list.Kind != yaml.SequenceNode {
		f.errorf(diag.CodeWrongShape, f.valueSpan(e), "write imports: [common.yaml]", "imports must be a list of files, not %s", describe(list))
		return
	}
	for _, item := range list.Content {
		item = deref(item)
		if item.Kind != yaml.ScalarNode || isNull(item) || item.Value == "" {
			what := describe(item)
			if item.Kind == yaml.ScalarNode && item.Value == "" {
				what = "nothing"
			}
			f.errorf(diag.CodeWrongShape, f.span(item), "", "an import must be the name of a file, not %s", what)
			continue
		}
		name := filepath.ToSlash(item.Value)
		if !path.IsAbs(name) && !filepath.IsAbs(name) {
			name = path.Join(path.Dir(clean), name)
		}
		f.openFile(name, &importing{from: via, span: f.span(item), name: path.Clean(name), file: f.loader.identity(name)})
	}
}

// importCycle reports the import that closes a circle, with the way around.
func (l *loader) importCycle(id string, last *importing) {
	chain := []*importing{last}
	for i := last.from; i != nil && chain[len(chain)-1].from != nil; i = i.from {
		if i.file == id {
			break
		}
		chain = append(chain, i)
	}
	slices.Reverse(chain)
	names := []string{last.name}
	d := diag.Diagnostic{Code: diag.CodeImportCycle, Span: last.span, Hint: "move what both need to a third file"}
	for i, step := range chain {
		names = append(names, step.name)
		if i < len(chain)-1 {
			d.Notes = append(d.Notes, diag.Note{Span: step.span, Message: fmt.Sprintf("%s imports %s", step.span.File, step.name)})
		}
	}
	d.Message = "these files import each other: " + strings.Join(names, " → ")
	l.report(d)
}

// unknownDirection recognises a key that was meant to be a direction.
func (r *reader) unknownDirection(e entry) bool {
	folded := strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(e.key))
	var names []string
	for _, k := range directionKeys() {
		names = append(names, k.name)
	}
	hint := "the directions are ServerToClient, ClientToServer and ServerToServer"
	near := diag.Nearest(e.key, names)
	if strings.Contains(folded, "interserver") {
		near = "ServerToServer"
	}
	for _, name := range names {
		if strings.HasPrefix(folded, strings.ToLower(name)) {
			near = name
		}
	}
	if near == "" && !strings.Contains(folded, "toserver") && !strings.Contains(folded, "toclient") && folded != "events" {
		return false
	}
	if near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	r.errorf(diag.CodeUnknownDirection, e.span, hint, "unknown direction %q", e.key)
	return true
}
