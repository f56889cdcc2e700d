package goschema_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/goschema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const root = "../.."

// TestDiagnostics loads the package of every case and compares all that is said
// about it.
func TestDiagnostics(t *testing.T) {
	dirs, err := filepath.Glob(root + "/testdata/goschema/bad/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			pattern := "./testdata/goschema/bad/" + filepath.Base(dir)
			_, ds, err := goschema.Load(t.Context(), pattern, goschema.Options{Dir: root, Overlay: unparsable(t, dir)})
			if err != nil {
				t.Fatal(err)
			}
			if len(ds) == 0 {
				t.Fatal("nothing was found wrong")
			}
			compare(t, filepath.Join(dir, "golden.txt"), text(t, ds))
		})
	}
}

// unparsable are the files of a case that are no Go, and end in .go.txt so that
// no tool takes them for it.
func unparsable(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go.txt"))
	if err != nil {
		t.Fatal(err)
	}
	overlay := map[string][]byte{}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name, err = filepath.Abs(name); err != nil {
			t.Fatal(err)
		}
		overlay[strings.TrimSuffix(name, ".txt")] = src
	}
	return overlay
}

func text(t *testing.T, ds []diag.Diagnostic) string {
	t.Helper()
	source := func(name string) []byte {
		src, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			src, _ = os.ReadFile(filepath.Join(root, name+".txt"))
		}
		return src
	}
	var b bytes.Buffer
	if err := diag.Text(&b, ds, source, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func compare(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); d != "" {
		t.Errorf("%s differs (-want +got); go test -update rewrites it:\n%s", golden, d)
	}
}
