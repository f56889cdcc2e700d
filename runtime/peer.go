package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// EventFunc handles one received event: it decodes the arguments of call, runs
// the application's handler, and replies. For generated code.
type EventFunc func(ctx context.Context, call *Call) error

// peer is what a server's Socket and a Client have in common: it emits, waits
// for acknowledgements, and dispatches received events to handlers.
type peer struct {
	emitter    driver.Emitter
	queue      queue
	ackTimeout time.Duration
	log        *slog.Logger

	// shared handles the events that on has nothing for; it reports false for a
	// name that it doesn't know. Set before the first event.
	shared func(ctx context.Context, name []byte, call *Call) (known bool, err error)
	// failed is told what went wrong in a handler. It does not panic.
	failed func(ctx context.Context, event string, err error)

	mu sync.Mutex
	// invalid is the hook for payloads that are not as the schema has them.
	invalid  func(ctx context.Context, err *DecodeError) error
	handlers map[string]EventFunc // copy on write: dispatch reads it under mu, calls outside
	anyIn    []func(ctx context.Context, event string, args Any)
	anyOut   []func(event string, args Any)
	// hasAny spares the common case the lock for anyIn and anyOut.
	hasAny atomic.Bool
}

// On sets the handler of an event; a later call for the same event replaces it.
// For generated code.
func (p *peer) On(event string, f EventFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := make(map[string]EventFunc, len(p.handlers)+1)
	maps.Copy(next, p.handlers)
	next[event] = f
	p.handlers = next
}

// OnAny adds a handler that is called for every received event, known to the
// schema or not, before the event's own. args is the array of the arguments.
func (p *peer) OnAny(f func(ctx context.Context, event string, args Any)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.anyIn = append(p.anyIn[:len(p.anyIn):len(p.anyIn)], f)
	p.hasAny.Store(true)
}

// OnAnyOutgoing adds a handler that is called for every event that is emitted to
// this peer alone (not for broadcasts), in the goroutine that emits it.
func (p *peer) OnAnyOutgoing(f func(event string, args Any)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.anyOut = append(p.anyOut[:len(p.anyOut):len(p.anyOut)], f)
	p.hasAny.Store(true)
}

func (p *peer) send(enc *codec.Encoder, f driver.Flags) error {
	defer enc.Free()
	payload, err := p.finish(enc)
	if err != nil {
		return err
	}
	return p.emitter.Emit(payload, f)
}

func (p *peer) finish(enc *codec.Encoder) (driver.Payload, error) {
	json, attachments, err := enc.Finish()
	if err != nil {
		return driver.Payload{}, err
	}
	if p.hasAny.Load() {
		p.announce(json, attachments)
	}
	return driver.Payload{JSON: json, Attachments: attachments}, nil
}

// announce calls the hooks for emitted events.
func (p *peer) announce(json []byte, attachments [][]byte) {
	p.mu.Lock()
	hooks := p.anyOut
	p.mu.Unlock()
	if len(hooks) == 0 {
		return
	}
	event, args := codec.SplitEvent(json, attachments)
	for _, f := range hooks {
		p.guard(p.queue.ctx, event, func() error { f(event, args); return nil })
	}
}

// dispatch handles one event, in the queue's goroutine.
func (p *peer) dispatch(ctx context.Context, name []byte, payload driver.Payload, ackID int64) {
	p.mu.Lock()
	handler := p.handlers[string(name)]
	hooks := p.anyIn
	p.mu.Unlock()

	if len(hooks) > 0 {
		event, args := codec.SplitEvent(payload.JSON, payload.Attachments)
		for _, f := range hooks {
			p.guard(ctx, event, func() error { f(ctx, event, args); return nil })
		}
	}
	call := newCall(p, payload, ackID)
	defer call.free()
	known, err := p.run(ctx, name, handler, call)
	switch {
	case err != nil:
		event := string(name)
		// The error itself may panic when it is looked at, as a nil pointer does.
		p.guard(ctx, event, func() error { p.report(ctx, event, call, err); return nil })
	case !known && len(hooks) == 0:
		p.log.Debug("event without a handler", "event", string(name))
	}
}

// run calls the handler of an event and makes an error of its panic.
func (p *peer) run(ctx context.Context, name []byte, handler EventFunc, call *Call) (known bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			known, err = true, &PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	if handler != nil {
		return true, handler(ctx, call)
	}
	if p.shared != nil {
		return p.shared(ctx, name, call)
	}
	return false, nil
}

// report does what is to be done about the error of an event: it answers the
// peer where the schema has a way to, and tells the application.
func (p *peer) report(ctx context.Context, event string, call *Call, err error) {
	var invalid *DecodeError
	if errors.As(err, &invalid) && call.invalid(invalid) {
		invalid.Event = event
		p.mu.Lock()
		hook := p.invalid
		p.mu.Unlock()
		var answer error
		if hook != nil {
			p.guard(ctx, event, func() error { answer = hook(ctx, invalid); return nil })
		} else {
			p.log.Warn("invalid payload", "event", event, "id", p.emitter.ID(), "error", invalid.Error())
		}
		if answer != nil {
			p.answerError(ctx, event, call, answer)
		} else if _, rerr := call.replyError(err); rerr != nil {
			p.failed(ctx, event, rerr)
		}
		return
	}
	p.answerError(ctx, event, call, err)
}

// answerError answers the peer with an error that the event declares. Any other
// is the application's to know.
func (p *peer) answerError(ctx context.Context, event string, call *Call, err error) {
	replied, rerr := call.replyError(err)
	if rerr != nil {
		err = errors.Join(err, rerr)
	}
	if !replied || rerr != nil {
		p.failed(ctx, event, err)
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
