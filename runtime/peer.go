package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/metrics"
)

// EventFunc handles one received event: it decodes the arguments of call, runs
// the application's handler, and replies. It must return the error of
// call.Args().End() before it does anything else: of an event that is refused it
// is only asked how the refusal goes on the wire (Call.Declare). For generated
// code.
type EventFunc func(ctx context.Context, call *Call) error

// peer is what a server's Socket and a Client have in common: it emits, waits
// for acknowledgements, and dispatches received events to handlers.
type peer struct {
	emitter    driver.Emitter
	queue      queue
	ackTimeout time.Duration
	// retries: the engine sends what is not volatile until it is acknowledged.
	retries bool
	log     *slog.Logger

	scope    *scope
	handlers handlerTable
	// shared has the handlers for what handlers has none for; nil: there are none.
	// Set before the first event.
	shared sharedHandlers
	// failed is told what went wrong in a handler. It does not panic.
	failed func(ctx context.Context, event string, err error)

	mu sync.Mutex
	// invalid is the hook for payloads that are not as the schema has them.
	invalid func(ctx context.Context, err *DecodeError) error
	// The lists are copied to be changed: they are read under mu and called outside.
	anyIn      []func(ctx context.Context, event string, args Any)
	anyOut     []func(event string, args Any)
	middleware []func(ctx context.Context, event string, args Any) error
	// hasHooks spares the common case the lock for these lists.
	hasHooks atomic.Bool
}

// sharedHandlers are the handlers that the sockets of a namespace share.
type sharedHandlers interface {
	// named returns the name of an event that there is a handler for; else "".
	named(name []byte) string
	// serve calls the handler; it reports false when there is none.
	serve(ctx context.Context, name []byte, call *Call) (known bool, err error)
}

// AsListener is where handlers of events are set. For generated code.
func (p *peer) AsListener() Listener { return Listener{table: &p.handlers} }

// OnAny adds a handler that is called for every received event, known to the
// schema or not, before the event's own. args is the array of the arguments.
func (p *peer) OnAny(f func(ctx context.Context, event string, args Any)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.anyIn = append(p.anyIn[:len(p.anyIn):len(p.anyIn)], f)
	p.hasHooks.Store(true)
}

// OnAnyOutgoing adds a handler that is called for every event that is emitted to
// this peer alone (not for broadcasts), in the goroutine that emits it.
func (p *peer) OnAnyOutgoing(f func(event string, args Any)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.anyOut = append(p.anyOut[:len(p.anyOut):len(p.anyOut)], f)
	p.hasHooks.Store(true)
}

func (p *peer) send(enc *codec.Encoder, f driver.Flags) error {
	defer enc.Free()
	payload, err := finish(enc)
	if err != nil {
		return err
	}
	if !p.scope.watches() {
		return p.emit(payload, f)
	}
	e := p.scope.emitted(payload, EventInfo{SocketID: p.emitter.ID()})
	return p.scope.intercept(p.queue.ctx, e, func(context.Context) error { return p.emit(payload, f) })
}

func (p *peer) emit(payload driver.Payload, f driver.Flags) error {
	p.announce(payload)
	var err error
	if p.retries && !f.Volatile {
		err = p.emitRetried(payload, f)
	} else {
		err = p.emitter.Emit(payload, f)
	}
	p.scope.countSent(metrics.EventsSent, payload, err)
	return err
}

// finish is what an encoder has encoded, valid until it is freed.
func finish(enc *codec.Encoder) (driver.Payload, error) {
	json, attachments, err := enc.Finish()
	return driver.Payload{JSON: json, Attachments: attachments}, err
}

// announce calls the hooks for emitted events.
func (p *peer) announce(payload driver.Payload) {
	if !p.hasHooks.Load() {
		return
	}
	p.mu.Lock()
	hooks := p.anyOut
	p.mu.Unlock()
	if len(hooks) == 0 {
		return
	}
	event, args := codec.SplitEvent(payload.JSON, payload.Attachments)
	for _, f := range hooks {
		p.guard(p.queue.ctx, event, func() error { f(event, args); return nil })
	}
}

// guard calls f and reports its error or panic.
func (p *peer) guard(ctx context.Context, event string, f func() error) {
	if err := protect(f); err != nil {
		p.failed(ctx, event, err)
	}
}

// protect makes an error of f's panic.
func protect(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	return f()
}

// logFailure is what happens to a handler's error when no hook takes it.
func logFailure(log *slog.Logger, id, event string, err error) {
	var text, stack string
	show := func() error {
		text = err.Error()
		var p *PanicError
		if errors.As(err, &p) {
			stack = string(p.Stack)
		}
		return nil
	}
	if perr := protect(show); perr != nil {
		text = fmt.Sprintf("%T whose text can't be had: %v", err, perr)
	}
	attrs := []any{"event", event, "id", id, "error", text}
	if stack != "" {
		attrs = append(attrs, "stack", stack)
	}
	log.Error("handler failed", attrs...)
}

// errEvent wraps an error with the event that it happened to.
func errEvent(event string, err error) error { return fmt.Errorf("%s: %w", event, err) }
