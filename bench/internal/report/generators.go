package report

import (
	"fmt"
	"math"
	"strconv"

	"github.com/siogen/siogen/bench/internal/generators"
	"github.com/siogen/siogen/bench/internal/measure"
)

func wall(r generators.Run) float64    { return r.Wall.Seconds() }
func cpuTime(r generators.Run) float64 { return r.CPU.Seconds() }
func memory(r generators.Run) float64  { return float64(r.Memory) / (1 << 20) }
func lines(r generators.Run) float64   { return float64(r.Lines) }

func build(r generators.Run) float64 {
	if r.Build == 0 {
		return math.NaN()
	}
	return r.Build.Seconds()
}

// generated is the median of what a generator took for contracts of a size.
func generated(r *measure.Results, generator string, size int, value func(generators.Run) float64) float64 {
	var all []float64
	for _, run := range r.Generators {
		if run.Generator == generator && run.Size == size {
			all = append(all, value(run))
		}
	}
	return median(all)
}

// Generators is a table of what code generators took, with the ratio to siogen in
// brackets.
func Generators(r *measure.Results) Table {
	t := Table{{"", generators.Siogen, generators.OapiCodegen}}
	for _, size := range generators.Sizes() {
		for _, f := range []struct {
			title    string
			value    func(generators.Run) float64
			decimals int
		}{{"time (s)", wall, 2}, {"CPU time (s)", cpuTime, 2}, {"most memory (MiB)", memory, 0}, {"lines", lines, 0}, {"go build (s)", build, 1}} {
			ours, theirs := generated(r, generators.Siogen, size, f.value), generated(r, generators.OapiCodegen, size, f.value)
			if math.IsNaN(ours) {
				continue
			}
			t = append(t, []string{
				fmt.Sprintf("%s events: %s", thousands(size), f.title),
				number(ours, f.decimals),
				number(theirs, f.decimals) + " (" + number(theirs/ours, 2) + " ×)",
			})
		}
	}
	return t
}

// Allocations is a table of the results of Go benchmarks.
func Allocations(r *measure.Results) Table {
	t := Table{{"", "µs", "bytes", "allocations"}}
	for _, a := range r.Allocations {
		t = append(t, []string{a.Name, number(float64(a.Time)/1e3, 1), fmt.Sprint(a.Bytes), fmt.Sprint(a.Allocations)})
	}
	return t
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
