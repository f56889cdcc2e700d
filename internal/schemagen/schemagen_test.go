package schemagen_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/format"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/siogen/siogen/generator"
	"github.com/siogen/siogen/internal/schemagen"
	"github.com/siogen/siogen/internal/testjs"
	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/yamlschema"
)

// seeds is how many schemas the test compiles, linted how many of them
// staticcheck sees, which is slow. Any seed must do: SIOGEN_SEEDS=from-to tries
// others, with staticcheck for all of them.
const seeds, linted = 40, 8

// Whatever the language allows compiles: in Go under vet and staticcheck,
// formatted as gofmt does, and in TypeScript under strict, put into the types
// of the official packages.
func TestWhatGeneratesCompiles(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for many seconds")
	}
	root := testjs.Root(t)
	dir := newModule(t, root)
	generated := 0
	from, to, lint := seedRange(t)
	staticcheck := []string{"tool", "staticcheck"}
	for seed := from; seed <= to; seed++ {
		if !writeGenerated(t, dir, seed) {
			continue
		}
		if generated++; generated <= lint {
			staticcheck = append(staticcheck, fmt.Sprintf("./seed%d/...", seed))
		}
	}
	if total := int(to - from + 1); generated < total*2/3 {
		t.Errorf("only %d of %d schemas have names that do not clash", generated, total)
	}
	t.Run("Go", func(t *testing.T) {
		t.Parallel()
		run(t, dir, "go", "vet", "./...")
		run(t, dir, "go", staticcheck...)
	})
	t.Run("TypeScript", func(t *testing.T) {
		t.Parallel()
		compileTypeScript(t, root, dir)
	})
}

func seedRange(t *testing.T) (from, to uint64, lint int) {
	t.Helper()
	other := os.Getenv("SIOGEN_SEEDS")
	if other == "" {
		return 1, seeds, linted
	}
	if _, err := fmt.Sscanf(other, "%d-%d", &from, &to); err != nil {
		t.Fatalf("SIOGEN_SEEDS=%q: %v", other, err)
	}
	return from, to, math.MaxInt
}

// newModule makes a folder with a module that uses siogen as it is here.
func newModule(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), text)
	}
	run(t, dir, "go", "mod", "edit", "-module=example.com/random",
		"-require=github.com/siogen/siogen@v0.0.0", "-replace=github.com/siogen/siogen="+root)
	return dir
}

// writeGenerated generates from the schema of a seed; false when its names
// clash.
func writeGenerated(t *testing.T, dir string, seed uint64) bool {
	t.Helper()
	text := schemagen.Random(seed)
	s, files, err := generate(text)
	var clash *generator.Error
	if errors.As(err, &clash) && onlyClashes(clash.Diagnostics) {
		return false
	}
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
		return false
	}
	folder := filepath.Join(dir, fmt.Sprintf("seed%d", seed), s.Package)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "events.yaml"), []byte(text))
	for _, f := range files {
		write(t, filepath.Join(folder, f.Path), f.Content)
		if f.Kind != generator.Go {
			continue
		}
		if formatted, err := format.Source(f.Content); err != nil || !bytes.Equal(formatted, f.Content) {
			t.Errorf("seed %d: %s is not as gofmt writes it (%v)", seed, f.Path, err)
		}
	}
	write(t, filepath.Join(folder, "use.ts"), []byte(useOf(s)))
	return true
}

func generate(text string) (*schema.Schema, []generator.File, error) {
	s, diags := yamlschema.Load("events.yaml", yamlschema.Options{
		ReadFile: func(string) ([]byte, error) { return []byte(text), nil },
	})
	if onlyClashes(diags) {
		return nil, nil, &generator.Error{Diagnostics: diags}
	}
	if diag.HasErrors(diags) {
		var b strings.Builder
		if err := diag.Text(&b, diags, func(string) []byte { return []byte(text) }, false); err != nil {
			return nil, nil, err
		}
		return nil, nil, errors.New(b.String())
	}
	files, err := generator.Generate(context.Background(), s, generator.Options{
		Go: &generator.GoOptions{}, TypeScript: &generator.TypeScriptOptions{File: "events.ts"},
	})
	return s, files, err
}

// onlyClashes reports whether a schema is refused for nothing but that two of
// its names become one.
func onlyClashes(diags []diag.Diagnostic) bool {
	for _, d := range diags {
		switch d.Code {
		case diag.CodeGoCollision, diag.CodeTSCollision, diag.CodeDuplicateType:
		default:
			return false
		}
	}
	return len(diags) > 0
}

// useOf is TypeScript that puts the interfaces of the namespace / into the
// types of the official client and server.
func useOf(s *schema.Schema) string {
	return `import type { Socket } from "socket.io-client";
import type { Server } from "socket.io";
import type { ClientToServerEvents, ServerToClientEvents } from "./events.js";
export type Client = Socket<ServerToClientEvents, ClientToServerEvents>;
export type Node = Server<ClientToServerEvents, ServerToClientEvents>;
export const client = (c: Client): string | undefined => c.id;
export const server = async (s: Node): Promise<void> => s.close();
`
}

func compileTypeScript(t *testing.T, root, dir string) {
	t.Helper()
	// What the generated files import is looked for next to them.
	if err := os.Symlink(testjs.Modules(t), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "package.json"), []byte(`{"type": "module"}`))
	config := filepath.Join(dir, "tsconfig.json")
	write(t, config, fmt.Appendf(nil, `{"extends": %q, "compilerOptions": {"typeRoots": ["node_modules/@types"]}, "include": ["**/*.ts"]}`,
		filepath.Join(root, "test", "ts", "tsconfig.node16.json")))
	if out, code := testjs.Tsc(t, testjs.TypeScript, "-p", config); code != 0 {
		t.Errorf("tsc exits with %d:\n%s", code, out)
	}
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
}
