package docs_test

import (
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/cli"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/cluster"
	"github.com/siogen/siogen/runtime/engineio"
	"github.com/siogen/siogen/runtime/prometheus"
	"github.com/siogen/siogen/schema/diag"
)

// options are the structs whose fields pages name, and which pages must name in
// full.
var options = map[string]reflect.Type{
	"ServerOptions":   reflect.TypeFor[runtime.ServerOptions](),
	"ClientOptions":   reflect.TypeFor[runtime.ClientOptions](),
	"DialOptions":     reflect.TypeFor[engineio.DialOptions](),
	"RecoveryOptions": reflect.TypeFor[runtime.RecoveryOptions](),
	"Limits":          reflect.TypeFor[runtime.Limits](),
	"Cookie":          reflect.TypeFor[runtime.Cookie](),

	"cluster.Options":    reflect.TypeFor[cluster.Options](),
	"prometheus.Options": reflect.TypeFor[prometheus.Options](),
}

var (
	codeSpan   = regexp.MustCompile("`[^`\n]+`")
	identifier = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
	qualified  = regexp.MustCompile(`\b(ServerOptions|ClientOptions|DialOptions|RecoveryOptions|Limits|Cookie)((?:\.[A-Z]\w*)+)`)
	exported   = regexp.MustCompile(`\b(runtime|engineio|socketio|driver|codec|zishang520|siotest|cluster|metrics|otel|prometheus)\.([A-Z]\w*)\b`)
)

// read returns the pages by name.
func read(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		texts[page] = string(text)
	}
	return texts
}

// prose is a page without its blocks of code.
func prose(text string) string { return block.ReplaceAllString(text, "") }

func TestOptionsThatPagesNameExist(t *testing.T) {
	for page, text := range read(t) {
		for _, span := range codeSpan.FindAllString(prose(text), -1) {
			for _, m := range qualified.FindAllStringSubmatch(span, -1) {
				if !hasPath(options[m[1]], strings.Split(m[2][1:], ".")) {
					t.Errorf("%s names %s, which does not exist", page, span)
				}
			}
		}
	}
}

// hasPath follows fields and methods.
func hasPath(typ reflect.Type, path []string) bool {
	for _, name := range path {
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct {
			return false
		}
		field, ok := typ.FieldByName(name)
		if !ok {
			return false
		}
		typ = field.Type
	}
	return true
}

// A table of options has fields in its first column.
func TestTablesOfOptions(t *testing.T) {
	tables := 0
	for page, text := range read(t) {
		if filepath.Base(page) == "typescript.md" {
			continue // those are siogen.yaml's
		}
		inTable := false
		for line := range strings.Lines(text) {
			first, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
			switch {
			case !strings.HasPrefix(line, "|"):
				inTable = false
			case strings.TrimSpace(first) == "option":
				inTable = true
				tables++
			case inTable:
				for _, span := range codeSpan.FindAllString(first, -1) {
					if !anOption(strings.Trim(span, "`")) {
						t.Errorf("%s lists %s, which is no option", page, span)
					}
				}
			}
		}
	}
	if tables < 3 {
		t.Errorf("only %d tables of options", tables)
	}
}

func anOption(name string) bool {
	if m := qualified.FindStringSubmatch(name); m != nil {
		return hasPath(options[m[1]], strings.Split(m[2][1:], "."))
	}
	for _, typ := range options {
		if hasPath(typ, strings.Split(name, ".")) {
			return true
		}
	}
	return false
}

// Every option is on a page, in code.
func TestOptionsAreOnAPage(t *testing.T) {
	said := map[string]bool{}
	for page, text := range read(t) {
		if filepath.Base(page) == "CHANGELOG.md" {
			continue
		}
		code := codeSpan.FindAllString(prose(text), -1)
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			if m[1] == "go" {
				code = append(code, m[2])
			}
		}
		for _, name := range identifier.FindAllString(strings.Join(code, " "), -1) {
			said[name] = true
		}
	}
	for name, typ := range options {
		for _, field := range reflect.VisibleFields(typ) {
			if field.IsExported() && !said[field.Name] {
				t.Errorf("no page names %s.%s", name, field.Name)
			}
		}
	}
}

func TestPublicNamesOnPagesExist(t *testing.T) {
	known := map[string][]string{}
	for page, text := range read(t) {
		for _, span := range codeSpan.FindAllString(prose(text), -1) {
			for _, m := range exported.FindAllStringSubmatch(span, -1) {
				folder := filepath.Join("../runtime", strings.TrimPrefix(m[1], "runtime"))
				if known[folder] == nil {
					known[folder] = declared(t, folder)
				}
				if !slices.Contains(known[folder], m[2]) {
					t.Errorf("%s names %s, which does not exist", page, m[0])
				}
			}
		}
	}
	if len(known) < 2 {
		t.Error("no page names anything")
	}
}

