package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"golang.org/x/mod/modfile"
)

// command is the import path of package main.
const command = "github.com/siogen/siogen/cmd/siogen"

// cached matches the folders that the go command keeps executables in which it
// builds for go tool and go run.
var cached = regexp.MustCompile(`(^|[/\\])([0-9a-f]{64}-d|go-build[0-9]+[/\\].*exe)$`)

// Program is what a user types to run siogen again, told from the first word of
// the command line: its name where the PATH has it, "go tool siogen" or "go run"
// where the go command has built it for this module, or else its path.
func Program(arg0 string) string {
	path, err := os.Executable()
	if err == nil && cached.MatchString(filepath.Dir(path)) {
		return viaGo()
	}
	name := filepath.Base(arg0)
	if found, err := exec.LookPath(name); err == nil && (arg0 == name || found == arg0) {
		return name
	}
	return shellWord(arg0)
}

// viaGo is how the go command runs siogen in the working directory's module.
func viaGo() string {
	const run = "go run " + command
	dir, err := os.Getwd()
	if err != nil {
		return run
	}
	for {
		path := filepath.Join(dir, "go.mod")
		if text, err := os.ReadFile(path); err == nil {
			if hasTool(path, text) {
				return "go tool siogen"
			}
			return run
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return run
		}
		dir = parent
	}
}

// hasTool reports whether a go.mod names siogen as a tool.
func hasTool(path string, text []byte) bool {
	mod, err := modfile.Parse(path, text, nil)
	if err != nil {
		return false
	}
	for _, tool := range mod.Tool {
		if tool.Path == command {
			return true
		}
	}
	return false
}
