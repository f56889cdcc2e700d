// Package report makes tables, a page and a chart of what was measured.
package report

import (
	"math"
	"slices"

	"github.com/siogen/siogen/bench/internal/measure"
)

// Figure is something that is compared.
type Figure struct {
	Title    string
	Unit     string
	Scenario string
	// Value takes the figure of a measurement.
	Value func(*measure.Measurement) float64
	// Decimals are shown.
	Decimals int
}

func cpu(m *measure.Measurement) float64     { return float64(m.CPUPerMessage) / 1e3 }
func rate(m *measure.Measurement) float64    { return m.Rate / 1e3 }
func p50(m *measure.Measurement) float64     { return float64(m.P50) / 1e6 }
func p99(m *measure.Measurement) float64     { return float64(m.P99) / 1e6 }
func idle(m *measure.Measurement) float64    { return m.IdleMemory / 1024 }
func busy(m *measure.Measurement) float64    { return m.ActiveMemory / 1024 }
func bytesOf(m *measure.Measurement) float64 { return m.BytesPerMessage }
func loads(m *measure.Measurement) float64   { return float64(m.LoadPerMessage) / 1e3 }

// cpuFigures are the server's CPU time for a message, in each scenario.
func cpuFigures(scenarios []measure.Scenario) (figures []Figure) {
	for _, sc := range scenarios {
		figures = append(figures, Figure{sc.Title, "µs", sc.Name, cpu, 1})
	}
	return figures
}

// memoryFigures are the memory for each client, where it was measured.
func memoryFigures(scenarios []measure.Scenario) (figures []Figure) {
	for _, sc := range scenarios {
		if sc.Fresh {
			figures = append(figures,
				Figure{sc.Title + ", idle", "KiB", sc.Name, idle, 1},
				Figure{sc.Title + ", having sent", "KiB", sc.Name, busy, 1})
		}
	}
	return figures
}

// values are a figure's values in all rounds; NaN where there is none.
func values(r *measure.Results, f Figure, server string) []float64 {
	var all []float64
	for _, m := range r.Measurements[f.Scenario][server] {
		v := math.NaN()
		if m != nil && !m.Behind {
			v = f.Value(m)
		}
		all = append(all, v)
	}
	return all
}

// median ignores NaN; of nothing it is NaN.
func median(all []float64) float64 {
	all = slices.DeleteFunc(slices.Clone(all), math.IsNaN)
	n := len(all)
	if n == 0 {
		return math.NaN()
	}
	slices.Sort(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}

// ratio is the median of the rounds' ratios of two servers.
func ratio(r *measure.Results, f Figure, server, over string) float64 {
	return medianRatio(values(r, f, server), values(r, f, over))
}

// medianRatio is the median of the rounds' ratios of two figures: what slows down both in
// one round cancels out.
func medianRatio(a, b []float64) float64 {
	var ratios []float64
	for i := range min(len(a), len(b)) {
		if b[i] != 0 {
			ratios = append(ratios, a[i]/b[i])
		}
	}
	return median(ratios)
}

// spread is how far apart rounds are: the range of the middle half over the median.
func spread(all []float64) float64 {
	all = slices.DeleteFunc(slices.Clone(all), math.IsNaN)
	n := len(all)
	if n < 2 {
		return math.NaN()
	}
	slices.Sort(all)
	return (all[(3*n-1)/4] - all[n/4]) / median(all)
}

// typicalSpread is the median of the spreads of all servers' CPU figures.
func typicalSpread(r *measure.Results) float64 {
	var all []float64
	for _, f := range cpuFigures(r.Scenarios) {
		for _, s := range r.Servers {
			all = append(all, spread(values(r, f, s.Name)))
		}
	}
	return median(all)
}

// others is what part of the machine was used by others: the median and the most.
func others(r *measure.Results) (typical, most float64) {
	var all []float64
	for _, byServer := range r.Measurements {
		for _, rounds := range byServer {
			for _, m := range rounds {
				if m != nil && !m.Behind {
					all = append(all, m.Others)
				}
			}
		}
	}
	if len(all) == 0 {
		return math.NaN(), math.NaN()
	}
	return median(all), slices.Max(all)
}

// retries is how many handshakes of a server got no answer.
func retries(r *measure.Results, server string) (n int) {
	for _, byServer := range r.Measurements {
		for _, m := range byServer[server] {
			if m != nil {
				n += m.Retries
			}
		}
	}
	return n
}
