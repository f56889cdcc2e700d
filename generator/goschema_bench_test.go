package generator_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"

	"github.com/siogen/siogen/generator"
	"github.com/siogen/siogen/internal/convert"
	"github.com/siogen/siogen/schema/goschema"
	"github.com/siogen/siogen/schema/yamlschema"
)

// manyEvents is a schema of n events, each with a struct of five fields.
func manyEvents(n int) string {
	var b strings.Builder
	b.WriteString("package: many\ntypes:\n")
	for i := range n {
		fmt.Fprintf(&b, "  Payload%d: {doc: Some payload., fields: {id: int, name: string, tags: '[]string', at?: time, score: float64 | null}}\n", i)
	}
	b.WriteString("ServerToClient:\n")
	for i := range n {
		fmt.Fprintf(&b, "  event%d: {doc: Some event., args: {payload: Payload%d}}\n", i, i)
	}
	return b.String()
}

// BenchmarkContracts compares what a contract of 1,000 events costs as Go
// interfaces with what it is made of: loading the package with its types, and
// generating from YAML. The aim is 1.3 times their sum.
func BenchmarkContracts(b *testing.B) {
	const n = 1000
	dir := b.TempDir()
	write := func(name string, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	yaml := filepath.Join(dir, "events.yaml")
	write("events.yaml", []byte(manyEvents(n)))
	s, diags := yamlschema.Load(yaml, yamlschema.Options{})
	if len(diags) > 0 {
		b.Fatal(diags)
	}
	text, err := convert.Go(s)
	if err != nil {
		b.Fatal(err)
	}
	write("events.go", text)
	write("go.mod", []byte("module example.com/many\n\ngo 1.26\n"))

	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			pkgs, err := packages.Load(&packages.Config{Dir: dir, Mode: packages.LoadSyntax}, ".")
			if err != nil || len(pkgs) != 1 || len(pkgs[0].Errors) > 0 {
				b.Fatalf("%v %v", pkgs, err)
			}
		}
	})
	b.Run("yaml", func(b *testing.B) {
		for b.Loop() {
			s, _ := yamlschema.Load(yaml, yamlschema.Options{})
			if _, err := generator.Generate(context.Background(), s, both()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("go", func(b *testing.B) {
		for b.Loop() {
			s, diags, err := goschema.Load(context.Background(), ".", goschema.Options{Dir: dir})
			if err != nil || len(diags) > 0 {
				b.Fatalf("%v %v", diags, err)
			}
			if _, err := generator.Generate(context.Background(), s, both()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
