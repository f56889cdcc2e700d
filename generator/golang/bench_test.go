package golang

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
)

// many is a schema of n events, each with a struct of five fields of its own.
func many(n int) *schema.Schema {
	s := &schema.Schema{Package: "many"}
	ns := &schema.Namespace{Name: "/"}
	s.Namespaces = []*schema.Namespace{ns}
	for i := range n {
		d := &schema.Decl{Name: fmt.Sprintf("Payload%d", i), Body: &schema.Struct{Fields: []*schema.Field{
			{Name: "id", Type: &schema.Primitive{Kind: schema.Int}},
			{Name: "name", Type: &schema.Primitive{Kind: schema.String}},
			{Name: "tags", Type: &schema.List{Elem: &schema.Primitive{Kind: schema.String}}},
			{Name: "at", Type: &schema.Primitive{Kind: schema.Time}, Optional: true},
			{Name: "score", Type: &schema.Nullable{Elem: &schema.Primitive{Kind: schema.Float64}}},
		}}}
		s.Types = append(s.Types, d)
		e := &schema.Event{Name: fmt.Sprintf("event%d", i), Args: []*schema.Field{{Name: "payload", Type: &schema.Ref{Name: d.Name, Decl: d}}}}
		if i%2 == 0 {
			ns.ServerToClient = append(ns.ServerToClient, e)
		} else {
			ns.ClientToServer = append(ns.ClientToServer, e)
		}
	}
	return s
}

func TestLinesPerEvent(t *testing.T) {
	const n = 1000
	s := many(n)
	names, _ := naming.Resolve(s)
	files, err := Generate(s, names, Options{})
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, f := range files {
		lines += bytes.Count(f.Content, []byte("\n"))
	}
	if per := lines / n; per > 100 {
		t.Errorf("%d lines an event, at most 100 are wanted", per)
	} else {
		t.Logf("%d lines an event", per)
	}
}

func BenchmarkGenerate(b *testing.B) {
	s := many(1000)
	names, _ := naming.Resolve(s)
	for b.Loop() {
		if _, err := Generate(s, names, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
