package measure

import (
	"context"
	"time"

	"github.com/siogen/siogen/bench/internal/load"
	"github.com/siogen/siogen/bench/internal/target"
)

const (
	// memorySettleTime is how long a server has to settle before its memory is read.
	memorySettleTime = time.Second
	// firstClients connect before the memory of a server is read for the first time:
	// what they take is not counted.
	firstClients = 100
)

// footprint tells what memory clients take of a server.
type footprint struct {
	server *target.Process
	before int64
}

// newFootprint lets the server serve a few clients before it begins.
func newFootprint(ctx context.Context, p *target.Process, server load.Server, sc Scenario) (*footprint, error) {
	first, err := load.Connect(ctx, server, sc.Kind, firstClients)
	if err != nil {
		return nil, err
	}
	first.Close()
	time.Sleep(memorySettleTime)
	before, err := p.Memory()
	return &footprint{p, before}, err
}

// perClient returns the bytes of resident memory for each of n clients.
func (f *footprint) perClient(n int) (float64, error) {
	now, err := f.server.Memory()
	return float64(now-f.before) / float64(n), err
}
