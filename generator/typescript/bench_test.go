package typescript_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/siogen/siogen/generator/typescript"
	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema/yamlschema"
)

// BenchmarkGenerate is a schema with 1,000 events of 1,000 types.
func BenchmarkGenerate(b *testing.B) {
	var types, events strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&types, "  Type%d: {fields: {a: int, b: string, c: bool, d?: bytes, e: time}}\n", i)
		fmt.Fprintf(&events, "  event%d: {args: {value: Type%d}}\n", i, i)
	}
	text := "package: large\ntypes:\n" + types.String() + "ServerToClient:\n" + events.String()
	s, diags := yamlschema.Load("large.yaml", yamlschema.Options{
		ReadFile: func(string) ([]byte, error) { return []byte(text), nil },
	})
	if len(diags) > 0 {
		b.Fatal(diags)
	}
	names, diags := naming.Resolve(s)
	if len(diags) > 0 {
		b.Fatal(diags)
	}
	for b.Loop() {
		if _, err := typescript.Generate(s, names, typescript.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
