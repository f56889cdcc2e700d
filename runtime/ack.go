package runtime

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/metrics"
)

// DefaultAckTimeout bounds the wait for an acknowledgement where neither the
// context nor the options do.
const DefaultAckTimeout = 20 * time.Second

// Caller is what can emit an event and wait for its acknowledgement: a *Socket
// or a *Client, or a generated type that embeds one.
type Caller interface{ caller() *peer }

func (p *peer) caller() *peer { return p }

// Emit sends an event with an acknowledgement and waits for it: until ctx ends,
// or, if it has no deadline, for the AckTimeout of the options. It fails with an
// *AckTimeoutError, with an error wrapping ErrClosed when the peer disconnects
// first, with a *DecodeError when the answer is not as the schema has it, or with
// the declared error that dec returns. It frees enc. For generated code.
func Emit[T any](ctx context.Context, to Caller, enc *codec.Encoder, dec func(*codec.Decoder) (T, error)) (T, error) {
	w := &ackWait[T]{dec: dec, done: make(chan struct{})}
	err := to.caller().call(ctx, enc, w)
	return w.value, err
}

// ofEvent says in an error which event's acknowledgement it is about.
func ofEvent(event string, err error) error {
	switch e := err.(type) { // as decodeAck and the engine return them
	case *DecodeError:
		e.Event = event
	case nil:
	default:
		if errors.Is(err, driver.ErrClosed) {
			return errEvent(event, err)
		}
	}
	return err
}

// ackWait receives one acknowledgement. The fields but dec belong to Acked until
// done is closed.
type ackWait[T any] struct {
	dec   func(*codec.Decoder) (T, error)
	value T
	err   error
	done  chan struct{}
}

// Acked implements driver.AckWaiter.
func (w *ackWait[T]) Acked(p driver.Payload, err error) {
	defer close(w.done)
	if err != nil {
		w.err = err
		return
	}
	w.value, w.err = decodeAck(p, w.dec)
}

// decodeAck decodes the arguments of an acknowledgement.
func decodeAck[T any](p driver.Payload, dec func(*codec.Decoder) (T, error)) (v T, err error) {
	d := codec.NewDecoder(p.JSON, p.Attachments)
	defer d.Free()
	d.BeginArgs()
	var declared error
	// Types of the application may decode themselves, and this may be the
	// goroutine that reads the connection.
	if perr := protect(func() error { v, declared = dec(d); return nil }); perr != nil {
		return v, perr
	}
	if err := d.End(); err != nil {
		var zero T
		return zero, err
	}
	return v, declared
}

// answer is an ackWait of any type.
type answer interface {
	driver.AckWaiter
	received() <-chan struct{}
	// failure is why there is no value, after received.
	failure() error
}

func (w *ackWait[T]) received() <-chan struct{} { return w.done }
func (w *ackWait[T]) failure() error            { return w.err }

// call emits an event and waits for w.
func (p *peer) call(ctx context.Context, enc *codec.Encoder, w answer) error {
	defer enc.Free()
	payload, err := finish(enc)
	if err != nil {
		return err
	}
	if !p.scope.watches() {
		return p.emitAck(ctx, payload, w)
	}
	e := p.scope.emitted(payload, EventInfo{SocketID: p.emitter.ID(), WantsAck: true})
	return p.scope.intercept(ctx, e, func(ctx context.Context) error { return p.emitAck(ctx, payload, w) })
}

// emitAck emits and waits until w has its answer.
func (p *peer) emitAck(ctx context.Context, payload driver.Payload, w answer) error {
	p.announce(payload)
	event := codec.EventName(payload.JSON)
	if ctx.Err() != nil {
		return ackTimeout(ctx, event, 0)
	}
	start := time.Now()
	limit, stop := p.ackLimit(ctx)
	defer stop()
	id, err := p.emitter.EmitAck(payload, driver.Flags{}, w)
	p.scope.countSent(metrics.EventsSent, payload, err)
	if err != nil {
		return errEvent(event, err)
	}
	select {
	case <-w.received():
		return p.failure(event, w.failure(), start)
	case <-limit.Done():
	}
	if !p.emitter.CancelAck(id) {
		<-w.received() // the answer came at the last moment
		return p.failure(event, w.failure(), start)
	}
	err = ackTimeout(ctx, event, time.Since(start))
	p.scope.countMissing(event, err)
	return err
}

// ackDeadline bounds ctx by the default timeout if it has no deadline.
func ackDeadline(ctx context.Context, fallback time.Duration) (context.Context, context.CancelFunc) {
	if _, bounded := ctx.Deadline(); bounded {
		return ctx, func() {}
	}
	if fallback <= 0 {
		fallback = DefaultAckTimeout
	}
	return context.WithTimeout(ctx, fallback)
}

