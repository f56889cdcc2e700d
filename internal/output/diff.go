package output

import (
	"path/filepath"
	"strings"

	"github.com/pmezard/go-difflib/difflib"
)

// Diff is the unified diff from the file on disk to what was generated; empty
// when the file is Unchanged. `patch -p0` takes it.
func (c Change) Diff() string {
	if c.State == Unchanged {
		return ""
	}
	name := filepath.ToSlash(c.Path)
	from, to := name, name
	switch c.State {
	case Missing:
		from = "/dev/null"
	case Stale:
		to = "/dev/null"
	}
	// Writing into memory cannot fail.
	text, _ := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: lines(c.Old), B: lines(c.New),
		FromFile: from, ToFile: to,
		Context: 3,
	})
	return text
}

// lines splits a text, each line with its end. (difflib.SplitLines adds a line
// to texts that end in a newline.)
func lines(text []byte) []string {
	out := strings.SplitAfter(string(text), "\n")
	if last := len(out) - 1; out[last] == "" {
		return out[:last]
	}
	out[len(out)-1] += "\n\\ No newline at end of file\n"
	return out
}
