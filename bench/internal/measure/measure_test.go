package measure

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/siogen/siogen/bench/internal/load"
	"github.com/siogen/siogen/bench/internal/target"
)

// servers builds those that need nothing but Go.
func servers(t *testing.T) []target.Server {
	t.Helper()
	all, _, err := target.Prepare(t.Context(), "../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return all[:2]
}

func TestRunMeasuresEveryServerInEveryRound(t *testing.T) {
	all := servers(t)
	scenarios := []Scenario{
		{Name: "flow", Kind: load.Echo, Clients: 3, InFlight: 2},
		{Name: Memory, Kind: load.Ack, Clients: 50, InFlight: 1, Fresh: true},
		{Name: Deflate, Kind: load.Echo, Wire: load.Deflate, Clients: 3, InFlight: 1},
		{Name: Polling, Kind: load.Echo, Wire: load.Polling, Clients: 3, InFlight: 2},
		{Name: "once", Kind: load.Binary, Clients: 3, InFlight: 1, Rounds: 1},
	}
	r, err := Run(t.Context(), all, scenarios, Options{Rounds: 2, Warm: 10 * time.Millisecond, Measure: 100 * time.Millisecond, Log: t.Output()})
	if err != nil || len(r.Failures) > 0 || r.Rounds != 2 {
		t.Fatalf("%v, %q, %d rounds", err, r.Failures, r.Rounds)
	}
	for _, sc := range scenarios {
		for _, s := range all {
			rounds := r.Measurements[sc.Name][s.Name]
			want := 2
			switch {
			case sc.Wire == load.Polling && s.Plain:
				want = 0
			case sc.Rounds > 0:
				want = sc.Rounds
			}
			if len(rounds) != want {
				t.Fatalf("%s, %s: %d rounds, want %d", sc.Name, s.Name, len(rounds), want)
			}
			for _, m := range rounds {
				if m.Rate <= 0 || m.P99 <= 0 || m.LoadPerMessage <= 0 {
					t.Errorf("%s, %s: %+v", sc.Name, s.Name, m)
				}
			}
		}
	}
}

func TestAPaceNeedsTheRateThatItIsOf(t *testing.T) {
	r, err := Run(t.Context(), servers(t)[:1], []Scenario{{Name: Paced, Kind: load.Echo, Clients: 1, RateOf: Echo8}},
		Options{Rounds: 1, Measure: 10 * time.Millisecond, Log: t.Output()})
	if err != nil || len(r.Failures) != 1 || r.Measurements[Paced][target.Native][0] != nil {
		t.Errorf("%v, %q, %v", err, r.Failures, r.Measurements)
	}
}

func TestAServerThatIsTooSlowIsNotPaced(t *testing.T) {
	sc := Scenario{Name: Paced, Kind: load.Echo, Clients: 1, RateOf: Echo8}
	b := &bench{results: newResults(nil, []Scenario{{Name: Echo8}, sc}, Options{})}
	b.results.Measurements[Echo8] = map[string][]*Measurement{
		RateServer: {{Rate: 100_000}, nil}, "slow": {{Rate: 49_999}}, target.Native: {{Rate: 49_999}}, "fast": {{Rate: 50_001}},
	}
	rate, err := b.rate(sc, 0)
	if err != nil || rate != 50_000 {
		t.Fatalf("%v, %v", rate, err)
	}
	for name, want := range map[string]bool{"slow": true, "fast": false, "unknown": false, RateServer: false, target.Native: false} {
		if got := b.tooSlow(target.Server{Name: name}, sc, 0, rate); got != want {
			t.Errorf("%s: too slow %v", name, got)
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	r, err := Run(ctx, servers(t), []Scenario{{Name: "long", Kind: load.Echo, Clients: 1, InFlight: 1}},
		Options{Rounds: 1, Measure: time.Hour, Log: t.Output()})
	if !errors.Is(err, context.DeadlineExceeded) || r.Rounds != 0 {
		t.Errorf("%v, %d rounds", err, r.Rounds)
	}
}

func TestMachineUsage(t *testing.T) {
	u, err := machineUsage("cpu  10 20 30 400 50 6 7 8 0 0\ncpu0 1 2 3\n")
	want := usage{busy: 810 * time.Millisecond, all: 5310 * time.Millisecond}
	if err != nil || u != want {
		t.Errorf("got %+v, %v", u, err)
	}
	for _, bad := range []string{"", "cpu0 1 2 3 4 5 6 7 8", "cpu 1 2 3 4 5 6 7 x"} {
		if _, err := machineUsage(bad); err == nil {
			t.Errorf("machineUsage(%q): no error", bad)
		}
	}
}

func TestScenariosHaveNamesOfTheirOwn(t *testing.T) {
	seen := make(map[string]bool)
	for _, sc := range Scenarios() {
		if seen[sc.Name] || sc.Title == "" || sc.Clients == 0 {
			t.Errorf("%+v", sc)
		}
		if sc.RateOf != "" && !seen[sc.RateOf] {
			t.Errorf("%s comes before %s", sc.Name, sc.RateOf)
		}
		seen[sc.Name] = true
	}
}
