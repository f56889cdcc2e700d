package diag_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/schema/diag"
)

func span(line, col, endCol int) diag.Span {
	return diag.Span{File: "events.yaml", Line: line, Col: col, EndLine: line, EndCol: endCol}
}

func TestTextAlignsCarets(t *testing.T) {
	tests := []struct {
		name, source string
		span         diag.Span
		want         string // the two lines of the snippet
	}{
		{"a region", "user: Usr", span(1, 7, 10), "   1 | user: Usr\n     |       ^^^\n"},
		{"one position", "user: Usr", span(1, 7, 0), "   1 | user: Usr\n     |       ^\n"},
		{"behind the end of the line", "user:", span(1, 6, 0), "   1 | user:\n     |      ^\n"},
		{"a column beyond the line", "user:", span(1, 99, 120), "   1 | user:\n     |      ^\n"},
		{"a tab before it stays a tab", "a:\tUsr", span(1, 4, 7), "   1 | a:\tUsr\n     |   \t^^^\n"},
		{"wide characters take two cells", "名前: 数字", span(1, 5, 7), "   1 | 名前: 数字\n     |       ^^^^\n"},
		{"an emoji takes two cells", "😀: Usr", span(1, 4, 7), "   1 | 😀: Usr\n     |     ^^^\n"},
		{"a combining accent takes none", "e\u0301: Usr", span(1, 5, 8), "   1 | e\u0301: Usr\n     |    ^^^\n"},
		{"a byte order mark is no column", "\uFEFFuser: Usr", span(1, 7, 10), "   1 | user: Usr\n     |       ^^^\n"},
		{"a carriage return is not shown", "user: Usr\r\nmore", span(1, 7, 10), "   1 | user: Usr\n     |       ^^^\n"},
		{"a control character is made harmless", "\x1b[2J: Usr", span(1, 7, 10), "   1 | \uFFFD[2J: Usr\n     |       ^^^\n"},
		{"bytes that are not UTF-8", "a\xff: Usr", span(1, 5, 8), "   1 | a\uFFFD: Usr\n     |     ^^^\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := diag.Diagnostic{Code: "SIO020", Span: tt.span, Message: "m"}
			var out bytes.Buffer
			if err := diag.Text(&out, []diag.Diagnostic{d}, func(string) []byte { return []byte(tt.source) }, false); err != nil {
				t.Fatal(err)
			}
			_, snippet, _ := strings.Cut(out.String(), "\n")
			if diff := cmp.Diff(tt.want, snippet); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestTextCutsLongLines(t *testing.T) {
	source := strings.Repeat("x", 500) + "HERE" + strings.Repeat("y", 500)
	d := diag.Diagnostic{Code: "SIO020", Span: span(1, 501, 505), Message: "m"}
	var out bytes.Buffer
	if err := diag.Text(&out, []diag.Diagnostic{d}, func(string) []byte { return []byte(source) }, false); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if n := len([]rune(lines[1])); n > 140 {
		t.Errorf("the line has %d characters", n)
	}
	at := strings.Index(lines[2], "^^^^")
	if at < 0 || string([]rune(lines[1])[at:at+4]) != "HERE" {
		t.Errorf("the carets are not below HERE:\n%s\n%s", lines[1], lines[2])
	}
}

func sample() []diag.Diagnostic {
	return []diag.Diagnostic{
		{
			Code: "SIO021", Span: span(2, 3, 7), Message: `the type "User" is 100% declared twice`, Hint: "remove one",
			Notes: []diag.Note{{Span: diag.Span{File: "a,b:c.yaml", Line: 1, Col: 1}, Message: "first declared here"}},
		},
		{Code: "SIO001", Severity: diag.Warning, Span: diag.Span{File: "gone.yaml"}, Message: "cannot read\ngone.yaml"},
		{Code: "SIO003", Message: "no place at all"},
	}
}

func TestTextShowsEverything(t *testing.T) {
	sources := map[string]string{"events.yaml": "types:\n  User: string", "a,b:c.yaml": "User: int"}
	var out bytes.Buffer
	if err := diag.Text(&out, sample(), func(file string) []byte { return []byte(sources[file]) }, false); err != nil {
		t.Fatal(err)
	}
	want := `events.yaml:2:3: error SIO021: the type "User" is 100% declared twice
   2 |   User: string
     |   ^^^^
  hint: remove one
a,b:c.yaml:1:1: note: first declared here
   1 | User: int
     | ^

gone.yaml: warning SIO001: cannot read` + "\uFFFD" + `gone.yaml

error SIO003: no place at all
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTextColorsOnlyWhenAsked(t *testing.T) {
	for _, color := range []bool{false, true} {
		var out bytes.Buffer
		if err := diag.Text(&out, sample(), func(string) []byte { return []byte("x\ny\n") }, color); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "\x1b["); got != color {
			t.Errorf("color %v: escape sequences %v", color, got)
		}
	}
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	if err := diag.JSON(&out, sample()[:1]); err != nil {
		t.Fatal(err)
	}
	want := `[
  {
    "code": "SIO021",
    "severity": "error",
    "file": "events.yaml",
    "line": 2,
    "col": 3,
    "endLine": 2,
    "endCol": 7,
    "message": "the type \"User\" is 100% declared twice",
    "hint": "remove one",
    "notes": [
      {
        "file": "a,b:c.yaml",
        "line": 1,
        "col": 1,
        "endLine": 0,
        "endCol": 0,
        "message": "first declared here"
      }
    ]
  }
]
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestJSONOfNothingIsAnEmptyArray(t *testing.T) {
	var out bytes.Buffer
	if err := diag.JSON(&out, nil); err != nil {
		t.Fatal(err)
	}
	var array []any
	if err := json.Unmarshal(out.Bytes(), &array); err != nil || array == nil {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestGitHub(t *testing.T) {
	var out bytes.Buffer
	if err := diag.GitHub(&out, sample()); err != nil {
		t.Fatal(err)
	}
	want := `::error file=events.yaml,line=2,col=3,endLine=2,endColumn=7,title=SIO021::the type "User" is 100%25 declared twice%0Ahint: remove one%0Aa,b:c.yaml:1:1: first declared here
::warning file=gone.yaml,title=SIO001::cannot read%0Agone.yaml
::error title=SIO003::no place at all
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestGitHubEscapesProperties(t *testing.T) {
	var out bytes.Buffer
	d := diag.Diagnostic{Code: "SIO020", Span: diag.Span{File: "a,b:c%.yaml", Line: 1, Col: 2}, Message: "a:b,c"}
	if err := diag.GitHub(&out, []diag.Diagnostic{d}); err != nil {
		t.Fatal(err)
	}
	if want := "::error file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=SIO020::a:b,c\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

type fullDisk struct{}

var errFull = errors.New("disk full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestRenderersReturnWriteErrors(t *testing.T) {
	nothing := func(string) []byte { return nil }
	for name, err := range map[string]error{
		"Text": diag.Text(fullDisk{}, sample(), nothing, false), "JSON": diag.JSON(fullDisk{}, sample()), "GitHub": diag.GitHub(fullDisk{}, sample()),
	} {
		if !errors.Is(err, errFull) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestSortAndCompact(t *testing.T) {
	ds := []diag.Diagnostic{
		{Code: "SIO020", Span: diag.Span{File: "b", Line: 1, Col: 1}, Message: "x"},
		{Code: "SIO020", Span: diag.Span{File: "a", Line: 10, Col: 1}, Message: "x"},
		{Code: "SIO010", Span: diag.Span{File: "a", Line: 2, Col: 9}, Message: "x"},
		{Code: "SIO030", Span: diag.Span{File: "a", Line: 2, Col: 1}, Message: "x"},
		{Code: "SIO020", Span: diag.Span{File: "a", Line: 2, Col: 1}, Message: "x"},
		{Code: "SIO020", Span: diag.Span{File: "a", Line: 2, Col: 1}, Message: "x"},
	}
	diag.Sort(ds)
	var got []string
	for _, d := range diag.Compact(ds) {
		got = append(got, d.Span.File+" "+d.Code)
	}
	want := []string{"a SIO020", "a SIO030", "a SIO010", "a SIO020", "b SIO020"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"User", "Role", "string", "ServerToClient", "int", "uint8", "a"}
	for name, want := range map[string]string{
		"Usr": "User", "user": "User", "Uesr": "User", "strin": "string", "sting": "string", "Rolee": "Role",
		"server_to_client": "ServerToClient", "ServerToClients": "ServerToClient", "uint": "int",
		"Nothing": "", "b": "", "": "", "Userdata": "",
	} {
		if got := diag.Nearest(name, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}
