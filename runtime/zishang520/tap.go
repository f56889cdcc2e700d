package zishang520

import (
	"github.com/zishang520/socket.io/servers/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"
)

// tap stands before the listeners of an emitter. The library has no catch-all
// listener that comes after middleware and tells of disconnects in their order.
type tap struct {
	types.EventEmitter
	// taken is told of everything that is emitted, before the listeners.
	taken func(name string, args []any)
}

// Emit implements types.EventEmitter.
func (t *tap) Emit(name types.EventName, args ...any) {
	t.taken(string(name), args)
	if t.EventEmitter.ListenerCount(name) > 0 {
		t.EventEmitter.Emit(name, forListeners(args)...)
	}
}

// forListeners decodes what a Parser has left undecoded.
func forListeners(args []any) []any {
	if !hasArg(args) {
		return args
	}
	values := make([]any, len(args))
	for i, arg := range args {
		if a, ok := arg.(*Arg); ok {
			arg = a.Value()
		}
		values[i] = arg
	}
	return values
}

// decodeInPlace is a listener for any event that decodes the arguments for those
// behind it. The library hands the same slice to all of them and then on.
func decodeInPlace(args ...any) {
	for i, arg := range args {
		if a, ok := arg.(*Arg); ok {
			args[i] = a.Value()
		}
	}
}

// cutAck cuts the function that answers off the arguments of an event.
func cutAck(args []any) ([]any, socket.Ack) {
	if n := len(args); n > 0 {
		if ack, ok := args[n-1].(socket.Ack); ok {
			return args[:n-1], ack
		}
	}
	return args, nil
}
