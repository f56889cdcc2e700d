// Package testjs lets tests run Node.js with the packages that the
// repository's package-lock.json pins. Where they are missing a test skips and
// says why, so that plain "go test ./..." needs no Node; under CI=true it
// fails instead.
package testjs

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// CommandTimeout bounds every command; it is far above what any needs.
const CommandTimeout = 5 * time.Minute

// Node returns the path of the node binary.
func Node(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		Missing(t, "node is not installed")
	}
	return path
}

// Chromium returns the path of the browser: the one that the environment variable
// CHROMIUM names, or the one on the PATH.
func Chromium(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath(cmp.Or(os.Getenv("CHROMIUM"), "chromium"))
	if err != nil {
		Missing(t, `Chromium is not installed: run "make test-browser"`)
	}
	return path
}

// Modules returns the repository's node_modules folder.
func Modules(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(Root(t), "node_modules")
	// npm writes this file last: without it an installation was interrupted.
	if _, err := os.Stat(filepath.Join(dir, ".package-lock.json")); err != nil {
		Missing(t, `node_modules is not installed: run "npm ci" in the repository's root`)
	}
	return dir
}

// Root returns the repository's root folder: the nearest one above the test's
// with a go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = parent
	}
}

// Run runs node with args in the repository's root, until it ends or
// CommandTimeout has passed, and returns what it printed on both streams and
// its exit code.
func Run(t testing.TB, args ...string) (output string, exitCode int) {
	t.Helper()
	return RunEnv(t, nil, args...)
}

// RunEnv is Run with variables ("KEY=value") added to the environment: parallel
// tests can't use t.Setenv.
func RunEnv(t testing.TB, env []string, args ...string) (output string, exitCode int) {
	t.Helper()
	node := Node(t)
	ctx, cancel := context.WithTimeout(t.Context(), CommandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, args...)
	cmd.Dir = Root(t)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("node %v: %v", args, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// Compiler is an npm package with the TypeScript compiler.
type Compiler string

// The compilers: the newest, and the oldest series that generated code is
// promised to compile with.
const (
	TypeScript  Compiler = "typescript"
	TypeScript5 Compiler = "typescript-5"
)

// Tsc runs a TypeScript compiler with args in the repository's root, as Run
// does.
func Tsc(t testing.TB, c Compiler, args ...string) (output string, exitCode int) {
	t.Helper()
	tsc := filepath.Join(Modules(t), string(c), "bin", "tsc")
	return Run(t, append([]string{tsc}, args...)...)
}

// Missing skips a test that lacks a peer, and fails it where CI=true says that all are
// installed.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}
