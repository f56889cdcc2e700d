package cli_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/siogen/siogen/internal/cli"
)

var update = flag.Bool("update", false, "write the texts in testdata/script anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"siogen": func() {
			os.Exit(cli.Run(context.Background(), os.Args[1:], cli.Stdio{Out: os.Stdout, Err: os.Stderr, Program: cli.Program(os.Args[0])}))
		},
	})
}

// TestScripts runs the command lines in testdata/script.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join(root, "testdata", "script"),
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SIOGEN_ROOT", root)
			env.Setenv("NO_COLOR", "")
			for _, name := range []string{"GOMODCACHE", "GOCACHE"} {
				out, err := exec.Command("go", "env", name).Output()
				if err != nil {
					return err
				}
				env.Setenv(name, string(bytes.TrimSpace(out)))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"crlf":    crlf,
			"settime": setTime,
			"hastime": hasTime,
			"replace": replace,
		},
	})
}

// exits runs a command that must end with an exit code: exits CODE COMMAND...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// crlf gives files the line ends of Windows: crlf FILE...
func crlf(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := bytes.ReplaceAll([]byte(ts.ReadFile(name)), []byte("\n"), []byte("\r\n"))
		ts.Check(os.WriteFile(ts.MkAbs(name), text, 0o644))
	}
}

// replace replaces a text that must be there: replace FILE OLD NEW
func replace(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	text := []byte(ts.ReadFile(args[0]))
	if !bytes.Contains(text, []byte(args[1])) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	text = bytes.Replace(text, []byte(args[1]), []byte(args[2]), 1)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o644))
}

func longAgo() time.Time { return time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC) }

// settime makes files old: settime FILE...
func setTime(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		ts.Check(os.Chtimes(ts.MkAbs(name), longAgo(), longAgo()))
	}
}

// hastime checks that files are as old as settime made them: [!] hastime FILE...
func hasTime(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if info.ModTime().Equal(longAgo()) == neg {
			ts.Fatalf("%s: modified at %v", name, info.ModTime())
		}
	}
}

func TestAnInterruptedRunWritesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("events.yaml", []byte("package: chat\nServerToClient: {noArg: }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs bytes.Buffer
	if code := cli.Run(ctx, []string{"generate", "events.yaml"}, cli.Stdio{Out: &out, Err: &errs}); code != cli.ExitFailed {
		t.Errorf("exit code %d", code)
	}
	if got, want := errs.String(), "siogen: events.yaml: context canceled\n"; got != want {
		t.Errorf("stderr %q, want %q", got, want)
	}
	if _, err := os.Stat("gen"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("gen: %v", err)
	}
}
