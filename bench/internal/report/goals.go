package report

import (
	"math"

	"github.com/siogen/siogen/bench/internal/measure"
	"github.com/siogen/siogen/bench/internal/target"
)

// Goal is what siogen's server should reach in comparison.
type Goal struct {
	Figure Figure
	// Over is the server that it is compared with; empty: the value itself counts.
	Over string
	Most float64
}

// goals lists those that can be told from what was measured.
func goals() []Goal {
	cpuOf := func(scenario, title string) Figure {
		return Figure{"CPU: " + title, "µs", scenario, cpu, 2}
	}
	echo8, echo1 := cpuOf(measure.Echo8, "echo, 8 in flight"), cpuOf(measure.Echo1, "echo, 1 in flight")
	broadcast := cpuOf(measure.Broadcast, "broadcast to 300")
	return []Goal{
		{echo8, "gws", 0.70},
		{echo8, "zishang520", 0.18},
		{echo8, "node", 0.30},
		{echo8, "bun", 0.75},
		{cpuOf(measure.Ack8, "ack, 8 in flight"), "node", 0.30},
		{echo1, "gws", 1.10},
		{broadcast, "gws", 1.2},
		{broadcast, "bun", 0.35},
		{Figure{"p99 at half of plain gws's rate", "ms", measure.Paced, p99, 2}, "gws", 1.2},
		{Figure{"memory of an idle client", "KiB", measure.Memory, idle, 1}, "", 14},
	}
}

// reached is what came of a goal; NaN if it was not measured.
func (g Goal) reached(r *measure.Results) float64 {
	if g.Over == "" {
		return median(values(r, g.Figure, target.Native))
	}
	return ratio(r, g.Figure, target.Native, g.Over)
}

// growth is how much more a client or a message costs with many clients than with
// few; NaN if that was not measured.
func growth(r *measure.Results, value func(*measure.Measurement) float64) float64 {
	few := median(values(r, Figure{Scenario: measure.Few, Value: value}, target.Native))
	many := median(values(r, Figure{Scenario: measure.Many, Value: value}, target.Native))
	if few == 0 {
		return math.NaN()
	}
	return many / few
}
