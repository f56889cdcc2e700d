package runtime

import (
	"errors"
	"fmt"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// ErrClosed is wrapped by errors of calls on a socket, client or server that
// is not connected any more.
var ErrClosed = driver.ErrClosed

// ErrQueueFull is wrapped by errors of sends that the peer reads too slowly for.
var ErrQueueFull = driver.ErrQueueFull

// DecodeError says what in a received payload is not as the schema has it, and
// where: its Path starts at the argument.
type DecodeError = codec.DecodeError

// EncodeError says what in a value can't be sent, and where.
type EncodeError = codec.EncodeError

// AckTimeoutError: the peer did not acknowledge an event in time. Unwrap gives
// the context's error when a context ended the wait.
type AckTimeoutError struct {
	Event string // the event's name
	// After is how long it was waited; 0: the context had ended before the event was
	// sent, and so it was not.
	After time.Duration
	// Tries is how often the event was sent when ClientOptions.Retries is set and all
	// are used up; else 0.
	Tries int
	cause error
}

// Error implements error.
func (e *AckTimeoutError) Error() string {
	switch {
	case e.Tries > 0:
		return fmt.Sprintf("%s: no acknowledgement in %d tries, %v", e.Event, e.Tries, e.After.Round(time.Millisecond))
	case e.After <= 0:
		return fmt.Sprintf("%s: not sent: %v", e.Event, e.cause)
	}
	return fmt.Sprintf("%s: no acknowledgement within %v", e.Event, e.After.Round(time.Millisecond))
}

// Unwrap returns the error of the context that ended the wait, or nil.
func (e *AckTimeoutError) Unwrap() error { return e.cause }

// Timeout reports true, as net.Error has it.
func (e *AckTimeoutError) Timeout() bool { return true }

// ServersError: servers of the cluster did not answer in time. What the others said
// is returned beside it.
type ServersError = driver.ServersError

// BroadcastAckError: not every receiver of a broadcast acknowledged it. The
// answers of the others are returned beside it.
type BroadcastAckError struct {
	Event string // the event's name
	// Missing lists the ids of those that did not answer in time, or disconnected:
	// sockets, or servers where these were asked.
	Missing []string
	// Failed holds, by id, a declared error or why an answer was invalid.
	Failed map[string]error
}

// Error implements error.
func (e *BroadcastAckError) Error() string {
	return fmt.Sprintf("%s: %d receivers did not acknowledge, %d answered with an error", e.Event, len(e.Missing), len(e.Failed))
}

// RefusedError refuses a connection: a middleware returns it (see [Refuse]), and
// a client's Connect gets it.
type RefusedError struct {
	Message string // the reason, for people
	// Data is what the server says beside the message; null when there is none.
	Data Any
}

// Error implements error.
func (e *RefusedError) Error() string { return e.Message }

// Refuse returns an error for a middleware to refuse a connection with. The
// client sees message and data in its connect_error; data is anything that
// encoding/json takes, or nil.
func Refuse(message string, data any) error {
	d, err := codec.AnyOf(data)
	if err != nil {
		return fmt.Errorf("refusing with %q: %w", message, err)
	}
	return &RefusedError{Message: message, Data: d}
}

// refusal turns a middleware's error into what an engine sends.
func refusal(err error) error {
	var r *RefusedError
	if !errors.As(err, &r) {
		return &driver.RefusedError{Message: err.Error()}
	}
	d := &driver.RefusedError{Message: r.Message}
	if raw := r.Data.Raw(); string(raw) != "null" {
		d.Data = raw
	}
	return d
}

// fromRefusal turns what an engine's client got into the public error.
func fromRefusal(err error) error {
	var d *driver.RefusedError
	if !errors.As(err, &d) {
		return err
	}
	r := &RefusedError{Message: d.Message}
	if len(d.Data) > 0 {
		r.Data = codec.ParseAny(d.Data)
	}
	return r
}

// PanicError is a handler's panic, recovered.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // where, as debug.Stack prints it
}

// Error implements error.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// ErrUnimplemented is what the methods of generated Unimplemented…Handler types
// return: the event is reported as failed and is not acknowledged.
var ErrUnimplemented = errors.New("not implemented")
