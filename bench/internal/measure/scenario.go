// Package measure runs the scenarios of the benchmark: each for one server after
// the other, several rounds in turn.
package measure

import (
	"time"

	"github.com/siogen/siogen/bench/internal/generators"
	"github.com/siogen/siogen/bench/internal/load"
	"github.com/siogen/siogen/bench/internal/target"
)

// Scenario is one thing that is measured.
type Scenario struct {
	// Name is for flags and results, Title for tables.
	Name  string `json:"name"`
	Title string `json:"title"`
	// Wire, Kind, Clients and InFlight are as in package load. Plain servers are left
	// out where they don't speak what is on the wire.
	Wire     load.Wire `json:"wire,omitempty"`
	Kind     load.Kind `json:"kind"`
	Clients  int       `json:"clients"`
	InFlight int       `json:"inFlight,omitempty"`
	// RateOf sets the pace: half of the rate that RateServer reached in that scenario
	// in the same round.
	RateOf string `json:"rateOf,omitempty"`
	// PerSecond sets the pace too.
	PerSecond float64 `json:"perSecond,omitempty"`
	// Fresh starts the server anew, and measures its memory too.
	Fresh bool `json:"fresh,omitempty"`
	// Rounds is in how many rounds it is measured at most; 0: in all.
	Rounds int `json:"rounds,omitempty"`
}

// measures reports whether the scenario is for that server.
func (sc Scenario) measures(s target.Server) bool { return !s.Plain || sc.Wire != load.Polling }

// RateServer is the server by whose rate Scenario.RateOf sets the pace.
const RateServer = "gws"

// Names of scenarios that others refer to.
const (
	Echo8         = "echo-8"
	Echo1         = "echo-1"
	Ack8          = "ack-8"
	Ack1          = "ack-1"
	Broadcast     = "broadcast-300"
	BroadcastMany = "broadcast-5000"
	Paced         = "paced"
	Polling       = "polling"
	Binary        = "binary-64k"
	Deflate       = "deflate"
	Memory        = "memory"
	Fewest        = "clients-100"
	Few           = "clients-1000"
	Many          = "clients-15000"
)

const (
	// fewRounds are for what takes long, or has no goal to reach.
	fewRounds = 3
	// fewestRounds are for what takes longest, and has none.
	fewestRounds = 2
	// manyRate is how many messages a second the scenarios with many clients have: far
	// less than any server manages.
	manyRate = 10_000
)

// Scenarios lists all, in the order in which they run.
func Scenarios() []Scenario {
	return []Scenario{
		{Name: Echo8, Title: "echo, 8 in flight", Kind: load.Echo, Clients: 50, InFlight: 8},
		{Name: Echo1, Title: "echo, 1 in flight", Kind: load.Echo, Clients: 50, InFlight: 1},
		{Name: Ack8, Title: "ack, 8 in flight", Kind: load.Ack, Clients: 50, InFlight: 8},
		{Name: Broadcast, Title: "broadcast to 300", Kind: load.Broadcast, Clients: 300, InFlight: 1},
		{Name: Paced, Title: "echo at half of plain gws's rate", Kind: load.Echo, Clients: 50, RateOf: Echo8},
		{Name: Ack1, Title: "ack, 1 in flight", Kind: load.Ack, Clients: 50, InFlight: 1, Rounds: fewestRounds},
		{Name: Polling, Title: "echo over HTTP long-polling, 1 in flight", Wire: load.Polling, Kind: load.Echo, Clients: 50, InFlight: 1, Rounds: fewRounds},
		{Name: Binary, Title: "echo of 64 KiB, binary, 1 in flight", Kind: load.Binary, Clients: 50, InFlight: 1, Rounds: fewRounds},
		{Name: Deflate, Title: "echo of 2 KiB, compressed, 1 in flight", Wire: load.Deflate, Kind: load.Echo, Clients: 50, InFlight: 1, Rounds: fewRounds},
		{Name: BroadcastMany, Title: "broadcast to 5,000", Kind: load.Broadcast, Clients: 5000, InFlight: 1, Rounds: fewestRounds},
		{Name: Memory, Title: "2,000 clients", Kind: load.Echo, Clients: 2000, InFlight: 1, Fresh: true, Rounds: fewRounds},
		{Name: Fewest, Title: "100 clients, 10,000 messages/s", Kind: load.Echo, Clients: 100, PerSecond: manyRate, Rounds: fewestRounds},
		{Name: Few, Title: "1,000 clients, 10,000 messages/s", Kind: load.Echo, Clients: 1000, PerSecond: manyRate, Fresh: true},
		{Name: Many, Title: "15,000 clients, 10,000 messages/s", Kind: load.Echo, Clients: 15_000, PerSecond: manyRate, Fresh: true},
	}
}

// Measurement is what one server did in one scenario in one round. Times are in
// nanoseconds. Messages are replies; in a broadcast, what receivers got.
type Measurement struct {
	CPUPerMessage time.Duration `json:"cpuPerMessage"`
	Rate          float64       `json:"rate"`
	P50           time.Duration `json:"p50"`
	P99           time.Duration `json:"p99"`
	// LoadPerMessage is what the load generator used.
	LoadPerMessage time.Duration `json:"loadPerMessage"`
	// BytesPerMessage is what clients received for a message, framing and all.
	BytesPerMessage float64 `json:"bytesPerMessage"`
	// Others is the part of the machine that neither server nor generator used.
	Others float64 `json:"others"`
	// Behind: the server could not keep the pace; there is nothing else then.
	Behind bool `json:"behind,omitempty"`
	// IdleMemory and ActiveMemory are bytes of resident memory for each client, before
	// and after messages flowed.
	IdleMemory   float64 `json:"idleMemory,omitempty"`
	ActiveMemory float64 `json:"activeMemory,omitempty"`
	// Retries is how many handshakes got no answer and were tried again.
	Retries int `json:"retries,omitempty"`
}

// Results are all measurements.
type Results struct {
	Date      time.Time  `json:"date"`
	Machine   string     `json:"machine"`
	Versions  []string   `json:"versions"`
	Rounds    int        `json:"rounds"`
	Warm      string     `json:"warm"`
	Measure   string     `json:"measure"`
	Gather    bool       `json:"gather"`
	Scenarios []Scenario `json:"scenarios"`
	Servers   []Server   `json:"servers"`
	// Missing says which servers were left out, and why.
	Missing []string `json:"missing,omitempty"`
	// Measurements are by scenario and server, one for each round; nil for a round
	// that failed, or if the scenario is not for that server.
	Measurements map[string]map[string][]*Measurement `json:"measurements"`
	// Generators are what code generators took.
	Generators []generators.Run `json:"generators,omitempty"`
	// Allocations are the results of Go benchmarks.
	Allocations []Allocation `json:"allocations,omitempty"`
	// Failures are what went wrong.
	Failures []string `json:"failures,omitempty"`
}

// Empty reports whether nothing was measured to the end of a round.
func (r *Results) Empty() bool {
	return (r.Rounds == 0 || len(r.Scenarios) == 0) && len(r.Generators) == 0 && len(r.Allocations) == 0
}

// Server is one that was measured.
type Server struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}
