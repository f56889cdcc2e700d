package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// String is "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

type jsonPlace struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Col     int    `json:"col"`
	EndLine int    `json:"endLine"`
	EndCol  int    `json:"endCol"`
}

type jsonNote struct {
	jsonPlace
	Message string `json:"message"`
}

type jsonDiagnostic struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	jsonPlace
	Message string     `json:"message"`
	Hint    string     `json:"hint"`
	Notes   []jsonNote `json:"notes"`
}

// JSON writes the diagnostics as an array of objects with the keys code,
// severity, file, line, col, endLine, endCol, message, hint and notes; a note
// has a place and a message. Every key is always there; lines and columns count
// from 1, and are 0 where there is no place. The error is that of w.
func JSON(w io.Writer, ds []Diagnostic) error {
	out := make([]jsonDiagnostic, 0, len(ds))
	for _, d := range ds {
		notes := make([]jsonNote, 0, len(d.Notes))
		for _, n := range d.Notes {
			notes = append(notes, jsonNote{jsonPlace(n.Span), n.Message})
		}
		out = append(out, jsonDiagnostic{d.Code, d.Severity.String(), jsonPlace(d.Span), d.Message, d.Hint, notes})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("encode diagnostics: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// GitHub writes the diagnostics as workflow commands of GitHub Actions, which
// shows them at the lines of a pull request. The error is that of w.
func GitHub(w io.Writer, ds []Diagnostic) error {
	var b bytes.Buffer
	for _, d := range ds {
		b.WriteString("::" + d.Severity.String() + " ")
		if d.Span.IsValid() {
			fmt.Fprintf(&b, "file=%s,", escapeProperty(d.Span.File))
		}
		if d.Span.Line > 0 {
			fmt.Fprintf(&b, "line=%d,col=%d,", d.Span.Line, d.Span.Col)
		}
		if d.Span.EndLine == d.Span.Line && d.Span.EndCol > d.Span.Col {
			fmt.Fprintf(&b, "endLine=%d,endColumn=%d,", d.Span.EndLine, d.Span.EndCol)
		}
		fmt.Fprintf(&b, "title=%s::%s\n", escapeProperty(d.Code), escapeData(d.annotation()))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// annotation is the message with all that an annotation has no place for.
func (d Diagnostic) annotation() string {
	lines := []string{d.Message}
	if d.Hint != "" {
		lines = append(lines, "hint: "+d.Hint)
	}
	for _, n := range d.Notes {
		line := n.Message
		if place := n.Span.place(); place != "" {
			line = place + ": " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
