package generator_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/generator"
	"github.com/siogen/siogen/internal/convert"
	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/goschema"
	"github.com/siogen/siogen/schema/yamlschema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func loadGo(t *testing.T, pattern, goOut string) *schema.Schema {
	t.Helper()
	s, diags, err := goschema.Load(t.Context(), pattern, goschema.Options{Dir: "..", GoOut: goOut})
	if err != nil {
		t.Fatal(err)
	}
	if len(diags) > 0 {
		t.Fatalf("%+v", diags)
	}
	return s
}

// TestGoldenOfGoContracts generates from the Go package of every case, into its
// folder gen, or into the package itself where there is no such folder. Package
// goldentest compiles and drives what is generated.
func TestGoldenOfGoContracts(t *testing.T) {
	cases, err := filepath.Glob("../testdata/goschema/*/golden.yaml")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, golden := range cases {
		dir := filepath.Dir(golden)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			pattern, pkg := "./testdata/goschema/"+filepath.Base(dir), "gen"
			out := filepath.Join(dir, "gen")
			if _, err := os.Stat(out); err != nil {
				out, pkg = dir, filepath.Base(dir)
			}
			rel, err := filepath.Rel("..", out)
			if err != nil {
				t.Fatal(err)
			}
			s := loadGo(t, pattern, rel)
			text, err := convert.YAML(s)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string][]byte{golden: text}
			o := generator.Options{Go: &generator.GoOptions{Package: pkg}, TypeScript: &generator.TypeScriptOptions{File: "events.ts"}}
			files, err := generator.Generate(context.Background(), s, o)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			for _, f := range files {
				if f.Kind == generator.Go {
					want[filepath.Join(out, f.Path)] = f.Content
				} else {
					want[filepath.Join(dir, f.Path)] = f.Content
				}
			}
			compareGolden(t, out, want)
		})
	}
}

func compareGolden(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	stale, err := filepath.Glob(filepath.Join(dir, "*.siogen.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stale {
		if files[name] == nil {
			t.Errorf("%s is not generated any more", name)
		}
	}
	for name, got := range files {
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))), string(got)); d != "" {
			t.Errorf("%s differs (-want +got); go test ./generator -update rewrites it:\n%s", name, d)
		}
	}
}

// The contract of examples/gochat is that of examples/events.yaml. The TypeScript
// is the same; the Go differs in whose types it names.
func TestOneContractInGoAndInYAML(t *testing.T) {
	inYAML, diags := yamlschema.Load("../examples/events.yaml", yamlschema.Options{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	want := generate(t, inYAML)
	got := generate(t, loadGo(t, "./examples/gochat/chat", "examples/gochat/chatio"))
	if d := cmp.Diff(want["chat.ts"], got["chat.ts"]); d != "" {
		t.Errorf("TypeScript differs (-yaml +go):\n%s", d)
	}
	for _, name := range []string{"server.siogen.go", "client.siogen.go", "admin_server.siogen.go", "admin_client.siogen.go"} {
		text := strings.ReplaceAll(got[name], "\tchat \"github.com/siogen/siogen/examples/gochat/chat\"\n", "")
		for _, d := range inYAML.Types {
			goName := d.Name
			if base, ok := strings.CutSuffix(d.Name, "HandshakeAuth"); ok {
				goName = base + "Auth"
			}
			text = strings.ReplaceAll(text, "chat."+goName, d.Name)
		}
		if d := cmp.Diff(want[name], text); d != "" {
			t.Errorf("%s differs (-yaml +go):\n%s", name, d)
		}
	}
}

func generate(t *testing.T, s *schema.Schema) map[string]string {
	t.Helper()
	files, err := generator.Generate(context.Background(), s, both())
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range files {
		texts[f.Path] = string(f.Content)
	}
	return texts
}
