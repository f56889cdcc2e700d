package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/siogen/siogen/generator"
	"github.com/siogen/siogen/internal/output"
	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/goschema"
)

// plan loads the schemas, generates from all of them and compares the result
// with the disk. It prints warnings; errors of all schemas come back at once.
func (a *app) plan(ctx context.Context, jobs []job) (*output.Plan, error) {
	var (
		files   []output.File
		folders []output.Folder
		diags   []diag.Diagnostic
	)
	for _, j := range jobs {
		out, found, err := j.run(ctx)
		if err != nil {
			return nil, err
		}
		diags = append(diags, found...)
		files, folders = append(files, out.files...), append(folders, out.folders...)
	}
	diag.Sort(diags)
	diags = diag.Compact(diags) // schemas may share an import
	if diag.HasErrors(diags) {
		return nil, &diagnosticsError{diags: diags}
	}
	a.diagnostics(diags)
	return output.NewPlan(files, folders)
}

// outputs are the files of one job.
type outputs struct {
	files   []output.File
	folders []output.Folder
}

func (j job) run(ctx context.Context) (outputs, []diag.Diagnostic, error) {
	inGo := goschema.Options{NoGo: j.golang == nil}
	if j.golang != nil {
		inGo.GoOut = j.golang.Out
	}
	s, diags, err := load(ctx, j.schema, inGo)
	if err != nil {
		return outputs{}, nil, err
	}
	if diag.HasErrors(diags) {
		return outputs{}, diags, nil
	}
	p := j.places(j.packageName(s))
	o, err := j.options(p)
	if err != nil {
		return outputs{}, diags, err
	}
	files, err := generator.Generate(ctx, s, o)
	var wrong *generator.Error
	if errors.As(err, &wrong) {
		return outputs{}, append(diags, wrong.Diagnostics...), nil
	}
	if err != nil {
		return outputs{}, diags, fmt.Errorf("%s: %w", j.schema, err)
	}
	return j.outputs(p, files), diags, nil
}

// places is where a job's output goes.
type places struct {
	pkg   string // the Go package, also of default places
	goDir string
	ts    string
}

func (j job) places(pkg string) places {
	if j.golang != nil && j.golang.Package != "" {
		pkg = j.golang.Package
	}
	dir := filepath.Join(j.base, "gen", pkg)
	p := places{pkg: pkg, goDir: dir, ts: filepath.Join(dir, pkg+".ts")}
	if j.golang != nil && j.golang.Out != "" {
		p.goDir = j.golang.Out
	}
	if j.typescript != nil && j.typescript.Out != "" {
		p.ts = j.typescript.Out
	}
	return p
}

func (j job) options(p places) (generator.Options, error) {
	var o generator.Options
	if j.golang != nil {
		o.Go = &generator.GoOptions{Package: p.pkg}
	}
	if ts := j.typescript; ts != nil {
		o.TypeScript = &generator.TypeScriptOptions{File: filepath.Base(p.ts), Bytes: ts.Bytes}
		if ts.Templates != "" {
			if err := isFolder(ts.Templates); err != nil {
				return o, err
			}
			o.TypeScript.Templates = os.DirFS(ts.Templates)
		}
	}
	return o, nil
}

func (j job) outputs(p places, files []generator.File) outputs {
	var out outputs
	for _, f := range files {
		dir := p.goDir
		if f.Kind == generator.TypeScript {
			dir = filepath.Dir(p.ts)
		}
		out.files = append(out.files, output.File{Path: filepath.Join(dir, filepath.FromSlash(f.Path)), Content: f.Content})
	}
	if j.golang != nil {
		// Whatever package it is of: a folder holds one, and the schema's may have
		// another name now.
		out.folders = append(out.folders, output.Folder{Path: p.goDir, Owns: generator.IsGoName})
	}
	return out
}

func isFolder(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return nil
	}
	return &output.PlaceError{Path: path, Reason: "is not a folder"}
}
