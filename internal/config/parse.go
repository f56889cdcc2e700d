package config

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/siogen/siogen/schema/diag"
)

// file is a configuration file that has the shape of fileShape.
type file struct {
	Schemas []entry
}

type entry struct {
	Schema string
	Go     struct{ Out, Package string }
	// The fields' names in lower case are the keys.
	TypeScript           struct{ Out, Bytes, Templates string }
	hasGo, hasTypeScript bool
}

// UnmarshalYAML implements yaml.Unmarshaler: `go:` with nothing behind it is
// an output too.
func (e *entry) UnmarshalYAML(n *yaml.Node) error {
	type plain entry
	if err := n.Decode((*plain)(e)); err != nil {
		return err
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch n.Content[i].Value {
		case "go":
			e.hasGo = true
		case "typescript":
			e.hasTypeScript = true
		}
	}
	return nil
}

// checker collects what is wrong with a file.
type checker struct {
	file  string
	diags []diag.Diagnostic
}

func parse(name string, text []byte) (file, []diag.Diagnostic) {
	c := &checker{file: name}
	root := c.document(text)
	if root == nil {
		return file{}, c.diags
	}
	c.check(root, fileShape(), "siogen.yaml")
	if len(c.diags) > 0 {
		return file{}, c.diags
	}
	var f file
	if err := root.Decode(&f); err != nil {
		c.report(diag.CodeSyntax, diag.Span{File: name, Line: 1, Col: 1}, message(err), "")
	}
	return f, c.diags
}

// document reads the one YAML document of a file; nil when there is none.
func (c *checker) document(text []byte) *yaml.Node {
	top := diag.Span{File: c.file, Line: 1, Col: 1}
	if len(text) > maxFileSize {
		c.report(diag.CodeTooLarge, top, fmt.Sprintf("the file has more than %d bytes", maxFileSize), "")
		return nil
	}
	if !utf8.Valid(text) {
		c.report(diag.CodeEncoding, top, "the file is not UTF-8 text", "save the file as UTF-8")
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF), err == nil && isNull(doc.Content[0]):
		c.report(diag.CodeEmpty, top, "the file is empty", "siogen init writes one to start from")
		return nil
	case err != nil:
		c.syntax(err)
		return nil
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		c.report(diag.CodeManyDocuments, c.span(second.Content[0]), "a second YAML document starts here", `remove the "---" line`)
	case !errors.Is(err, io.EOF):
		c.syntax(err)
	}
	return doc.Content[0]
}

func (c *checker) syntax(err error) {
	at := diag.Span{File: c.file, Line: 1, Col: 1}
	if m := regexp.MustCompile(`^yaml: line (\d+): `).FindStringSubmatch(err.Error()); m != nil {
		// The expression takes digits only; a line number fits.
		at.Line, _ = strconv.Atoi(m[1])
	}
	c.report(diag.CodeSyntax, at, message(err), "")
}

func message(err error) string {
	return regexp.MustCompile(`^yaml: (line \d+: )?`).ReplaceAllString(err.Error(), "")
}

// check compares a node with the shape of its place, which the user calls what.
func (c *checker) check(n *yaml.Node, s *shape, what string) {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch s.kind {
	case kindObject:
		c.object(n, s, what)
	case kindList:
		if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
			c.wrong(n, what+" takes a list with at least one element")
			return
		}
		for _, e := range n.Content {
			c.check(e, s.elem, "an element of "+what)
		}
	case kindVersion:
		if n.Tag != "!!int" || n.Value != strconv.Itoa(version) {
			c.wrong(n, fmt.Sprintf("%s must be %d", what, version))
		}
	case kindString:
		c.text(n, s, what)
	}
}

func (c *checker) object(n *yaml.Node, s *shape, what string) {
	if s.nullable && isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		c.wrong(n, what+" takes a mapping with "+strings.Join(s.names(), ", "))
		return
	}
	seen := make(map[string]*yaml.Node)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		m := s.member(key.Value)
		if m == nil || key.Kind != yaml.ScalarNode {
			c.unknown(key, s, what)
			continue
		}
		if first := seen[key.Value]; first != nil {
			c.report(diag.CodeDuplicateKey, c.span(key), fmt.Sprintf("the key %q stands here twice", key.Value), "")
			c.diags[len(c.diags)-1].Notes = []diag.Note{{Span: c.span(first), Message: "the first one is here"}}
			continue
		}
		seen[key.Value] = key
		c.check(value, m.shape, key.Value)
	}
	for _, m := range s.members {
		if m.required && seen[m.name] == nil {
			c.report(diag.CodeMissingKey, c.span(n), fmt.Sprintf("%s lacks the key %q", what, m.name), "")
		}
	}
}

func (c *checker) unknown(key *yaml.Node, s *shape, what string) {
	hint := "known keys: " + strings.Join(s.names(), ", ")
	if near := diag.Nearest(key.Value, s.names()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	c.report(diag.CodeUnknownKey, c.span(key), fmt.Sprintf("%s has no key %q", what, key.Value), hint)
}

func (c *checker) text(n *yaml.Node, s *shape, what string) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
		c.wrong(n, what+" takes a text")
		return
	}
	if s.values != nil && s.value(n.Value) == "" {
		hint := ""
		if near := diag.Nearest(n.Value, s.values); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		c.report(diag.CodeWrongShape, c.span(n),
			fmt.Sprintf("%s must be %s, not %q", what, strings.Join(s.values, " or "), n.Value), hint)
		return
	}
	if s.pattern == "" {
		return
	}
	isName := s.pattern == identifier
	if isName && n.Value == "main" {
		c.report(diag.CodeBadPackage, c.span(n), "package main cannot be imported", "choose another name")
		return
	}
	if !regexp.MustCompile(s.pattern).MatchString(n.Value) || isName && (token.IsKeyword(n.Value) || n.Value == "_") {
		code := diag.CodeWrongShape
		if isName {
			code = diag.CodeBadPackage
		}
		c.report(code, c.span(n), fmt.Sprintf("%s: %q is not %s", what, n.Value, s.form), "")
	}
}

func (c *checker) wrong(n *yaml.Node, message string) {
	c.report(diag.CodeWrongShape, c.span(n), message, "")
}

func (c *checker) report(code string, at diag.Span, message, hint string) {
	c.diags = append(c.diags, diag.Diagnostic{Code: code, Span: at, Message: message, Hint: hint})
}

// span is the place of a node: of all of it when it is text on one line.
func (c *checker) span(n *yaml.Node) diag.Span {
	s := diag.Span{File: c.file, Line: n.Line, Col: n.Column, EndLine: n.Line}
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && n.Value != "" {
		s.EndCol = n.Column + utf8.RuneCountInString(n.Value)
		if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			s.EndCol += 2
		}
	}
	return s
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func (s *shape) member(name string) *member {
	for i := range s.members {
		if s.members[i].name == name {
			return &s.members[i]
		}
	}
	return nil
}

func (s *shape) names() []string {
	var out []string
	for _, m := range s.members {
		out = append(out, m.name)
	}
	return out
}

func (s *shape) value(v string) string {
	for _, known := range s.values {
		if known == v {
			return known
		}
	}
	return ""
}