// ackTimeout is the error of a wait that ended without an answer.
func ackTimeout(ctx context.Context, event string, after time.Duration) error {
	cause := ctx.Err()
	if errors.Is(cause, context.Canceled) {
		return errEvent(event, context.Cause(ctx))
	}
	return &AckTimeoutError{Event: event, After: after, cause: cause}
}

// Collect sends an event to every socket of a broadcast and collects their
// acknowledgements, in the order in which they come. With the answers it returns
// a *BroadcastAckError when some disconnected, did not answer before ctx or the
// broadcast's timeout ended, or answered with an error; and a *ServersError when
// servers of the cluster did not say whom they had asked. It frees enc. For
// generated code.
func Collect[B, T any](ctx context.Context, b Broadcast[B], enc *codec.Encoder, dec func(*codec.Decoder) (T, error)) ([]T, error) {
	defer enc.Free()
	payload, err := finish(enc)
	if err != nil {
		return nil, err
	}
	t := b.t
	var values []T
	collect := func(ctx context.Context) (err error) {
		values, err = collectAnswers(ctx, t, payload, dec)
		return err
	}
	if !t.ns.scope.watches() {
		err := collect(ctx)
		return values, err
	}
	e := t.ns.scope.emitted(payload, EventInfo{WantsAck: true, Broadcast: true})
	err = t.ns.scope.intercept(ctx, e, collect)
	return values, err
}

func collectAnswers[T any](ctx context.Context, t *broadcastTarget, payload driver.Payload, dec func(*codec.Decoder) (T, error)) ([]T, error) {
	timeout := t.timeout
	if timeout <= 0 {
		timeout = t.ns.server.ackTimeout
	} else {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, timeout)
		defer stop()
	}
	limit, stop := ackDeadline(ctx, timeout)
	defer stop()

	event := codec.EventName(payload.JSON)
	if ctx.Err() != nil {
		return nil, ackTimeout(ctx, event, 0)
	}
	c := newCollector(event, dec)
	asked, cancel, err := t.ns.drv.BroadcastAck(limit, t.target, payload, c)
	t.ns.scope.countSent(metrics.BroadcastsSent, payload, err)
	var servers *ServersError
	if err != nil && !errors.As(err, &servers) {
		return nil, errEvent(event, err)
	}
	defer cancel()
	c.wait(limit, t.ns.server, len(asked))
	values, failed := c.result(asked)
	t.ns.scope.countMissing(event, failed)
	if servers != nil {
		failed = errors.Join(failed, errEvent(event, servers))
	}
	return values, failed
}

// collector gathers the acknowledgements of one broadcast.
type collector[T any] struct {
	event string
	dec   func(*codec.Decoder) (T, error)
	more  chan struct{} // holds a token when something has changed

	mu       sync.Mutex
	answered map[string]bool
	gone     map[string]bool // who will not answer any more
	values   []T
	failed   map[string]error
	closed   bool // the result is taken: later answers are too late
}

func newCollector[T any](event string, dec func(*codec.Decoder) (T, error)) *collector[T] {
	return &collector[T]{event: event, dec: dec, answered: make(map[string]bool), gone: make(map[string]bool), more: make(chan struct{}, 1)}
}

// Acked implements driver.BroadcastAckWaiter.
func (c *collector[T]) Acked(id string, p driver.Payload) {
	v, err := decodeAck(p, c.dec)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.answered[id] {
		return
	}
	c.answered[id] = true
	delete(c.gone, id)
	if err != nil {
		if c.failed == nil {
			c.failed = make(map[string]error)
		}
		c.failed[id] = ofEvent(c.event, err)
	} else {
		c.values = append(c.values, v)
	}
	c.changed()
}

// Gone implements driver.BroadcastAckWaiter.
func (c *collector[T]) Gone(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.answered[id] {
		return
	}
	c.gone[id] = true
	c.changed()
}

func (c *collector[T]) changed() {
	select {
	case c.more <- struct{}{}:
	default:
	}
}

// wait blocks until nobody is left who may answer, ctx ends, or the server closes:
// then every socket is gone.
func (c *collector[T]) wait(ctx context.Context, server *Server, asked int) {
	for !c.complete(asked) {
		select {
		case <-c.more:
		case <-ctx.Done():
			return
		case <-server.ctx.Done():
			return
		}
	}
}

func (c *collector[T]) complete(asked int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.answered)+len(c.gone) >= asked
}

func (c *collector[T]) result(asked []string) ([]T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	e := &BroadcastAckError{Event: c.event, Failed: c.failed}
	for _, id := range asked {
		if !c.answered[id] {
			e.Missing = append(e.Missing, id)
		}
	}
	if len(e.Missing) == 0 && len(e.Failed) == 0 {
		return c.values, nil
	}
	return c.values, e
}
