package runtime

import (
	"reflect"
	goruntime "runtime"
)

// caller is what kind of function of the application a call comes from.
type caller uint8

const (
	callerOther   caller = iota
	callerHandler        // the handler of an event or a hook, in a queue's goroutine
	callerAuth           // the function that makes the auth payload
)

// calledFrom finds out who calls, from the goroutine's stack: nothing else tells
// a call that a handler makes from one that it is right to wait in. It takes some
// microseconds.
func calledFrom() caller {
	handler := nameOf((*queue).handle)
	auth := nameOf(clientHandler.Auth)
	var pcs [64]uintptr
	for skip := 2; ; skip += len(pcs) {
		n := goruntime.Callers(skip, pcs[:])
		if n == 0 {
			return callerOther
		}
		frames := goruntime.CallersFrames(pcs[:n])
		for more := true; more; {
			var frame goruntime.Frame
			frame, more = frames.Next()
			switch frame.Function {
			case handler:
				return callerHandler
			case auth:
				return callerAuth
			}
		}
	}
}

// nameOf returns a function's name as stacks have it.
func nameOf(f any) string { return goruntime.FuncForPC(reflect.ValueOf(f).Pointer()).Name() }
