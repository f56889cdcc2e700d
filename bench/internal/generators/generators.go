package generators

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Names of generators.
const (
	Siogen      = "siogen"
	OapiCodegen = "oapi-codegen"
)

// Run is what one generator did with one contract.
type Run struct {
	Generator string `json:"generator"`
	// Size is how many calls the contract has, and as many types.
	Size  int `json:"size"`
	Round int `json:"round"`
	// Wall and CPU are times; Memory is the most that was resident, in bytes.
	Wall   time.Duration `json:"wall"`
	CPU    time.Duration `json:"cpu"`
	Memory int64         `json:"memory"`
	// Lines are those of the Go files that were written.
	Lines int `json:"lines"`
	// Build is what go build took for them, with all that they import built already; 0:
	// it was not tried.
	Build time.Duration `json:"build,omitempty"`
}

// String is one line about a run.
func (r Run) String() string {
	text := fmt.Sprintf("%6d events %-13s %v, %v CPU, %d MiB, %d lines", r.Size, r.Generator,
		r.Wall.Round(time.Millisecond), r.CPU.Round(time.Millisecond), r.Memory>>20, r.Lines)
	if r.Build > 0 {
		text += fmt.Sprintf(", go build %v", r.Build.Round(10*time.Millisecond))
	}
	return text
}

// Sizes are how many calls contracts have.
func Sizes() []int { return []int{10, 100, 1000, 10_000} }

const (
	// manyCalls are so many that one round has to do.
	manyCalls = 10_000
	// maxRounds are measured at most.
	maxRounds = 3
	// runTime bounds one run of a generator or of go build.
	runTime = 10 * time.Minute
)

// Options say what to measure.
type Options struct {
	// Sizes are those of the contracts.
	Sizes  []int
	Rounds int
	// BuildTo is the size of the largest contract whose output is compiled.
	BuildTo int
	// Log gets a line for each run.
	Log io.Writer
}

// generator is one of those that are compared.
type generator struct {
	name string
	// args makes the arguments that let it write Go to a folder.
	args   func(out string) []string
	binary string
}

// bench is one comparison.
type bench struct {
	Options
	folder     string // for all that is written, a module
	generators []generator
}

// Measure builds the generators and lets each generate from contracts of all
// sizes, one after the other. bench is the folder of the benchmark; what is written
// goes to a new folder, which it removes.
//
// The kernel counts a process's peak of memory from that of the process that starts
// it: call Measure while this one is small.
func Measure(ctx context.Context, benchFolder string, o Options) (runs []Run, err error) {
	folder, err := os.MkdirTemp("", "siogen-generators-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	b := &bench{Options: o, folder: folder, generators: []generator{
		{name: Siogen, args: func(out string) []string { return []string{"generate", siogenFile, "--go-out", out} }},
		{name: OapiCodegen, args: func(out string) []string {
			return []string{"-generate", "types,client,std-http", "-package", "events", "-o", filepath.Join(out, "events.go"), openAPIFile}
		}},
	}}
	if err := b.prepare(ctx, benchFolder); err != nil {
		return nil, err
	}
	for _, size := range o.Sizes {
		rounds := min(o.Rounds, maxRounds)
		if size >= manyCalls {
			rounds = 1
		}
		for round := range rounds {
			for _, g := range b.generators {
				r, err := b.run(ctx, g, size, round)
				if err != nil {
					return runs, fmt.Errorf("%s, %d events: %w", g.name, size, err)
				}
				fmt.Fprintln(o.Log, r)
				runs = append(runs, r)
			}
		}
	}
	return runs, nil
}

// prepare builds the generators, a module for what they write, and what that
// imports.
func (b *bench) prepare(ctx context.Context, benchFolder string) error {
	benchFolder, err := filepath.Abs(benchFolder)
	if err != nil {
		return err
	}
	root := filepath.Dir(benchFolder)
	for i, pkg := range []string{"./cmd/siogen", "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"} {
		dir := []string{root, benchFolder}[i] // the modules that require them
		b.generators[i].binary = filepath.Join(b.folder, b.generators[i].name)
		if err := command(ctx, dir, "go", "build", "-o", b.generators[i].binary, pkg); err != nil {
			return err
		}
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return err
	}
	const module = "github.com/siogen/siogen"
	return errors.Join(
		os.WriteFile(filepath.Join(b.folder, "go.sum"), sums, 0o644),
		os.WriteFile(filepath.Join(b.folder, "go.mod"), []byte("module generated\n\ngo 1.26.0\n"), 0o644),
		command(ctx, b.folder, "go", "mod", "edit", "-require="+module+"@v0.0.0", "-replace="+module+"="+root),
		command(ctx, b.folder, "go", "build", "-mod=mod", module+"/runtime", module+"/runtime/codec", "net/http", "encoding/json"),
	)
}

func (b *bench) run(ctx context.Context, g generator, size, round int) (Run, error) {
	// A folder of its own, so that go build finds nothing in its cache.
	folder := filepath.Join(b.folder, g.name+"-"+strconv.Itoa(size)+"-"+strconv.Itoa(round))
	out := filepath.Join(folder, "out")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return Run{}, err
	}
	if err := writeContract(folder, size); err != nil {
		return Run{}, err
	}
	r, err := measured(ctx, folder, g.binary, g.args(out)...)
	if err != nil {
		return Run{}, err
	}
	r.Generator, r.Size, r.Round = g.name, size, round
	if r.Lines, err = lines(out); err != nil {
		return Run{}, err
	}
	if round == 0 && size <= b.BuildTo {
		build, err := measured(ctx, out, "go", "build", "-mod=mod", ".")
		if err != nil {
			return Run{}, err
		}
		r.Build = build.Wall
	}
	return r, os.RemoveAll(folder)
}

// command runs a program that must succeed.
func command(ctx context.Context, dir, name string, args ...string) error {
	_, err := measured(ctx, dir, name, args...)
	return err
}

// measured runs a program that must succeed, and tells what it took.
func measured(ctx context.Context, dir, name string, args ...string) (Run, error) {
	ctx, cancel := context.WithTimeout(ctx, runTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	began := time.Now()
	printed, err := cmd.CombinedOutput()
	if err != nil {
		return Run{}, fmt.Errorf("%s: %w\n%.2000s", filepath.Base(name), err, printed)
	}
	r := Run{Wall: time.Since(began), CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.Memory = usage.Maxrss << 10 // KiB on Linux
	}
	return r, nil
}

// lines counts those of the Go files in a folder.
func lines(folder string) (n int, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		n += bytes.Count(text, []byte("\n"))
	}
	if n == 0 {
		return 0, fmt.Errorf("nothing was written to %s", folder)
	}
	return n, nil
}
