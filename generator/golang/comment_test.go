package golang

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// TestDocsStayComments is about texts that try to end their comment, or to be a
// directive. What follows the comment must still be the declaration.
func TestDocsStayComments(t *testing.T) {
	for _, text := range []string{
		"*/ func init() { panic(1) } /*",
		"//go:linkname x y",
		"go:build ignore",
		"+build ignore",
		"  +build ignore",
		"one\r\nfunc two() {}",
		"one\rfunc two() {}",
		"one\u2028func two() {}",
		"\x00\ufeff\x1b[31m",
		"\xff\xfe",
		"line one\n\n\nline two\n\tcode\n",
	} {
		f := jen.NewFile("p")
		declare(f, docComment("", schema.Doc{Text: text}), jen.Type().Id("T").Struct())
		var src bytes.Buffer
		if err := f.Render(&src); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), "", src.Bytes(), parser.ParseComments)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if len(file.Decls) != 1 || len(file.Comments) != 1 {
			t.Errorf("%q: got %d declarations and %d comments:\n%s", text, len(file.Decls), len(file.Comments), &src)
		}
		for _, line := range strings.Split(src.String(), "\n") {
			if strings.HasPrefix(line, "//go:") || strings.HasPrefix(line, "// +build") {
				t.Errorf("%q: %q is a directive", text, line)
			}
		}
		if decl, ok := file.Decls[0].(*ast.GenDecl); !ok || decl.Doc == nil {
			t.Errorf("%q: the comment is not the declaration's doc:\n%s", text, &src)
		}
	}
}

func TestDocComment(t *testing.T) {
	for _, test := range []struct {
		lead string
		doc  schema.Doc
		want string
	}{
		{"", schema.Doc{Text: "Text."}, "// Text."},
		{"Lead.", schema.Doc{}, "// Lead."},
		{"Lead.", schema.Doc{Text: "Text."}, "// Lead. Text."},
		{"Lead.", schema.Doc{Text: "- a list"}, "// Lead.\n//\n// - a list"},
		{"", schema.Doc{Text: "1. one\n2. two\n\n\tcode\n"}, "// 1. one\n// 2. two\n//\n//\tcode"}, // gofmt needs two turns for it
		{"Lead.", schema.Doc{Since: "1.2."}, "// Lead.\n//\n// Since 1.2."},
		{"", schema.Doc{Text: "Text.", Since: "1", Deprecated: "use it not."}, "// Text.\n//\n// Since 1.\n//\n// Deprecated: use it not."},
	} {
		if got := jen.Add(docComment(test.lead, test.doc)).GoString(); got != test.want {
			t.Errorf("%q, %+v:\ngot  %q\nwant %q", test.lead, test.doc, got, test.want)
		}
	}
	for _, doc := range []schema.Doc{{}, {Text: "\x00\a"}, {Text: " \u2028\t", Since: "\x00"}, {Deprecated: "\n"}} {
		if got := docComment("", doc); got != nil {
			t.Errorf("nothing to say in %q: got %v", doc, got)
		}
	}
}
