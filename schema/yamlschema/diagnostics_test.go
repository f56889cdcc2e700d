package yamlschema_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/yamlschema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	casesDir  = "../../testdata/diagnostics"
	catalogue = "../../docs/diagnostics.md"
)

// TestDiagnostics loads bad.yaml of every case and compares all that is said
// about it.
func TestDiagnostics(t *testing.T) {
	for _, dir := range cases(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			read := func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) }
			_, ds := yamlschema.Load("bad.yaml", yamlschema.Options{ReadFile: read})
			if !diag.HasErrors(ds) {
				t.Fatal("nothing was found wrong")
			}
			source := func(name string) []byte {
				text, _ := read(name)
				return text
			}
			var got bytes.Buffer
			if err := diag.Text(&got, ds, source, false); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join(dir, "golden.txt")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got.String()); d != "" {
				t.Errorf("diagnostics differ (-want +got); go test -update rewrites them:\n%s", d)
			}
		})
	}
}

func cases(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(casesDir, "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases in %s: %v", casesDir, err)
	}
	return dirs
}

// TestCatalogue holds the constants, the document and the cases together: every
// code is explained once, under its title and in order, and shown by a case.
func TestCatalogue(t *testing.T) {
	text, err := os.ReadFile(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	var documented, want []string
	for _, m := range regexp.MustCompile(`(?m)^## (SIO\d{3}: .*)$`).FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, m[1])
	}
	for _, code := range diag.Codes() {
		want = append(want, code.ID+": "+code.Title)
	}
	if d := cmp.Diff(want, documented); d != "" {
		t.Errorf("%s does not list exactly the codes (-codes +documented):\n%s", catalogue, d)
	}
	if !slices.IsSorted(want) {
		t.Error("the codes are not in order")
	}

	var goldens strings.Builder
	inGo, err := filepath.Glob("../../testdata/goschema/bad/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range append(cases(t), inGo...) {
		golden, err := os.ReadFile(filepath.Join(dir, "golden.txt"))
		if err != nil {
			t.Fatal(err)
		}
		goldens.Write(golden)
	}
	// Identifiers are named after loading, and Go interfaces have a loader of
	// their own: those codes have their cases there.
	elsewhere := func(code string) bool { return code >= diag.CodeGoCollision }
	for _, code := range diag.Codes() {
		if !strings.Contains(goldens.String(), ": error "+code.ID+": ") && !elsewhere(code.ID) {
			t.Errorf("no case in %s shows %s (%s)", casesDir, code.ID, code.Title)
		}
	}
}
