// Command bench measures siogen's server beside others and writes RESULTS.md,
// results.json and cpu.svg.
//
//	go run ./cmd/bench
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/siogen/siogen/bench/internal/generators"
	"github.com/siogen/siogen/bench/internal/measure"
	"github.com/siogen/siogen/bench/internal/report"
	"github.com/siogen/siogen/bench/internal/target"
)

// options are the flags.
type options struct {
	measure.Options
	dir, out           string
	servers, scenarios string
	buildTo            int
	from               string
}

// What is measured beside the scenarios, by the names that -scenarios takes.
const (
	generatorsName  = "generators"
	allocationsName = "allocations"
)

func main() {
	o := options{Options: measure.Options{Log: os.Stderr}}
	flag.StringVar(&o.dir, "dir", ".", "the folder bench/")
	flag.StringVar(&o.out, "out", ".", "the folder to write RESULTS.md, results.json and cpu.svg to; empty: nowhere")
	flag.StringVar(&o.servers, "servers", "", "names of servers, with commas between; empty: all")
	flag.StringVar(&o.scenarios, "scenarios", "", "names of scenarios, with commas between; empty: all: "+strings.Join(names(), ", "))
	flag.IntVar(&o.Rounds, "rounds", 5, "how many rounds; some scenarios have fewer")
	flag.DurationVar(&o.Warm, "warm", 500*time.Millisecond, "how long messages flow before it counts")
	flag.DurationVar(&o.Measure, "time", 2*time.Second, "how long it counts")
	flag.BoolVar(&o.Gather, "gather", false, "clients send in one write what they may send after one read")
	flag.IntVar(&o.buildTo, "build-to", 1000, "go build what generators wrote for contracts of up to so many events; 10000 takes minutes")
	flag.StringVar(&o.from, "from", "", "don't measure: write the report anew from this results.json")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// names are those that -scenarios takes.
func names() (all []string) {
	for _, sc := range measure.Scenarios() {
		all = append(all, sc.Name)
	}
	return append(all, generatorsName, allocationsName)
}

func run(ctx context.Context, o options) error {
	results, err := results(ctx, o)
	if results == nil {
		return err
	}
	if results.Empty() {
		return errors.Join(err, errors.New("no round was completed: nothing to report"))
	}
	report.Text(os.Stdout, results)
	if o.out != "" {
		err = errors.Join(err, write(o, results))
	}
	return err
}

// results measures, or reads what was measured.
func results(ctx context.Context, o options) (*measure.Results, error) {
	if o.from != "" {
		b, err := os.ReadFile(o.from)
		if err != nil {
			return nil, err
		}
		r := new(measure.Results)
		if err := json.Unmarshal(b, r); err != nil {
			return nil, fmt.Errorf("%s: %w", o.from, err)
		}
		return r, nil
	}
	wanted := names()
	if o.scenarios != "" {
		wanted = strings.Split(o.scenarios, ",")
	}
	for _, name := range wanted {
		if !slices.Contains(names(), name) {
			return nil, fmt.Errorf("there is no scenario %q, only %s", name, strings.Join(names(), ", "))
		}
	}
	// The generators come first, while this process is small: see package generators.
	runs, alone, err := withoutServers(ctx, o, wanted)
	if err != nil {
		return nil, err
	}
	r, err := withServers(ctx, o, wanted)
	if r != nil {
		r.Generators, r.Allocations = runs, alone
	}
	return r, err
}

// withoutServers measures generators and allocations.
func withoutServers(ctx context.Context, o options, wanted []string) (runs []generators.Run, allocations []measure.Allocation, err error) {
	if slices.Contains(wanted, generatorsName) {
		runs, err = generators.Measure(ctx, o.dir, generators.Options{
			Sizes: generators.Sizes(), Rounds: o.Rounds, BuildTo: o.buildTo, Log: o.Log,
		})
	}
	if err == nil && slices.Contains(wanted, allocationsName) {
		allocations, err = measure.Allocations(ctx, o.dir)
	}
	return runs, allocations, err
}

// withServers measures the scenarios.
func withServers(ctx context.Context, o options, wanted []string) (*measure.Results, error) {
	folder, err := os.MkdirTemp("", "siogen-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	servers, missing, err := target.Prepare(ctx, o.dir, folder)
	if err != nil {
		return nil, err
	}
	scenarios := chosenScenarios(wanted)
	if servers, err = chosenServers(servers, o.servers, scenarios); err != nil {
		return nil, err
	}
	for _, m := range missing {
		fmt.Fprintf(os.Stderr, "left out: %s: %v\n", m.Title, m.Err)
	}
	r, err := measure.Run(ctx, servers, scenarios, o.Options)
	r.Machine, r.Versions = target.Machine(), target.Versions(context.WithoutCancel(ctx), servers)
	for _, m := range missing {
		r.Missing = append(r.Missing, fmt.Sprintf("%s: %v", m.Title, m.Err))
	}
	return r, err
}

// chosenScenarios are those with the given names, and those by which they set their
// pace.
func chosenScenarios(wanted []string) (chosen []measure.Scenario) {
	all := measure.Scenarios()
	for _, sc := range all {
		needed := slices.ContainsFunc(all, func(other measure.Scenario) bool {
			return other.RateOf == sc.Name && slices.Contains(wanted, other.Name)
		})
		if needed || slices.Contains(wanted, sc.Name) {
			chosen = append(chosen, sc)
		}
	}
	return chosen
}

// chosenServers are those with the given names, all if there are none, and that by
// which a scenario sets its pace.
func chosenServers(all []target.Server, names string, scenarios []measure.Scenario) (chosen []target.Server, err error) {
	if names == "" {
		return all, nil
	}
	wanted := strings.Split(names, ",")
	if slices.ContainsFunc(scenarios, func(sc measure.Scenario) bool { return sc.RateOf != "" }) {
		wanted = append(wanted, measure.RateServer)
	}
	var known []string
	for _, s := range all {
		known = append(known, s.Name)
		if slices.Contains(wanted, s.Name) {
			chosen = append(chosen, s)
		}
	}
	for _, name := range wanted {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no server %q, only %s", name, strings.Join(known, ", "))
		}
	}
	return chosen, nil
}

// write writes the files of the report.
func write(o options, r *measure.Results) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	profile, err := os.ReadFile(filepath.Join(o.dir, "PROFILE.md"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(o.out, "results.json"), append(text, '\n'), 0o644),
		create(filepath.Join(o.out, "cpu.svg"), func(w io.Writer) error { return report.Chart(w, r) }),
		create(filepath.Join(o.out, "RESULTS.md"), func(w io.Writer) error { report.Markdown(w, r, string(profile)); return nil }),
	)
}

func create(path string, content func(w io.Writer) error) error {
	var b strings.Builder
	if err := content(&b); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}
