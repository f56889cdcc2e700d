package yamlschema

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/schema/diag"
)

const jsonSchemaFile = "../siogen.schema.json"

// TestJSONSchemaFile keeps the file that editors use equal to the tables of the
// loader.
func TestJSONSchemaFile(t *testing.T) {
	want, err := JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(jsonSchemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(jsonSchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), strings.ReplaceAll(string(got), "\r\n", "\n")); d != "" {
		t.Errorf("%s is out of date (-want +got); go test -update rewrites it:\n%s", jsonSchemaFile, d)
	}
}

// TestJSONSchemaKeys compares the keys of the file with those of the loader,
// level by level, without the code that made the file.
func TestJSONSchemaKeys(t *testing.T) {
	text, err := os.ReadFile(jsonSchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties           map[string]struct{ Description string }
		AdditionalProperties any
	}
	var file struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	file.Defs["schema"] = file.object
	for name, o := range file.Defs {
		if !slices.ContainsFunc(levels(), func(l level) bool { return l.name == name }) && len(o.Properties) > 0 {
			t.Errorf("the loader knows no level %q", name)
		}
	}
	for _, l := range levels() {
		o := file.Defs[l.name]
		if d := cmp.Diff(slices.Sorted(slices.Values(l.names())), slices.Sorted(maps.Keys(o.Properties))); d != "" {
			t.Errorf("keys of %s (-loader +file):\n%s", l.what, d)
		}
		if o.AdditionalProperties != false {
			t.Errorf("%s takes unknown keys", l.what)
		}
		for key, property := range o.Properties {
			if property.Description == "" {
				t.Errorf("%s: %s is not described", l.what, key)
			}
		}
	}
}

// TestEveryKeyIsRead puts nonsense behind every key that a level knows: a key
// that the loader does not look at would pass.
func TestEveryKeyIsRead(t *testing.T) {
	const nonsense = "{? {a: b} : [[1]]}"
	templates := map[string]string{
		"schema":    "KEY: VALUE\n",
		"namespace": "package: p\nnamespaces: {/a: {KEY: VALUE}}\n",
		"type":      "package: p\ntypes: {T: {OTHER, KEY: VALUE}}\n",
		"field":     "package: p\ntypes: {T: {fields: {f: {OTHER, KEY: VALUE}}}}\n",
		"object":    "package: p\nauth: {fields: {a: int}, KEY: VALUE}\n",
		"event":     "package: p\nServerToClient: {e: {KEY: VALUE}}\n",
		"enumValue": "package: p\ntypes: {T: {enum: [{value: a, KEY: VALUE}]}}\n",
		"variant":   "package: p\ntypes: {T: {union: kind, variants: {a: {type: S, KEY: VALUE}}}, S: {fields: {}}}\n",
		"go":        "package: p\ntypes: {T: {type: string, go: {type: time.Time, KEY: VALUE}}}\n",
		"goName":    "package: p\nServerToClient: {e: {go: {KEY: VALUE}}}\n",
		"ts":        "package: p\ntypes: {T: {type: string, ts: {type: X, KEY: VALUE}}}\n",
	}
	others := map[string]string{"variants": "union: kind", "open": "enum: [a]", "fields": "doc: x", "enum": "doc: x", "union": "variants: {a: S}", "type": "doc: x"}
	for _, l := range levels() {
		for _, k := range l.keys {
			t.Run(l.name+"/"+k.name, func(t *testing.T) {
				other := others[k.name]
				if other == "" {
					other = "type: string"
				}
				text := strings.NewReplacer("OTHER", other, "KEY", k.name, "VALUE", nonsense).Replace(templates[l.name])
				for _, key := range []string{"type", "value"} { // the key itself instead of the one that the template has
					if k.name == key {
						text = strings.NewReplacer(key+": S, ", "", key+": time.Time, ", "", key+": X, ", "", key+": a, ", "").Replace(text)
					}
				}
				_, ds := Load("a.yaml", Options{ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
				at := strings.Index(text, nonsense) + 1
				for _, d := range ds {
					line := strings.Count(text[:at], "\n") + 1
					if d.Code == diag.CodeSyntax || d.Code == diag.CodeUnknownKey && strings.Contains(d.Message, `"`+k.name+`"`) {
						t.Fatalf("the test's own text is wrong: %v\n%s", d, text)
					}
					if d.Span.Line == line && d.Span.Col >= at-strings.LastIndex(text[:at], "\n")-1-len(k.name)-3 {
						return
					}
				}
				t.Errorf("nonsense behind %s of %s is accepted: %v\n%s", k.name, l.what, ds, text)
			})
		}
	}
}
