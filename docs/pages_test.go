package docs_test

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func file(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The quick start's files are those of examples/quickstart, which the README shows.
func TestQuickStartIsTheExample(t *testing.T) {
	const example = "../examples/quickstart/"
	files := map[string]string{"yaml": "events.yaml", "ts": "client/client.ts", "json": "client/tsconfig.json"}
	for _, m := range block.FindAllStringSubmatch(file(t, "quick-start.md"), -1) {
		path, ok := files[m[1]]
		if !ok {
			continue
		}
		delete(files, m[1])
		if !strings.HasSuffix(strings.TrimSpace(file(t, example+path)), strings.TrimSpace(m[2])) {
			t.Errorf("the %s is not that of %s", m[1], path)
		}
	}
	if len(files) > 0 {
		t.Errorf("the page has no %v", files)
	}
}

// Whoever measures anew changes the page, too.
func TestPerformanceSaysWhatWasMeasured(t *testing.T) {
	results := file(t, "../bench/RESULTS.md")
	rows := 0
	for line := range strings.Lines(file(t, "performance.md")) {
		if strings.HasPrefix(line, "| ") && strings.Contains(line, " ×)") {
			rows++
			if !strings.Contains(results, line) {
				t.Errorf("not in bench/RESULTS.md: %s", line)
			}
		}
	}
	if rows < 5 {
		t.Errorf("only %d figures", rows)
	}
}

// Every page can be found from the README.
func TestReadmeLinksEveryPage(t *testing.T) {
	readme := file(t, "../README.md")
	found, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range found {
		if !strings.Contains(readme, "(docs/"+page) {
			t.Errorf("the README does not link docs/%s", page)
		}
	}
}

// The contributors' page says what every folder with Go in it is for.
func TestArchitectureNamesEveryFolder(t *testing.T) {
	page := file(t, "architecture.md")
	// These are described as a whole.
	whole := regexp.MustCompile(`^(bench|docs|examples|runtime/internal)/`)
	folders := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		// gen is what the README has its readers generate; git ignores it.
		if name := entry.Name(); entry.IsDir() && path != ".." && (name == "node_modules" || name == "testdata" || path == filepath.Join("..", "gen") || name[0] == '.') {
			return filepath.SkipDir
		}
		if filepath.Ext(path) == ".go" {
			folder, _ := filepath.Rel("..", filepath.Dir(path))
			folders[filepath.ToSlash(folder)+"/"] = true
		}
		return nil
	})
	if err != nil || len(folders) < 30 {
		t.Fatalf("%d folders: %v", len(folders), err)
	}
	for folder := range folders {
		if !strings.Contains(page, "`"+cmp.Or(whole.FindString(folder), folder)+"`") {
			t.Errorf("architecture.md does not name %s", folder)
		}
	}
}
