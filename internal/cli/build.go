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
	"github.com/siogen/siogen/schema/yamlschema"
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
	s, diags := yamlschema.Load(j.schema, yamlschema.Options{})
	if diag.HasErrors(diags) {
		return outputs{}, diags, nil
	}
	var (
		o    generator.Options
		name = s.Package
	)
	if j.golang != nil {
		if j.golang.Package != "" {
			name = j.golang.Package
		}
		o.Go = &generator.GoOptions{Package: name}
	}
	goOut, tsOut := filepath.Join(j.base, "gen", name), filepath.Join(j.base, "gen", name, name+".ts")
	if j.golang != nil && j.golang.Out != "" {
		goOut = j.golang.Out
	}
	if ts := j.typescript; ts != nil {
		if ts.Out != "" {
			tsOut = ts.Out
		}
		o.TypeScript = &generator.TypeScriptOptions{File: filepath.Base(tsOut), Bytes: ts.Bytes}
		if ts.Templates != "" {
			if err := isFolder(ts.Templates); err != nil {
				return outputs{}, diags, err
			}
			o.TypeScript.Templates = os.DirFS(ts.Templates)
		}
	}
	files, err := generator.Generate(ctx, s, o)
	var wrong *generator.Error
	if errors.As(err, &wrong) {
		return outputs{}, append(diags, wrong.Diagnostics...), nil
	}
	if err != nil {
		return outputs{}, diags, fmt.Errorf("%s: %w", j.schema, err)
	}
	var out outputs
	for _, f := range files {
		dir := goOut
		if f.Kind == generator.TypeScript {
			dir = filepath.Dir(tsOut)
		}
		out.files = append(out.files, output.File{Path: filepath.Join(dir, filepath.FromSlash(f.Path)), Content: f.Content})
	}
	if j.golang != nil {
		out.folders = append(out.folders, output.Folder{Path: goOut, Owns: func(file string, content []byte) bool {
			return generator.IsGoOutput(file, content, name)
		}})
	}
	return out, diags, nil
}

func isFolder(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return nil
	}
	return &output.PlaceError{Path: path, Reason: "is not a folder"}
}
