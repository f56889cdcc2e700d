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

	"github.com/siogen/siogen/bench/internal/measure"
	"github.com/siogen/siogen/bench/internal/report"
	"github.com/siogen/siogen/bench/internal/target"
)

// options are the flags.
type options struct {
	measure.Options
	dir, out           string
	servers, scenarios string
	from               string
}

func main() {
	o := options{Options: measure.Options{Log: os.Stderr}}
	flag.StringVar(&o.dir, "dir", ".", "the folder bench/")
	flag.StringVar(&o.out, "out", ".", "the folder to write RESULTS.md, results.json and cpu.svg to; empty: nowhere")
	flag.StringVar(&o.servers, "servers", "", "names of servers, with commas between; empty: all")
	flag.StringVar(&o.scenarios, "scenarios", "", "names of scenarios, with commas between; empty: all but those that take long: "+strings.Join(optional(), ", "))
	flag.IntVar(&o.Rounds, "rounds", 5, "how many rounds")
	flag.DurationVar(&o.Warm, "warm", 500*time.Millisecond, "how long messages flow before it counts")
	flag.DurationVar(&o.Measure, "time", 2*time.Second, "how long it counts")
	flag.BoolVar(&o.Gather, "gather", false, "clients send in one write what they may send after one read")
	flag.StringVar(&o.from, "from", "", "don't measure: write the report anew from this results.json")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func optional() (names []string) {
	for _, sc := range measure.Scenarios() {
		if sc.Optional {
			names = append(names, sc.Name)
		}
	}
	return names
}

func run(ctx context.Context, o options) error {
	results, err := results(ctx, o)
	if results == nil {
		return err
	}
	if results.Rounds == 0 {
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
	scenarios, err := choose(measure.Scenarios(), o.scenarios,
		func(sc measure.Scenario) (string, bool) { return sc.Name, !sc.Optional })
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "siogen-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	servers, missing, err := target.Prepare(ctx, o.dir, folder)
	if err != nil {
		return nil, err
	}
	servers, err = choose(servers, o.servers, func(s target.Server) (string, bool) { return s.Name, true })
	if err != nil {
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

// choose returns the elements with the given names, or those that are in by
// default.
func choose[T any](all []T, names string, of func(T) (name string, byDefault bool)) ([]T, error) {
	var wanted []string
	if names != "" {
		wanted = strings.Split(names, ",")
	}
	var chosen []T
	var known []string
	for _, v := range all {
		name, in := of(v)
		known = append(known, name)
		if wanted == nil && in || slices.Contains(wanted, name) {
			chosen = append(chosen, v)
		}
	}
	for _, name := range wanted {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no %q, only %s", name, strings.Join(known, ", "))
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
