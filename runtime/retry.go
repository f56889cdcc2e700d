package runtime

import (
	"context"
	"errors"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// emitRetried emits an event that declares no acknowledgement and asks for one
// nevertheless, so that the engine can send it until it has come.
func (p *peer) emitRetried(payload driver.Payload, f driver.Flags) error {
	_, err := p.emitter.EmitAck(payload, f, &delivery{peer: p, event: codec.EventName(payload.JSON), since: time.Now()})
	return err
}

// delivery is the AckWaiter of an event that nobody waits for: the application is
// told if it did not reach the server.
type delivery struct {
	peer  *peer
	event string
	since time.Time
}

// Acked implements driver.AckWaiter.
func (d *delivery) Acked(_ driver.Payload, err error) {
	if err == nil {
		return
	}
	p := d.peer
	err = d.peer.failure(d.event, err, d.since)
	p.queue.call(func() { p.failed(p.queue.ctx, d.event, err) })
}

// failure is the error of an event that was sent at since, for what the engine
// or a decoder says about it.
func (p *peer) failure(event string, err error, since time.Time) error {
	if used, ok := errors.AsType[*driver.RetriesError](err); ok {
		return &AckTimeoutError{Event: event, After: time.Since(since), Tries: used.Tries, cause: err}
	}
	return ofEvent(event, err)
}

// ackLimit bounds the wait for an acknowledgement. An event that is sent again and
// again has no other bound than ctx and the number of tries.
func (p *peer) ackLimit(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.retries {
		return ctx, func() {}
	}
	return ackDeadline(ctx, p.ackTimeout)
}
