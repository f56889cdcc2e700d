package docs_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/testjs"
)

// What yaml-language-server says of a contract and a configuration that are set up
// as the page has it: the problem in one line, and what could stand in the next.
func TestEditorsCompleteAndCheck(t *testing.T) {
	testjs.Modules(t)
	page, err := os.ReadFile("editor.md")
	if err != nil {
		t.Fatal(err)
	}
	var copying, settings string
	modelines := map[string]string{}
	for _, m := range block.FindAllStringSubmatch(string(page), -1) {
		switch m[1] {
		case "sh":
			copying = m[2]
		case "json":
			settings = m[2]
		case "yaml":
			modelines[filepath.Base(strings.TrimSpace(m[2]))] = m[2]
		}
	}
	var inFile struct {
		Schemas map[string]any `json:"yaml.schemas"`
	}
	if err := json.Unmarshal([]byte(settings), &inFile); err != nil {
		t.Fatalf("%v in:\n%s", err, settings)
	}

	tests := []struct {
		file, schema, text, problem string
		offers                      []string
	}{
		{
			"events.yaml", "siogen.schema.json",
			"package: chat\nServerToClient:\n  message:\n    args: {text: {type: string, maxLenght: 5}}\n    \n",
			"maxLenght", []string{"ack", "doc", "error"},
		},
		{
			"siogen.yaml", "config.schema.json",
			"version: 1\nschemas:\n  - schema: events.yaml\n    typescript:\n      byte: node\n      \n",
			"Property byte is not allowed.", []string{"bytes", "out", "templates"},
		},
	}
	for _, tt := range tests {
		p := newProject(t)
		p.must(copying)
		for how, text := range map[string]string{
			"modeline": modelines[tt.schema] + tt.text,
			"setting":  "# The setting knows this file.\n" + tt.text,
		} {
			t.Run(tt.file+" with a "+how, func(t *testing.T) {
				p.write(tt.file, text)
				got := askEditor(t, filepath.Join(p.dir, tt.file), inFile.Schemas, how == "setting", text)
				last := strings.Count(text, "\n") - 1
				if len(got.Problems) == 0 || !strings.HasPrefix(got.Problems[0], strconv.Itoa(last)+": ") ||
					!strings.Contains(strings.Join(got.Problems, "\n"), tt.problem) {
					t.Errorf("problems %q, want one in line %d about %q", got.Problems, last, tt.problem)
				}
				for _, want := range tt.offers {
					if !slices.Contains(got.Offers, want) {
						t.Errorf("offers %q lack %s", got.Offers, want)
					}
				}
			})
		}
	}
}

type editorAnswer struct{ Problems, Offers []string }

// askEditor asks about a file whose last line is to be completed.
func askEditor(t *testing.T, file string, schemas map[string]any, useSetting bool, text string) editorAnswer {
	t.Helper()
	setting := map[string]any{"validate": true, "completion": true}
	if useSetting {
		setting["schemas"] = schemas
	}
	encoded, err := json.Marshal(setting)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	last := len(lines) - 1
	out, code := testjs.Run(t, "docs/testdata/editor.mjs", file, string(encoded), strconv.Itoa(last), strconv.Itoa(len(lines[last])))
	var answer editorAnswer
	if err := json.Unmarshal([]byte(out), &answer); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v:\n%s", code, err, out)
	}
	return answer
}
