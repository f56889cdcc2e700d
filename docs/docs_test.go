// Package docs_test holds the documentation to the code.
package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/yamlschema"

	_ "github.com/siogen/siogen/docs/snippets" // so that it compiles
)

var block = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// pages are all Markdown pages for users.
func pages(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../*.md", "*.md", "../examples/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	if len(all) < 5 {
		t.Fatalf("only %d pages", len(all))
	}
	return all
}

// goSources is all Go that the build compiles and a snippet may be taken from.
func goSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, root := range []string{"snippets", "../examples", "../testdata/golden"} {
		err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" {
				return err
			}
			text, err := os.ReadFile(path)
			all.WriteString(squeeze(string(text)))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// squeeze drops indentation and blank lines.
func squeeze(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func TestGoSnippetsAreCompiledSomewhere(t *testing.T) {
	sources := goSources(t)
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range block.FindAllStringSubmatch(string(text), -1) {
			snippet := strings.ReplaceAll(m[2], "example.com/quickstart/", "github.com/siogen/siogen/examples/quickstart/")
			if m[1] == "go" && !onlyComments(m[2]) && !strings.Contains(sources, squeeze(snippet)) {
				t.Errorf("%s: this is in no compiled file:\n%s", page, m[2])
			}
		}
	}
}

// onlyComments is for go:generate lines and the like.
func onlyComments(snippet string) bool {
	for line := range strings.Lines(snippet) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			return false
		}
	}
	return true
}

// The README's TypeScript and schema are the quick start's, which is compiled and
// run.
func TestReadmeIsTheQuickstart(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{"yaml": "events.yaml", "ts": "client/client.ts"}
	for _, m := range block.FindAllStringSubmatch(string(readme), -1) {
		file, ok := sources[m[1]]
		if !ok {
			continue
		}
		delete(sources, m[1])
		text, err := os.ReadFile(filepath.Join("../examples/quickstart", file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(squeeze(string(text)), squeeze(m[2])) {
			t.Errorf("not in %s:\n%s", file, m[2])
		}
	}
	if len(sources) > 0 {
		t.Errorf("the README has no block of %v", sources)
	}
}

func TestSchemasInPagesLoad(t *testing.T) {
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range block.FindAllStringSubmatch(string(text), -1) {
			if m[1] != "yaml" || !strings.Contains(m[2], "\npackage: ") && !strings.HasPrefix(m[2], "package: ") {
				continue
			}
			_, problems := yamlschema.Load(page, yamlschema.Options{ReadFile: func(string) ([]byte, error) { return []byte(m[2]), nil }})
			if diag.HasErrors(problems) {
				t.Errorf("%s: a schema with problems: %v", page, problems)
			}
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)#:\s]*)(?:#([^)\s]*))?\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	noSlug  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// slugs are what the headings of a page are linked by, as GitHub makes them.
func slugs(page string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(prose(page), -1) {
		text := noSlug.ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(text, " ", "-"))
	}
	return all
}

func TestLinksLeadSomewhere(t *testing.T) {
	anchors := 0
	for page, text := range read(t) {
		for _, m := range link.FindAllStringSubmatch(prose(text), -1) {
			to, there := page, text
			if m[1] != "" {
				to = filepath.Join(filepath.Dir(page), m[1])
				content, err := os.ReadFile(to)
				if err != nil {
					if info, isDir := os.Stat(to); isDir != nil || !info.IsDir() {
						t.Errorf("%s: %v", page, err)
					}
					continue
				}
				there = string(content)
			}
			if m[2] == "" {
				continue
			}
			anchors++
			if !slices.Contains(slugs(there), m[2]) {
				t.Errorf("%s: %s has no heading #%s", page, to, m[2])
			}
		}
	}
	if anchors < 10 {
		t.Errorf("only %d links to headings", anchors)
	}
}
