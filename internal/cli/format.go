package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// format is how results and errors are printed.
type format string

const (
	formatText   format = "text"
	formatJSON   format = "json"
	formatGitHub format = "github" // annotations of GitHub Actions
)

// setFormat makes the value of --format the run's, before anything is printed.
func (a *app) setFormat(value string, usage func(text, meant string) error) error {
	known := []string{string(formatText), string(formatJSON), string(formatGitHub)}
	if !slices.Contains(known, value) {
		return usage(fmt.Sprintf("--format takes %s, not %q", strings.Join(known, ", "), value), nearest(value, known))
	}
	a.format = format(value)
	return nil
}

// printJSON prints one document. What it is given always encodes.
func (a *app) printJSON(w io.Writer, v any) error {
	text, err := marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}

// elapsed is the time since the run began, for people.
func (a *app) elapsed() time.Duration {
	d := time.Since(a.start)
	if d < time.Millisecond {
		return d.Round(time.Microsecond)
	}
	return d.Round(time.Millisecond)
}

func (a *app) elapsedMS() float64 {
	return float64(time.Since(a.start).Microseconds()) / 1000
}

// plural is "1 file", "2 files".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
