package typescript

import (
	"strings"
	"testing"
)

func TestComment(t *testing.T) {
	tests := map[string]struct {
		doc  Doc
		want string
	}{
		"nothing":       {Doc{}, ""},
		"only spaces":   {Doc{Text: " \n\t\n"}, ""},
		"one line":      {Doc{Text: "Says hello."}, "  /** Says hello. */\n"},
		"several lines": {Doc{Text: "Says\n\nhello.\n"}, "  /**\n   * Says\n   *\n   * hello.\n   */\n"},
		"line breaks of other systems": {
			Doc{Text: "a\r\nb\rc\u2028d\u2029e"}, "  /**\n   * a\n   * b\n   * c\n   * d\n   * e\n   */\n",
		},
		"a single tag":          {Doc{Since: "1.2"}, "  /** @since 1.2 */\n"},
		"an end of comment":     {Doc{Text: "a */ b **/"}, "  /** a *\\/ b **\\/ */\n"},
		"a slash first":         {Doc{Text: "/ a"}, "  /** / a */\n"},
		"a tag in the text":     {Doc{Text: "@deprecated a @b\n * @c"}, "  /**\n   * \\@deprecated a @b\n   *  * \\@c\n   */\n"},
		"control characters":    {Doc{Text: "a\x00b\x1bc\td"}, "  /** a b c\td */\n"},
		"continued deprecation": {Doc{Deprecated: "use\n\nb"}, "  /**\n   * @deprecated use\n   *\n   *   b\n   */\n"},
		"everything, in its order": {
			Doc{Text: "T", Deprecated: "D", Since: "S", Params: []ParamDoc{{Name: "p", Text: "P"}}},
			"  /**\n   * T\n   * @param p - P\n   * @deprecated D\n   * @since S\n   */\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := comment("  ", test.doc); got != test.want {
				t.Errorf("got %q\nwant %q", got, test.want)
			}
		})
	}
}

// FuzzComment holds that a comment ends only where it should, whatever is in
// it, and that no line of it starts a tag that siogen did not write.
func FuzzComment(f *testing.F) {
	f.Add("a */ b", "*/", "/**\u2028@x")
	f.Add("*", "/", "\\*/")
	f.Fuzz(func(t *testing.T, text, deprecated, param string) {
		doc := Doc{Text: text, Deprecated: deprecated, Params: []ParamDoc{{Name: "p", Text: param}}}
		got := comment("", doc)
		if got == "" {
			return
		}
		body, ok := strings.CutSuffix(got, "*/\n")
		if !ok || !strings.HasPrefix(got, "/**") {
			t.Fatalf("no comment: %q", got)
		}
		if strings.Contains(body, "*/") {
			t.Errorf("ends early: %q", got)
		}
		for line := range strings.Lines(strings.TrimPrefix(body, "/*")) {
			line = strings.TrimLeft(line, "* \t")
			if strings.HasPrefix(line, "@") && !strings.HasPrefix(line, "@param p -") && !strings.HasPrefix(line, "@deprecated") {
				t.Errorf("starts a tag: %q", got)
			}
		}
	})
}
