package docs_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/cli"
)

func file(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What the quick start tells to write is what examples/quickstart has, which is
// compiled and run; what siogen prints is what the page says.
func TestQuickStart(t *testing.T) {
	const example = "../examples/quickstart/"
	page := file(t, "quick-start.md")
	blocks := map[string][]string{}
	for _, m := range block.FindAllStringSubmatch(page, -1) {
		blocks[m[1]] = append(blocks[m[1]], m[2])
	}
	for kind, path := range map[string]string{"yaml": "events.yaml", "ts": "client/client.ts", "json": "client/tsconfig.json"} {
		if len(blocks[kind]) != 1 || !strings.HasSuffix(strings.TrimSpace(file(t, example+path)), strings.TrimSpace(blocks[kind][0])) {
			t.Errorf("the %s is not that of %s", kind, path)
		}
	}
	var command string
	for _, text := range blocks["sh"] {
		if rest, ok := strings.CutPrefix(text, "go tool siogen "); ok {
			command = rest
		}
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("events.yaml", []byte(blocks["yaml"][0]), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if code := cli.Run(context.Background(), strings.Fields(command), cli.Stdio{Out: &out, Err: &out}); code != 0 {
		t.Fatalf("siogen %s: exit code %d\n%s", command, code, &out)
	}
	if !slices.ContainsFunc(blocks["text"], func(said string) bool { return timeless(said) == timeless(out.String()) }) {
		t.Errorf("the page does not say what is printed:\n%s", &out)
	}
}

var elapsed = regexp.MustCompile(`in [0-9.]+m?s\n`)

func timeless(text string) string { return elapsed.ReplaceAllString(text, "in a moment\n") }

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
