package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/internal/config"
)

func load(t *testing.T, text string) (*config.Config, string) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile(config.FileName, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c, diags := config.Load(config.FileName)
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%d:%d-%d %s %s", d.Span.Line, d.Span.Col, d.Span.EndCol, d.Code, d.Message)
		if d.Hint != "" {
			fmt.Fprintf(&b, " (%s)", d.Hint)
		}
		for _, n := range d.Notes {
			fmt.Fprintf(&b, " [%d:%d %s]", n.Span.Line, n.Span.Col, n.Message)
		}
		b.WriteByte('\n')
	}
	return c, b.String()
}

func TestOutputs(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []config.Schema
	}{
		{"neither means both", "version: 1\nschemas: [{schema: a.yaml}]\n",
			[]config.Schema{{Path: "a.yaml", Go: &config.Go{}, TypeScript: &config.TypeScript{}}}},
		{"an empty key is an output", "version: 1\nschemas:\n- schema: a.yaml\n  go:\n",
			[]config.Schema{{Path: "a.yaml", Go: &config.Go{}}}},
		{"several schemas with options", `
version: 1
schemas:
  - schema: api/a.yaml
    go: {out: internal/a, package: aio}
    typescript: {out: web/a.ts, bytes: browser, templates: web/templates}
  - schema: /abs/b.yaml
    typescript: {}
`, []config.Schema{
			{Path: filepath.Join("api", "a.yaml"), Go: &config.Go{Out: filepath.Join("internal", "a"), Package: "aio"},
				TypeScript: &config.TypeScript{Out: filepath.Join("web", "a.ts"), Bytes: "browser", Templates: filepath.Join("web", "templates")}},
			{Path: "/abs/b.yaml", TypeScript: &config.TypeScript{}},
		}},
		{"anchors", "version: 1\nschemas:\n- {schema: a.yaml, go: &g {package: x}}\n- {schema: b.yaml, go: *g}\n",
			[]config.Schema{{Path: "a.yaml", Go: &config.Go{Package: "x"}}, {Path: "b.yaml", Go: &config.Go{Package: "x"}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, diags := load(t, c.text)
			if diags != "" {
				t.Fatal(diags)
			}
			if d := cmp.Diff(c.want, got.Schemas); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDiagnostics(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "# nothing\n", "1:1-0 SIO003 the file is empty (siogen init writes one to start from)\n"},
		{"syntax", "version: 1\nschemas: [\n", "2:1-0 SIO002 did not find expected node content\n"},
		{"not UTF-8", "version: \xff\n", "1:1-0 SIO005 the file is not UTF-8 text (save the file as UTF-8)\n"},
		{"two documents", "version: 1\nschemas: [{schema: a}]\n---\nx: 1\n",
			"4:1-0 SIO004 a second YAML document starts here (remove the \"---\" line)\n"},
		{"a list", "[]\n", "1:1-0 SIO012 siogen.yaml takes a mapping with version, schemas\n"},
		{"missing keys", "{}\n", `1:1-0 SIO013 siogen.yaml lacks the key "schemas"
1:1-0 SIO013 siogen.yaml lacks the key "version"
`},
		{"unknown keys", "version: 1\nschema: a.yaml\nschemas:\n- schema: a.yaml\n  golang: {}\n  typescript: {byte: node}\n",
			`2:1-7 SIO010 siogen.yaml has no key "schema" (did you mean "schemas"?)
5:3-9 SIO010 an element of schemas has no key "golang" (known keys: schema, go, typescript)
6:16-20 SIO010 typescript has no key "byte" (did you mean "bytes"?)
`},
		{"duplicate key", "version: 1\nversion: 1\nschemas: [{schema: a.yaml}]\n",
			"2:1-8 SIO011 the key \"version\" stands here twice [1:1 the first one is here]\n"},
		{"another version", "version: 2\nschemas: [{schema: a.yaml}]\n", "1:10-11 SIO012 version must be 1\n"},
		{"no schemas", "version: 1\nschemas: []\n", "2:10-0 SIO012 schemas takes a list with at least one element\n"},
		{"wrong kinds", "version: '1'\nschemas:\n- schema: 3\n  go: true\n  typescript: [a]\n",
			`1:10-13 SIO012 version must be 1
3:11-12 SIO012 schema takes a text
4:7-11 SIO012 go takes a mapping with out, package
5:15-0 SIO012 typescript takes a mapping with out, bytes, templates
`},
		{"bad values", "version: 1\nschemas:\n- schema: ''\n  go: {package: my-chat}\n  typescript: {bytes: Browser}\n- {schema: b, go: {package: func}}\n- {schema: c, go: {package: main}}\n",
			`3:11-0 SIO012 schema: "" is not a path
4:17-24 SIO016 package: "my-chat" is not a Go package name
5:23-30 SIO012 bytes must be node or browser, not "Browser" (did you mean "browser"?)
6:29-33 SIO016 package: "func" is not a Go package name
7:29-33 SIO016 package main cannot be imported (choose another name)
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, diags := load(t, c.text)
			if got != nil {
				t.Error("a Config along with diagnostics")
			}
			if d := cmp.Diff(c.want, diags); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestPathsAreRelativeToTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, config.FileName)
	if err := os.WriteFile(path, []byte("version: 1\nschemas: [{schema: a.yaml, go: {out: ../x}}]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c, diags := config.Load(path)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	want := []config.Schema{{Path: filepath.Join(dir, "a.yaml"), Go: &config.Go{Out: filepath.Join(filepath.Dir(dir), "x")}}}
	if d := cmp.Diff(want, c.Schemas); d != "" {
		t.Error(d)
	}
}

func TestAMissingFileIsADiagnostic(t *testing.T) {
	_, diags := config.Load(filepath.Join(t.TempDir(), "none.yaml"))
	if len(diags) != 1 || diags[0].Code != "SIO001" {
		t.Errorf("%v", diags)
	}
}

func TestFindLooksUpToTheRepository(t *testing.T) {
	root := t.TempDir()
	inner := filepath.Join(root, "repo", "a", "b")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	touch := func(elem ...string) string {
		path := filepath.Join(append([]string{root}, elem...)...)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	outside := touch(config.FileName)
	if got, _ := config.Find(inner); got != outside {
		t.Errorf("without a repository: %q", got)
	}
	if err := os.Mkdir(filepath.Join(root, "repo", ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, found := config.Find(inner); found {
		t.Errorf("beyond the repository: %q", got)
	}
	want := touch("repo", config.FileName)
	if got, _ := config.Find(inner); got != want {
		t.Errorf("at the repository's root: %q", got)
	}
	want = touch("repo", "a", config.FileName)
	if got, _ := config.Find(inner); got != want {
		t.Errorf("nearest: %q", got)
	}
}
