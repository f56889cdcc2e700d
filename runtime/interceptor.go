package runtime

import (
	"context"
	"errors"
	"sync"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/metrics"
)

// An Interceptor is called around every event, received and emitted, of every
// namespace: one place for tracing, metrics, access control and rate limits.
// ServerOptions and ClientOptions take a list of them; the first is the outermost.
//
// next does what the interceptor is around. For a received event that is the
// OnAny handlers, the socket's middleware, the decoding of the arguments and the
// handler, which all get the context that next is given; its error is the first
// one of these (a handler's panic is a *PanicError, arguments that are not as the
// schema has them are a *DecodeError). For an emitted event it is the sending and,
// where the event is acknowledged, the wait for the answer; its error is the
// emit's.
//
// What the interceptor returns takes the place of next's error. Without calling
// next it refuses the event: the error is treated as a handler's (see Socket.Use),
// or is returned to whoever emits. An interceptor of a received event that returns
// nil without calling next drops the event.
//
// next may be called once, before the interceptor returns: later calls fail. If it
// still runs when the interceptor returns, it is waited for. Interceptors are
// called from several goroutines at once: those of the sockets' handlers, and
// those that emit.
type Interceptor func(ctx context.Context, e *EventInfo, next func(context.Context) error) error

// Direction says whether an event comes or goes.
type Direction string

// The directions of events.
const (
	Incoming Direction = "incoming"
	Outgoing Direction = "outgoing"
)

// EventInfo says which event an Interceptor is around. It is valid until the
// interceptor returns.
type EventInfo struct {
	// Namespace is the namespace's name: "/" or "/admin".
	Namespace string
	// Event is the event's name on the wire. Where a received event has no handler
	// it is whatever the peer has sent: see Known.
	Event string
	// SocketID is the id of the socket; empty for broadcasts, for events between
	// servers, and for a client that is not connected.
	SocketID  string
	Direction Direction // Incoming or Outgoing
	// WantsAck: an acknowledgement is asked for.
	WantsAck bool
	// Broadcast: the event is emitted to many sockets.
	Broadcast bool
	// InterServer: the event is one between the servers of a cluster.
	InterServer bool
	// Known: the event is emitted, or has a handler. Only then is its name one of
	// the schema's, and fit to be the label of a metric or the name of a span.
	Known bool

	payload driver.Payload
}

// Args is the array of the event's arguments, a copy. Each call makes one.
func (e *EventInfo) Args() Any {
	_, args := codec.SplitEvent(e.payload.JSON, e.payload.Attachments)
	return args
}

// scope is what the sockets of a namespace have in common.
type scope struct {
	namespace    string
	interceptors []Interceptor
	metrics      metrics.Recorder // nil: nobody measures
	// interServer: this is for events between servers.
	interServer bool
}

// watches reports whether anything is around events.
func (s *scope) watches() bool { return len(s.interceptors) > 0 || s.metrics != nil }

// errNext: an interceptor called next a second time, or after it had returned.
var errNext = errors.New("siogen: an interceptor may call next only once, before it returns")

// step is what the innermost interceptor calls.
type step struct {
	do   func(context.Context) error
	mu   sync.Mutex // held while do runs: what it uses is used by others afterwards
	used bool
}

func (s *step) run(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used {
		return errNext
	}
	s.used = true
	return s.do(ctx)
}

// end waits until do does not run, and sees to it that it won't.
func (s *step) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = true
}

// intercept calls the interceptors around do.
func (s *scope) intercept(ctx context.Context, e *EventInfo, do func(context.Context) error) error {
	if len(s.interceptors) == 0 {
		return do(ctx)
	}
	innermost := &step{do: do}
	defer func() {
		innermost.end()
		e.payload = driver.Payload{} // others use the buffers from now on
	}()
	return chain(s.interceptors, e, innermost.run)(ctx)
}

// chain is next for whoever is around all of list.
func chain(list []Interceptor, e *EventInfo, next func(context.Context) error) func(context.Context) error {
	for i := len(list) - 1; i >= 0; i-- {
		f, inner := list[i], next
		next = func(ctx context.Context) error { return f(ctx, e, inner) }
	}
	return next
}

// emitted is the EventInfo of an event that is emitted.
func (s *scope) emitted(payload driver.Payload, e EventInfo) *EventInfo {
	e.Namespace, e.Direction, e.Known = s.namespace, Outgoing, true
	e.InterServer = s.interServer
	e.Event, e.payload = codec.EventName(payload.JSON), payload
	return &e
}
