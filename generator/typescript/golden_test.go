package typescript_test

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/generator/typescript"
	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/internal/testjs"
	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/yamlschema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// goldenFiles are the outputs of a case folder, by the option that they are
// generated with. A case has the browser's only where it matters.
var goldenFiles = map[string]string{
	"events.ts":         typescript.BytesNode,
	"events.browser.ts": typescript.BytesBrowser,
}

func TestGolden(t *testing.T) {
	for _, dir := range goldenCases(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			s, names := load(t, filepath.Join(dir, "events.yaml"))
			for name, platform := range goldenFiles {
				path := filepath.Join(dir, name)
				if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && platform == typescript.BytesBrowser {
					continue
				}
				compareGolden(t, path, generate(t, s, names, typescript.Options{Bytes: platform}))
			}
		})
	}
}

func compareGolden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test ./generator/typescript -update writes it)", err)
	}
	want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// TestCompile runs tsc over every golden file, and over test/ts with its typed
// uses and its misuses, which must be errors (@ts-expect-error).
func TestCompile(t *testing.T) {
	root := testjs.Root(t)
	node := []string{"test/ts/node/*.ts", "testdata/golden/*/events.ts"}
	browser := []string{"test/ts/browser/*.ts", "testdata/golden/*/events.browser.ts"}
	programs := []struct {
		config   string
		compiler testjs.Compiler
		sources  []string // patterns of files that must be part of the program
	}{
		{"tsconfig.node16.json", testjs.TypeScript, node},
		{"tsconfig.node16.json", testjs.TypeScript5, node},
		{"tsconfig.bundler.json", testjs.TypeScript, node},
		{"tsconfig.commonjs.json", testjs.TypeScript, node},
		{"tsconfig.browser.json", testjs.TypeScript, browser},
	}
	// "go test" remembers a result while the files that the test itself looked
	// at stay as they are; it does not see what tsc reads.
	if _, err := filepath.Glob(filepath.Join(root, "test/ts/*.json")); err != nil {
		t.Fatal(err)
	}
	for _, p := range programs {
		t.Run(p.config+"/"+string(p.compiler), func(t *testing.T) {
			out, code := testjs.Tsc(t, p.compiler, "--listFiles", "-p", "test/ts/"+p.config)
			if code != 0 {
				t.Errorf("tsc exits with %d:\n%s", code, diagnosticsOf(out))
			}
			for _, pattern := range p.sources {
				files, err := filepath.Glob(filepath.Join(root, pattern))
				if err != nil || len(files) == 0 {
					t.Errorf("no files match %s (%v)", pattern, err)
				}
				for _, file := range files {
					if !strings.Contains(out, filepath.ToSlash(file)) {
						t.Errorf("%s is not compiled", file)
					}
				}
			}
		})
	}
}

// diagnosticsOf drops the list of files from tsc's output.
func diagnosticsOf(out string) string {
	var b strings.Builder
	for line := range strings.Lines(out) {
		if strings.Contains(line, "error TS") || strings.HasPrefix(line, " ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func goldenCases(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testjs.Root(t), "testdata", "golden", "*", "events.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no golden cases")
	}
	dirs := make([]string, len(files))
	for i, file := range files {
		dirs[i] = filepath.Dir(file)
	}
	return dirs
}

func load(t *testing.T, path string) (*schema.Schema, *naming.Names) {
	t.Helper()
	s, diags := yamlschema.Load(path, yamlschema.Options{})
	if len(diags) > 0 {
		t.Fatalf("loading %s: %+v", path, diags)
	}
	names, diags := naming.Resolve(s)
	if len(diags) > 0 {
		t.Fatalf("naming %s: %+v", path, diags)
	}
	return s, names
}

func generate(t *testing.T, s *schema.Schema, names *naming.Names, o typescript.Options) []byte {
	t.Helper()
	content, err := typescript.Generate(s, names, o)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