// declared lists what the package in a folder declares.
func declared(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil {
					names = append(names, decl.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						names = append(names, spec.Name.Name)
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							names = append(names, name.Name)
						}
					}
				}
			}
		}
	}
	return names
}

var (
	helpFlag = regexp.MustCompile(`--[a-z][a-z-]*`)
	helpVerb = regexp.MustCompile(`(?m)^  ([a-z]+) {2,}[A-Z]`)
	spanFlag = regexp.MustCompile("^`(--[a-z][a-z-]*)")
	command  = regexp.MustCompile(`\bsiogen ([a-z]+)\b[^\n` + "`" + `]*`)
)

// help is what the command line says of itself.
func help(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if code := cli.Run(context.Background(), args, cli.Stdio{Out: &out, Err: &out}); code != 0 {
		t.Fatalf("siogen %v: exit code %d\n%s", args, code, &out)
	}
	return out.String()
}

func TestCommandsAndFlagsOnPagesExist(t *testing.T) {
	flags := map[string][]string{}
	var all []string
	for _, m := range helpVerb.FindAllStringSubmatch(help(t, "help"), -1) {
		flags[m[1]] = helpFlag.FindAllString(help(t, "help", m[1]), -1)
		all = append(all, flags[m[1]]...)
	}
	if len(flags) < 5 || len(all) < 5 {
		t.Fatalf("verbs and flags: %v", flags)
	}
	for page, text := range read(t) {
		if strings.HasPrefix(page, "../examples/") {
			continue // they have flags of their own
		}
		for _, span := range codeSpan.FindAllString(prose(text), -1) {
			if m := spanFlag.FindStringSubmatch(span); m != nil && !slices.Contains(all, m[1]) {
				t.Errorf("%s names %s, which does not exist", page, span)
			}
		}
		for _, line := range commandsOf(text) {
			m := command.FindStringSubmatch(line)
			of, ok := flags[m[1]]
			if !ok {
				t.Errorf("%s: there is no %q", page, line)
			}
			for _, flag := range helpFlag.FindAllString(line, -1) {
				if ok && !slices.Contains(of, flag) {
					t.Errorf("%s: %s: no such flag: %s", page, line, flag)
				}
			}
		}
	}
}

// commandsOf lists what a page tells to type: lines of its blocks for shells, and
// code that begins with the command.
func commandsOf(text string) []string {
	var lines []string
	for _, m := range block.FindAllStringSubmatch(text, -1) {
		if m[1] == "sh" || m[1] == "bash" || m[1] == "console" {
			for line := range strings.Lines(m[2]) {
				line, _, _ = strings.Cut(line, "#")
				lines = append(lines, command.FindAllString(line, -1)...)
			}
		}
	}
	for _, span := range codeSpan.FindAllString(prose(text), -1) {
		if span := strings.Trim(span, "`"); strings.HasPrefix(span, "siogen ") || strings.HasPrefix(span, "go tool siogen ") {
			lines = append(lines, command.FindAllString(span, -1)...)
		}
	}
	return lines
}

var diagnostic = regexp.MustCompile(`\bSIO\d{3}\b`)

func TestDiagnosticsOnPagesExist(t *testing.T) {
	var codes []string
	for _, c := range diag.Codes() {
		codes = append(codes, c.ID)
	}
	for page, text := range read(t) {
		for _, code := range diagnostic.FindAllString(text, -1) {
			if !slices.Contains(codes, code) {
				t.Errorf("%s names %s, which does not exist", page, code)
			}
		}
	}
}

var (
	target     = regexp.MustCompile(`(?m)^([a-z-]+):.*##`)
	makeTarget = regexp.MustCompile(`\bmake ([a-z-]+)`)
)

// Pages name targets of the Makefile, and CONTRIBUTING.md all of them.
func TestMakeTargets(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, m := range target.FindAllStringSubmatch(string(makefile), -1) {
		targets = append(targets, m[1])
	}
	if len(targets) < 5 {
		t.Fatalf("targets: %v", targets)
	}
	texts := read(t)
	for page, text := range texts {
		code := codeSpan.FindAllString(prose(text), -1)
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			if m[1] == "sh" {
				code = append(code, m[2])
			}
		}
		for _, m := range makeTarget.FindAllStringSubmatch(strings.Join(code, "\n"), -1) {
			if !slices.Contains(targets, m[1]) {
				t.Errorf("%s: there is no `make %s`", page, m[1])
			}
		}
	}
	for _, name := range targets {
		if !regexp.MustCompile(`make ` + name + `\b`).MatchString(texts["../CONTRIBUTING.md"]) {
			t.Errorf("CONTRIBUTING.md does not say what `make %s` is for", name)
		}
	}
}
