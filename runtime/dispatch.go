package runtime

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// dispatch handles one event, in the queue's goroutine.
func (p *peer) dispatch(ctx context.Context, name []byte, payload driver.Payload, ackID int64) {
	call := newCall(p, name, payload, ackID)
	defer call.free()
	call.handler = p.handlers.find(name)
	var err error
	if p.scope.watches() {
		err = p.observe(ctx, call)
	} else {
		err = call.handle(ctx)
	}
	switch {
	case err != nil:
		event := string(name)
		// The error itself may panic when it is looked at, as a nil pointer does.
		p.guard(ctx, event, func() error { p.report(ctx, event, call, err); return nil })
	case call.served && !call.unknown && call.WantsAck():
		// The event declares no acknowledgement, but a client that sends events again
		// until they are acknowledged must learn that this one was handled.
		if err := call.Reply(codec.NewArgs()); err != nil {
			p.failed(ctx, string(name), err)
		}
	case call.unknown && !p.hasHooks.Load():
		p.log.Debug("event without a handler", "event", string(name))
	}
}

// observe is handle with what is around it.
func (p *peer) observe(ctx context.Context, call *Call) error {
	name, known := call.known()
	if p.scope.metrics != nil {
		defer p.scope.countHandled(eventLabel(name, known), time.Now())
	}
	if len(p.scope.interceptors) == 0 {
		return call.handle(ctx)
	}
	e := &EventInfo{
		Namespace:   p.scope.namespace,
		Event:       name,
		SocketID:    p.emitter.ID(),
		Direction:   Incoming,
		WantsAck:    call.WantsAck(),
		InterServer: p.scope.interServer,
		Known:       known,
		payload:     call.payload,
	}
	var err error
	if perr := protect(func() error { err = p.scope.intercept(ctx, e, call.handle); return nil }); perr != nil {
		return perr
	}
	return err
}

// handle does what an event leads to: hooks, middleware, handler. It makes an
// error of a panic.
func (c *Call) handle(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	if c.peer.hasHooks.Load() {
		if err := c.runHooks(ctx); err != nil {
			return err
		}
	}
	return c.serve(ctx)
}

// runHooks calls the OnAny handlers and the middleware. It returns the error of
// the latter.
func (c *Call) runHooks(ctx context.Context) error {
	p := c.peer
	p.mu.Lock()
	hooks, middleware := p.anyIn, p.middleware
	p.mu.Unlock()
	if len(hooks)+len(middleware) == 0 {
		return nil
	}
	event, args := codec.SplitEvent(c.payload.JSON, c.payload.Attachments)
	for _, f := range hooks {
		p.guard(ctx, event, func() error { f(ctx, event, args); return nil })
	}
	for _, f := range middleware {
		if err := f(ctx, event, args); err != nil {
			return err
		}
	}
	return nil
}

// serve calls the handler.
func (c *Call) serve(ctx context.Context) error {
	c.served = true
	if h := c.handler; h.f != nil {
		if !h.once || c.refused {
			return h.f(ctx, c)
		}
		c.peer.handlers.spend(h)
		err := h.f(ctx, c)
		if invalid, ok := errors.AsType[*DecodeError](err); ok && c.invalid(invalid) {
			c.peer.handlers.restore(h)
		}
		return err
	}
	if c.peer.shared != nil {
		known, err := c.peer.shared.serve(ctx, c.name, c)
		c.unknown = !known
		return err
	}
	c.unknown = true
	return nil
}

// known returns the name of the event, and whether it has a handler.
func (c *Call) known() (name string, known bool) {
	if c.handler.f != nil {
		return c.handler.event, true
	}
	if c.peer.shared != nil {
		if name := c.peer.shared.named(c.name); name != "" {
			return name, true
		}
	}
	return string(c.name), false
}

// report does what is to be done about the error of an event: it answers the
// peer where the schema has a way to, and tells the application.
func (p *peer) report(ctx context.Context, event string, call *Call, err error) {
	var invalid *DecodeError
	if !errors.As(err, &invalid) || !call.invalid(invalid) {
		if p.answerError(ctx, event, call, err) {
			call.countFailed(kindDeclared)
		} else {
			call.countFailed(kindOf(err))
		}
		return
	}
	invalid.Event = event
	call.countFailed(kindInvalid)
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
}

// answerError answers the peer with an error that the event declares. Any other
// is the application's to know. It reports whether the peer was answered.
func (p *peer) answerError(ctx context.Context, event string, call *Call, err error) bool {
	call.learnDeclared(ctx)
	replied, rerr := call.replyError(err)
	if rerr != nil {
		err = errors.Join(err, rerr)
	}
	if !replied || rerr != nil {
		p.failed(ctx, event, err)
	}
	return replied
}

// learnDeclared has the handler of an event that was refused before it say how
// the event's declared error goes on the wire.
func (c *Call) learnDeclared(ctx context.Context) {
	if c.served || !c.WantsAck() {
		return
	}
	c.refused = true
	// It fails: Args sees to that.
	_ = protect(func() error { return c.serve(ctx) })
}
