package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/siogen/siogen/bench/internal/load"
	"github.com/siogen/siogen/bench/internal/target"
)

// settleTime is how long a server is left alone after clients have connected.
const settleTime = 300 * time.Millisecond

// Options say how to measure.
type Options struct {
	Rounds        int
	Warm, Measure time.Duration
	// Gather is as in load.Task.
	Gather bool
	// Log gets a line for each measurement.
	Log io.Writer
}

// variant is a server with its options.
type variant struct {
	server string
	wire   load.Wire
}

// bench is one run of the benchmark.
type bench struct {
	Options
	servers []target.Server
	// processes are those that run for the whole benchmark, so that JavaScript gets
	// compiled.
	processes map[variant]*target.Process
	results   *Results
}

// Run measures the servers in the scenarios. It returns what it has when ctx ends.
func Run(ctx context.Context, servers []target.Server, scenarios []Scenario, o Options) (*Results, error) {
	b := &bench{
		Options:   o,
		servers:   servers,
		processes: make(map[variant]*target.Process),
		results:   newResults(servers, scenarios, o),
	}
	defer b.stop()
	for round := range o.Rounds {
		for _, sc := range scenarios {
			if sc.Rounds > 0 && round >= sc.Rounds {
				continue
			}
			if err := b.turn(ctx, sc, round); err != nil {
				return b.results, err
			}
		}
		b.results.Rounds = round + 1
	}
	return b.results, nil
}

// turn measures one server after the other.
func (b *bench) turn(ctx context.Context, sc Scenario, round int) error {
	for _, s := range b.servers {
		if !sc.measures(s) {
			continue
		}
		m, err := b.measure(ctx, s, sc, round)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b.record(round, s, sc, m, err)
	}
	return nil
}

func newResults(servers []target.Server, scenarios []Scenario, o Options) *Results {
	r := &Results{
		Date: time.Now(), Warm: o.Warm.String(), Measure: o.Measure.String(), Gather: o.Gather, Scenarios: scenarios,
		Measurements: make(map[string]map[string][]*Measurement),
	}
	for _, s := range servers {
		r.Servers = append(r.Servers, Server{s.Name, s.Title})
	}
	for _, sc := range scenarios {
		r.Measurements[sc.Name] = make(map[string][]*Measurement)
	}
	return r
}

func (b *bench) stop() {
	for _, p := range b.processes {
		p.Stop()
	}
}

func (b *bench) record(round int, s target.Server, sc Scenario, m *Measurement, err error) {
	if err != nil {
		failure := fmt.Sprintf("round %d, %s, %s: %v", round+1, sc.Name, s.Name, err)
		b.results.Failures = append(b.results.Failures, failure)
		fmt.Fprintln(b.Log, failure)
		m = nil
	} else {
		fmt.Fprintf(b.Log, "round %d  %-14s %-17s %s\n", round+1, sc.Name, s.Name, m)
	}
	all := b.results.Measurements[sc.Name]
	all[s.Name] = append(all[s.Name], m)
}

// String is one line about a measurement.
func (m *Measurement) String() string {
	if m.Behind {
		return "can't keep up"
	}
	text := fmt.Sprintf("%6.2f µs CPU a message, %7.0f/s, p50 %v, p99 %v, others %.0f %%",
		micros(m.CPUPerMessage), m.Rate, m.P50.Round(time.Microsecond), m.P99.Round(time.Microsecond), 100*m.Others)
	if m.IdleMemory > 0 {
		text += fmt.Sprintf(", %.1f KiB idle, %.1f KiB active", m.IdleMemory/1024, m.ActiveMemory/1024)
	}
	return text
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// measure measures one server once.
func (b *bench) measure(ctx context.Context, s target.Server, sc Scenario, round int) (*Measurement, error) {
	rate, err := b.rate(sc, round)
	if err != nil {
		return nil, err
	}
	if b.tooSlow(s, sc, round, rate) {
		return &Measurement{Behind: true}, nil
	}
	server := load.Server{Plain: s.Plain, Wire: sc.Wire}
	if sc.Fresh {
		return b.fresh(ctx, s, sc, server, rate)
	}
	p, err := b.process(ctx, s, sc)
	if err != nil {
		return nil, err
	}
	server.Addr = p.Addr
	return b.flow(ctx, p, server, sc, rate, nil)
}

// process is that of a server for a scenario. It is started when it is first asked
// for.
func (b *bench) process(ctx context.Context, s target.Server, sc Scenario) (*target.Process, error) {
	v := variant{server: s.Name}
	var extra []string
	if sc.Wire == load.Deflate {
		v.wire, extra = load.Deflate, []string{target.Deflate}
	}
	if p := b.processes[v]; p != nil {
		return p, nil
	}
	p, err := s.Start(ctx, extra...)
	if err == nil {
		b.processes[v] = p
	}
	return p, err
}

// fresh measures a server that was just started, and its memory.
func (b *bench) fresh(ctx context.Context, s target.Server, sc Scenario, server load.Server, rate float64) (*Measurement, error) {
	p, err := s.Start(ctx)
	if err != nil {
		return nil, err
	}
	defer p.Stop()
	server.Addr = p.Addr
	memory, err := newFootprint(ctx, p, server, sc)
	if err != nil {
		return nil, err
	}
	return b.flow(ctx, p, server, sc, rate, memory)
}

// flow lets messages flow. memory may be nil.
func (b *bench) flow(ctx context.Context, p *target.Process, server load.Server, sc Scenario, rate float64, memory *footprint) (*Measurement, error) {
	clients, err := load.Connect(ctx, server, sc.Kind, sc.Clients)
	if err != nil {
		return nil, err
	}
	defer clients.Close()
	m := &Measurement{Retries: clients.Retries}
	time.Sleep(settleTime)
	if memory != nil {
		time.Sleep(memorySettleTime)
		if m.IdleMemory, err = memory.perClient(sc.Clients); err != nil {
			return nil, err
		}
	}
	others := startOthers(p)
	sample, err := clients.Run(ctx, load.Task{
		Kind: sc.Kind, InFlight: sc.InFlight, Rate: rate, Gather: b.Gather, Warm: b.Warm, Measure: b.Measure, CPU: p.CPU,
	})
	if errors.Is(err, load.ErrBehind) {
		m.Behind = true
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	m.CPUPerMessage, m.Rate, m.P50, m.P99 = sample.PerMessage(), sample.Rate(), sample.P50, sample.P99
	messages := max(sample.Messages, 1)
	m.LoadPerMessage, m.BytesPerMessage = sample.LoadCPU/time.Duration(messages), float64(sample.Received)/float64(messages)
	if m.Others, err = others.share(); err == nil && memory != nil {
		m.ActiveMemory, err = memory.perClient(sc.Clients)
	}
	return m, err
}

// tooSlow reports whether a server answered less, at most, than is now to be sent:
// that needs no measuring. Siogen's is measured all the same.
func (b *bench) tooSlow(s target.Server, sc Scenario, round int, rate float64) bool {
	reached := b.results.Measurements[sc.RateOf][s.Name]
	return s.Name != target.Native && round < len(reached) && reached[round] != nil && reached[round].Rate < rate
}

// rate is the pace of a scenario; 0: none.
func (b *bench) rate(sc Scenario, round int) (float64, error) {
	if sc.RateOf == "" {
		return sc.PerSecond, nil
	}
	reached := b.results.Measurements[sc.RateOf][RateServer]
	if round >= len(reached) || reached[round] == nil {
		return 0, fmt.Errorf("needs the rate of %s in %s", RateServer, sc.RateOf)
	}
	return reached[round].Rate / 2, nil
}
