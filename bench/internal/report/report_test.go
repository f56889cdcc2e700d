package report

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/bench/internal/generators"
	"github.com/siogen/siogen/bench/internal/measure"
)

// sample are results of two rounds; the second of Bun failed.
func sample() *measure.Results {
	echo := func(cpu time.Duration, others float64) *measure.Measurement {
		return &measure.Measurement{CPUPerMessage: cpu, Rate: 100_000, P50: time.Millisecond, P99: 2 * time.Millisecond, Others: others}
	}
	return &measure.Results{
		Rounds: 2, Warm: "1s", Measure: "2s",
		Scenarios: measure.Scenarios()[:1],
		Servers:   []measure.Server{{Name: "native", Title: "siogen"}, {Name: "gws", Title: "plain gws"}, {Name: "bun", Title: "Bun <1>"}},
		Missing:   []string{"Node: not here"},
		Failures:  []string{"round 2, echo-8, bun: gone"},
		Measurements: map[string]map[string][]*measure.Measurement{measure.Echo8: {
			"native": {echo(4*time.Microsecond, 0.1), echo(6*time.Microsecond, 0.3)},
			"gws":    {echo(8*time.Microsecond, 0.1), echo(10*time.Microsecond, 0.1)},
			"bun":    {echo(5*time.Microsecond, 0), nil},
		}},
	}
}

func TestFiguresAreMediansAndRatiosOfRounds(t *testing.T) {
	r := sample()
	got := Figures(r, cpuFigures(r.Scenarios))
	want := []string{"echo, 8 in flight (µs)", "5.0", "9.0 (1.83 ×)", "5.0 (1.25 ×)"}
	if len(got) != 2 || strings.Join(got[1], "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGoals(t *testing.T) {
	r := sample()
	r.Allocations = []measure.Allocation{{Name: measure.BenchmarkDispatch, Allocations: 1}, {Name: measure.BenchmarkEmit}}
	r.Generators = []generators.Run{
		{Generator: generators.Siogen, Size: 1000, Wall: time.Second, Lines: 90_000},
		{Generator: generators.Siogen, Size: 1000, Wall: 3 * time.Second, Lines: 90_000},
		{Generator: generators.OapiCodegen, Size: 1000, Wall: 8 * time.Second, Lines: 200_000},
		{Generator: generators.Siogen, Size: 10_000, Wall: 30 * time.Second, Lines: 900_000},
	}
	got := Goals(r)[1:]
	want := Table{ // what was not measured is left out
		{"CPU: echo, 8 in flight", "plain gws", "≤ 0.70", "0.55", "reached"},
		{"CPU: echo, 8 in flight", "Bun <1>", "≤ 0.75", "0.80", "**missed**"},
		{"dispatch of an event with scalar arguments, frame to handler", "allocations", "≤ 0", "1", "**missed**"},
		{"emit of an event with scalar arguments", "allocations", "≤ 0", "0", "reached"},
		{"generator, 1,000 events: time", "oapi-codegen", "≤ 0.30", "0.25", "reached"},
		{"generator, 1,000 events: lines", "lines", "≤ 100000", "90000", "reached"},
		{"generator, 10,000 events: time", "siogen, 1,000 events", "≤ 11.0", "15.0", "**missed**"},
	}
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if strings.Join(got[i], "|") != strings.Join(want[i], "|") {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}

// TestGrowthIsTakenWithinRounds, in which the machine is as fast for few clients as for many.
func TestGrowthIsTakenWithinRounds(t *testing.T) {
	all := func(figures ...int) (rounds []*measure.Measurement) {
		for _, n := range figures {
			rounds = append(rounds, &measure.Measurement{CPUPerMessage: time.Duration(n)})
		}
		return rounds
	}
	r := &measure.Results{Measurements: map[string]map[string][]*measure.Measurement{
		measure.Few:  {"native": all(10, 20, 20)},
		measure.Many: {"native": all(12, 12, 24)},
	}}
	if got := growth(r, cpu); math.Abs(got-1.2) > 1e-9 { // and of the medians 0.6
		t.Errorf("got %v, want 1.2", got)
	}
}

func TestGeneratorsTable(t *testing.T) {
	r := &measure.Results{Generators: []generators.Run{
		{Generator: generators.Siogen, Size: 10_000, Wall: time.Second, CPU: 2 * time.Second, Memory: 3 << 20, Lines: 4},
		{Generator: generators.OapiCodegen, Size: 10_000, Wall: 10 * time.Second, CPU: 2 * time.Second, Memory: 6 << 20, Lines: 8, Build: time.Minute},
	}}
	var got []string
	for _, row := range Generators(r)[1:] {
		got = append(got, strings.Join(row, "|"))
	}
	want := []string{
		"10,000 events: time (s)|1.00|10.00 (10.00 ×)",
		"10,000 events: CPU time (s)|2.00|2.00 (1.00 ×)",
		"10,000 events: most memory (MiB)|3|6 (2.00 ×)",
		"10,000 events: lines|4|8 (2.00 ×)", // and no go build, which siogen's did not have
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMarkdownSaysWhatIsMissingAndHowNoisyItWas(t *testing.T) {
	var b strings.Builder
	Markdown(&b, sample(), "## Profile\n")
	for _, want := range []string{
		"other programs used 10 % of the machine meanwhile (at most 30 %)",
		"## Left out\n\n- Node: not here\n",
		"## What went wrong\n\n- round 2, echo-8, bun: gone\n",
		"| echo, 8 in flight (µs) | 5.0 | 9.0 (1.83 ×) | 5.0 (1.25 ×) |\n",
		"\n## Profile\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestServersThatCouldNotKeepUpAreNamed(t *testing.T) {
	r := sample()
	r.Measurements[measure.Echo8]["bun"] = []*measure.Measurement{{Behind: true}, {Rate: 1}}
	var b strings.Builder
	Markdown(&b, r, "")
	if want := "- Bun <1> could not keep up with “echo, 8 in flight” in 1 of 2 rounds.\n"; !strings.Contains(b.String(), want) {
		t.Errorf("no %q in\n%s", want, b.String())
	}
}

func TestChartIsWellFormed(t *testing.T) {
	var b strings.Builder
	if err := Chart(&b, sample()); err != nil {
		t.Fatal(err)
	}
	bars := 0
	for dec := xml.NewDecoder(strings.NewReader(b.String())); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" {
			bars++
		}
	}
	if bars != 3 {
		t.Errorf("%d bars, want 3", bars)
	}
}

func TestResultsSurviveJSON(t *testing.T) {
	b, err := json.Marshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	again := new(measure.Results)
	if err := json.Unmarshal(b, again); err != nil {
		t.Fatal(err)
	}
	var one, two strings.Builder
	Markdown(&one, sample(), "")
	Markdown(&two, again, "")
	if one.String() != two.String() {
		t.Errorf("the report changed to\n%s", two.String())
	}
}

func TestMedianAndSpread(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		values         []float64
		median, spread float64
	}{
		{nil, nan, nan},
		{[]float64{3}, 3, nan},
		{[]float64{4, nan, 2}, 3, 2. / 3},
		{[]float64{10, 1, 2, 3, 4}, 3, 2. / 3},
	}
	same := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
	for _, test := range tests {
		if got := median(test.values); !same(got, test.median) {
			t.Errorf("median(%v) = %v, want %v", test.values, got, test.median)
		}
		if got := spread(test.values); !same(got, test.spread) {
			t.Errorf("spread(%v) = %v, want %v", test.values, got, test.spread)
		}
	}
}
