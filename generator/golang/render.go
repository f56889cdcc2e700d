package golang

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/dave/jennifer/jen"
)

// source is a file before it is rendered.
type source struct {
	name  string
	doc   string // of the package, in the one file that has it
	parts []part
}

// part adds some of a file's declarations. Parts are built, rendered and formatted
// apart from each other and side by side: formatting takes most of the time of a
// run, and more than its share in a large file.
type part func(f *jen.File)

// partSize is how many declarations of a kind go into one part.
const partSize = 32

// partsOf divides items into parts.
func partsOf[T any](items []T, add func(f *jen.File, item T)) []part {
	var parts []part
	for chunk := range slices.Chunk(items, partSize) {
		parts = append(parts, func(f *jen.File) {
			for _, item := range chunk {
				add(f, item)
			}
		})
	}
	return parts
}

// rendered is a part's text: formatted declarations, and the imports that they
// need as lines of an import block.
type rendered struct {
	imports []string
	body    []byte
	err     error
}

// render renders all parts of all files on all processors.
func (g *generator) render(sources []source) ([]File, error) {
	out := make([][]rendered, len(sources))
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, src := range sources {
		out[i] = make([]rendered, len(src.parts))
		for j, p := range src.parts {
			limit <- struct{}{}
			wg.Go(func() {
				out[i][j] = g.renderPart(p)
				<-limit
			})
		}
	}
	wg.Wait()
	files := make([]File, len(sources))
	for i, src := range sources {
		content, err := g.join(src, out[i])
		if err != nil {
			return nil, fmt.Errorf("rendering %s: %w", src.name, err)
		}
		files[i] = File{Name: src.name, Content: content}
	}
	return files, nil
}

func (g *generator) renderPart(p part) (r rendered) {
	f := jen.NewFile(g.pkg)
	for importPath, name := range g.imports {
		if isStandard(importPath) && path.Base(importPath) == name {
			f.ImportName(importPath, name)
		} else {
			f.ImportAlias(importPath, name)
		}
	}
	f.ImportName(runtimePath, "runtime")
	f.ImportName(codecPath, "codec")
	p(f)
	var buf bytes.Buffer
	if err := f.Render(&buf); err != nil {
		return rendered{err: err}
	}
	_, text, _ := strings.Cut(buf.String(), "\n") // the package clause
	text = strings.TrimLeft(text, "\n")
	switch {
	case strings.HasPrefix(text, "import ("):
		block, body, _ := strings.Cut(strings.TrimPrefix(text, "import (\n"), "\n)\n")
		r.imports, text = strings.Split(block, "\n"), body
	case strings.HasPrefix(text, "import "):
		line, body, _ := strings.Cut(strings.TrimPrefix(text, "import "), "\n")
		r.imports, text = []string{"\t" + line}, body
	}
	r.body = []byte(strings.Trim(text, "\n"))
	return r
}

// join makes a file of its parts.
func (g *generator) join(src source, parts []rendered) ([]byte, error) {
	imports := make(map[string]bool)
	for _, p := range parts {
		if p.err != nil {
			return nil, p.err
		}
		for _, line := range p.imports {
			imports[line] = true
		}
	}
	var buf bytes.Buffer
	buf.WriteString(Header + "\n\n")
	if src.doc != "" {
		buf.WriteString(lineComments(src.doc) + "\n")
	}
	buf.WriteString("package " + g.pkg + "\n")
	writeImports(&buf, slices.Collect(maps.Keys(imports)))
	for _, p := range parts {
		if len(p.body) > 0 {
			buf.WriteString("\n")
			buf.Write(p.body)
			buf.WriteString("\n")
		}
	}
	return buf.Bytes(), nil
}

// writeImports writes an import declaration, Go's own library first.
func writeImports(buf *bytes.Buffer, lines []string) {
	importPath := func(line string) string { return strings.Split(line, `"`)[1] }
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(importPath(a), importPath(b)) })
	var std, other []string
	for _, line := range lines {
		if isStandard(importPath(line)) {
			std = append(std, line)
		} else {
			other = append(other, line)
		}
	}
	switch {
	case len(lines) == 0:
	case len(lines) == 1:
		buf.WriteString("\nimport " + strings.TrimSpace(lines[0]) + "\n")
	default:
		if len(std) > 0 && len(other) > 0 {
			std = append(std, "")
		}
		buf.WriteString("\nimport (\n" + strings.Join(append(std, other...), "\n") + "\n)\n")
	}
}

// isStandard reports whether a package belongs to Go's library: no host name in
// front.
func isStandard(importPath string) bool {
	host, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(host, ".")
}
