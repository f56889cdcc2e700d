package typescript

import (
	"strings"
	"testing"
)

func TestLayoutBreaksWhatDoesNotFit(t *testing.T) {
	long := strings.Repeat("x", 59)
	callback := function([]item{{label: "err: ", node: word(long)}, {label: "n: ", node: word("number")}}, false)
	tests := map[string]struct {
		node node
		used int
		want string
	}{
		"fits": {callback, 10, "(err: " + long + ", n: number) => void"},
		"fits to the last column": {
			word(strings.Repeat("x", 10)), lineWidth - 11, "xxxxxxxxxx",
		},
		"does not fit": {callback, 20, "(\n    err: " + long + ",\n    n: number,\n  ) => void"},
		"the inner one fits once the outer one is broken": {
			function([]item{{label: "a: ", node: word(long)}, {label: "callback: ", node: callback}}, false), 10,
			"(\n    a: " + long + ",\n    callback: (err: " + long + ", n: number) => void,\n  ) => void",
		},
		"no comma behind a rest parameter": {
			function([]item{{label: "a: ", node: word(long)}, {label: "...b: ", node: word(long)}}, true), 10,
			"(\n    a: " + long + ",\n    ...b: " + long + "\n  ) => void",
		},
		"nothing to break": {function(nil, false), lineWidth, "() => void"},
		"union": {
			alternatives{{text: long}, {text: long, doc: Doc{Text: "Long."}}}, 0,
			"\n    | " + long + "\n    /** Long. */\n    | " + long,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := layout(test.node, "  ", test.used); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestFirstIdentifier(t *testing.T) {
	for text, want := range map[string]string{
		"UserID":                   "UserID",
		"types.UserID":             "types",
		"Money<\"EUR\">":           "Money",
		"readonly Item[]":          "Item",
		"keyof typeof settings":    "settings",
		"\"literal\" | 'b' | Rest": "Rest",
		"(12 | Größe)[]":           "Größe",
		"readonlyItem":             "readonlyItem",
		"$a_1":                     "$a_1",
		"{ }":                      "",
		"":                         "",
	} {
		start, end := firstIdentifier(text)
		if got := text[start:end]; got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestTidy(t *testing.T) {
	got := tidy("\n\n\na {  \n\n  b\n\n\n\n  c\r\n}\n\n\n")
	if want := "\na {\n  b\n\n  c\n}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
