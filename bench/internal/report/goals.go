package report

import (
	"math"

	"github.com/siogen/siogen/bench/internal/generators"
	"github.com/siogen/siogen/bench/internal/measure"
	"github.com/siogen/siogen/bench/internal/target"
)

// Goal is what siogen should reach.
type Goal struct {
	Title string
	// Over is what it is compared with, or the unit of what counts by itself.
	Over string
	// Most is how much it may be, Measured how much it is; NaN if it was not measured.
	Most, Measured float64
	Decimals       int
}

// goals lists them all.
func goals(r *measure.Results) []Goal {
	titles := make(map[string]string)
	for _, s := range r.Servers {
		titles[s.Name] = s.Title
	}
	over := func(title string, f Figure, server string, most float64) Goal {
		return Goal{title, titles[server], most, ratio(r, f, target.Native, server), 2}
	}
	cpuOf := func(scenario string) Figure { return Figure{Scenario: scenario, Value: cpu} }
	echo8, echo1, ack8, broadcast := cpuOf(measure.Echo8), cpuOf(measure.Echo1), cpuOf(measure.Ack8), cpuOf(measure.Broadcast)
	return []Goal{
		over("CPU: echo, 8 in flight", echo8, "gws", 0.70),
		over("CPU: echo, 8 in flight", echo8, "zishang520", 0.18),
		over("CPU: echo, 8 in flight", echo8, "node", 0.30),
		over("CPU: echo, 8 in flight", echo8, "bun", 0.75),
		over("CPU: ack, 8 in flight", ack8, "node", 0.30),
		over("CPU: echo, 1 in flight", echo1, "gws", 1.10),
		over("CPU: broadcast to 300, per delivery", broadcast, "gws", 1.2),
		over("CPU: broadcast to 300, per delivery", broadcast, "bun", 0.35),
		over("p99 at half of plain gws's rate", Figure{Scenario: measure.Paced, Value: p99}, "gws", 1.2),
		{"memory of an idle client in a namespace and a room", "KiB", 14, median(values(r, Figure{Scenario: measure.Memory, Value: idle}, target.Native)), 1},
		{"CPU for a message, 15,000 clients", "siogen, 1,000 clients", 1.25, growth(r, cpu), 2},
		{"memory of an idle client, 15,000 clients", "siogen, 1,000 clients", 1.25, growth(r, idle), 2},
		{"dispatch of an event with scalar arguments, frame to handler", "allocations", 0, allocations(r, measure.BenchmarkDispatch), 0},
		{"emit of an event with scalar arguments", "allocations", 0, allocations(r, measure.BenchmarkEmit), 0},
		{"allocations of a broadcast to 1,000", "a broadcast to 10", 1, allocations(r, measure.BenchmarkBroadcastMany) / allocations(r, measure.BenchmarkBroadcastFew), 2},
		{"generator, 1,000 events: time", "oapi-codegen", 0.30, generated(r, generators.Siogen, 1000, wall) / generated(r, generators.OapiCodegen, 1000, wall), 2},
		{"generator, 1,000 events: lines", "lines", 100_000, generated(r, generators.Siogen, 1000, lines), 0},
		{"generator, 10,000 events: time", "siogen, 1,000 events", 11, generated(r, generators.Siogen, 10_000, wall) / generated(r, generators.Siogen, 1000, wall), 1},
	}
}

// growth is how much more a client or a message costs with many clients than with
// few; NaN if that was not measured.
func growth(r *measure.Results, value func(*measure.Measurement) float64) float64 {
	return medianRatio(
		values(r, Figure{Scenario: measure.Many, Value: value}, target.Native),
		values(r, Figure{Scenario: measure.Few, Value: value}, target.Native))
}

// allocations of one operation of a Go benchmark; NaN if it did not run.
func allocations(r *measure.Results, benchmark string) float64 {
	for _, a := range r.Allocations {
		if a.Name == benchmark {
			return float64(a.Allocations)
		}
	}
	return math.NaN()
}

// Goals is a table of what was to be reached, as far as it was measured.
func Goals(r *measure.Results) Table {
	t := Table{{"siogen's", "over", "goal", "measured", ""}}
	for _, g := range goals(r) {
		if math.IsNaN(g.Measured) {
			continue
		}
		verdict := "reached"
		if g.Measured > g.Most {
			verdict = "**missed**"
		}
		t = append(t, []string{g.Title, g.Over, "≤ " + number(g.Most, g.Decimals), number(g.Measured, g.Decimals), verdict})
	}
	return t
}
