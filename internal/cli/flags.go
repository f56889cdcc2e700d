package cli

import (
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/siogen/siogen/internal/config"
)

// outputFlags are the flags of generate and check.
type outputFlags struct {
	goOut, goPackage, tsOut, format string
}

func (f *outputFlags) register(fs *pflag.FlagSet) {
	fs.SortFlags = false
	fs.StringVar(&f.goOut, "go-out", "", "write Go into the folder `DIR`")
	fs.StringVar(&f.goPackage, "go-package", "", "call the Go package `NAME` instead of the schema's name")
	fs.StringVar(&f.tsOut, "ts-out", "", "write TypeScript into `FILE`")
	fs.StringVar(&f.format, "format", string(formatText), "print results and errors as `FORMAT`: text, json or github")
}

// job is one schema and where its output goes. Paths are relative to the
// working directory, or absolute.
type job struct {
	schema string
	// base is the folder that default outputs are in.
	base       string
	golang     *config.Go
	typescript *config.TypeScript
}

// jobs finds out what a command line asks for: of the schemas it names with
// its flags, else of siogen.yaml.
func (a *app) jobs(cmd *cobra.Command, schemas []string, f *outputFlags) ([]job, error) {
	usage := func(text, meant string) error { return &usageError{cmd: cmd, text: text, meant: meant} }
	if err := a.setFormat(f.format, usage); err != nil {
		return nil, err
	}
	outputs := changed(cmd.Flags(), "go-out", "go-package", "ts-out")
	for _, name := range outputs {
		if cmd.Flag(name).Value.String() == "" {
			return nil, usage(fmt.Sprintf("--%s is empty", name), "")
		}
	}
	switch {
	case slices.Contains(schemas, ""):
		return nil, usage("a SCHEMA is empty", "")
	case len(schemas) == 0 && len(outputs) > 0:
		return nil, usage(fmt.Sprintf("--%s needs a SCHEMA; without one, %s says where output goes", outputs[0], config.FileName), "")
	case len(schemas) == 0:
		return a.configured(cmd)
	case len(schemas) > 1 && len(outputs) > 0:
		return nil, usage(fmt.Sprintf("--%s takes one SCHEMA; for several, write a %s", outputs[0], config.FileName), "")
	}
	if f.goPackage != "" && f.goOut == "" && f.tsOut != "" {
		return nil, usage("--go-package needs --go-out: with --ts-out alone no Go is written", "")
	}
	if f.goPackage != "" && (!token.IsIdentifier(f.goPackage) || f.goPackage == "_") {
		return nil, usage(fmt.Sprintf("--go-package: %q is not a Go package name", f.goPackage), "")
	}
	if f.goPackage == "main" {
		return nil, usage("--go-package: package main cannot be imported", "")
	}
	if f.tsOut != "" && !isTypeScript(f.tsOut) {
		return nil, usage(fmt.Sprintf("--ts-out takes a file that ends in .ts, not %q", f.tsOut), "")
	}
	var out []job
	for _, s := range schemas {
		out = append(out, f.job(s))
	}
	return out, nil
}

// job is a schema with the outputs of the flags: all, when no flag names one.
func (f *outputFlags) job(schema string) job {
	j := job{schema: schema, base: "."}
	if f.goOut != "" || f.tsOut == "" {
		j.golang = &config.Go{Out: f.goOut, Package: f.goPackage}
	}
	if f.tsOut != "" || f.goOut == "" {
		j.typescript = &config.TypeScript{Out: f.tsOut}
	}
	return j
}

// configured reads the jobs of the configuration file in force.
func (a *app) configured(cmd *cobra.Command) ([]job, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	path, found := config.Find(dir)
	if !found {
		return nil, &usageError{cmd: cmd, text: fmt.Sprintf(
			"no SCHEMA is named and there is no %s here or in a folder above (%s init writes one)", config.FileName, a.io.Program)}
	}
	// Relative paths read better and are what CI annotations need.
	if rel, err := filepath.Rel(dir, path); err == nil {
		path = rel
	}
	c, diags := config.Load(path)
	if len(diags) > 0 {
		return nil, &diagnosticsError{diags: diags}
	}
	var out []job
	for _, s := range c.Schemas {
		out = append(out, job{schema: s.Path, base: c.Dir, golang: s.Go, typescript: s.TypeScript})
	}
	return out, nil
}

func changed(fs *pflag.FlagSet, names ...string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return !fs.Changed(name) })
}

func isTypeScript(name string) bool {
	switch filepath.Ext(name) {
	case ".ts", ".mts", ".cts":
		return true
	}
	return false
}

// generateLine is the command line that generates what this one is about.
func (a *app) generateLine(cmd *cobra.Command, schemas []string) string {
	words := []string{a.io.Program, "generate"}
	for _, s := range schemas {
		words = append(words, shellWord(s))
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != "format" {
			words = append(words, "--"+f.Name, shellWord(f.Value.String()))
		}
	})
	return strings.Join(words, " ")
}

// shellWord quotes a word for a POSIX shell where it needs that.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._/-+=:,@%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
