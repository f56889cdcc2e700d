package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write schema/config.schema.json anew")

// jsonSchema is what JSON Schema says of a shape.
func jsonSchema(s *shape) map[string]any {
	out := map[string]any{"description": s.doc}
	switch s.kind {
	case kindObject:
		out["type"] = "object"
		if s.nullable {
			out["type"] = []any{"object", "null"}
		}
		out["additionalProperties"] = false
		props, required := map[string]any{}, []any{}
		for _, m := range s.members {
			props[m.name] = jsonSchema(m.shape)
			if m.required {
				required = append(required, m.name)
			}
		}
		out["properties"] = props
		if len(required) > 0 {
			out["required"] = required
		}
	case kindList:
		out["type"], out["minItems"], out["items"] = "array", 1, jsonSchema(s.elem)
	case kindVersion:
		out["const"] = version
	case kindString:
		out["type"] = "string"
		if s.values != nil {
			out["enum"] = s.values
		}
		if s.pattern != "" {
			out["pattern"] = s.pattern
		}
	}
	return out
}

// The file that editors use is derived from what the loader takes.
func TestJSONSchemaIsWhatTheLoaderTakes(t *testing.T) {
	path := filepath.Join("..", "..", "schema", "config.schema.json")
	root := jsonSchema(fileShape())
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "siogen.yaml"
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		t.Fatal(err)
	}
	want := b.Bytes()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("run go test ./internal/config -update\n%s", d)
	}
}
