package zishang520

import (
	"reflect"
	"runtime/debug"
	"slices"
	"sync"
	"unsafe"

	"github.com/zishang520/socket.io/v3/pkg/log"
	"github.com/zishang520/socket.io/v3/pkg/types"
)

// emitter is an event emitter that removes the listener that it is told to. The
// library's own tells functions apart by their code only: when one namespace of a
// client leaves, another one's listeners are removed, which is then deaf.
type emitter struct {
	mu        sync.Mutex
	listeners map[types.EventName][]listener // copy on write
}

type listener struct {
	f    types.EventListener
	once *sync.Once // nil: not a one-time listener
}

var _ types.EventEmitter = (*emitter)(nil)

// newEmitter returns an emitter with the listeners of another one.
func newEmitter(from types.EventEmitter) *emitter {
	e := &emitter{listeners: make(map[types.EventName][]listener)}
	for _, name := range from.EventNames() {
		_ = e.On(name, from.Listeners(name)...)
	}
	return e
}

// identity is the same for copies of one function value only.
func identity(f types.EventListener) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&f)) }

func code(f types.EventListener) uintptr { return reflect.ValueOf(f).Pointer() }

// On implements types.EventEmitter.
func (e *emitter) On(name types.EventName, fs ...types.EventListener) error {
	e.add(name, fs, false)
	return nil
}

// AddListener implements types.EventEmitter.
func (e *emitter) AddListener(name types.EventName, fs ...types.EventListener) error {
	return e.On(name, fs...)
}

// Once implements types.EventEmitter.
func (e *emitter) Once(name types.EventName, fs ...types.EventListener) error {
	e.add(name, fs, true)
	return nil
}

func (e *emitter) add(name types.EventName, fs []types.EventListener, once bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := slices.Clone(e.listeners[name])
	for _, f := range fs {
		if f == nil {
			continue
		}
		l := listener{f: f}
		if once {
			l.once = new(sync.Once)
		}
		list = append(list, l)
	}
	e.listeners[name] = list
}

// Emit implements types.EventEmitter. A listener that panics does not keep the
// others from being called, as with the library's own.
func (e *emitter) Emit(name types.EventName, args ...any) {
	for _, l := range e.get(name) {
		if l.once == nil {
			l.call(args)
			continue
		}
		l.once.Do(func() {
			e.RemoveListener(name, l.f)
			l.call(args)
		})
	}
}

// call calls a listener. A panic is reported where the library reports its own.
func (l listener) call(args []any) {
	defer func() {
		if r := recover(); r != nil {
			log.NewLog("engine:events").Errorf("event listener panic recovered: %v\n%s", r, debug.Stack())
		}
	}()
	l.f(args...)
}

func (e *emitter) get(name types.EventName) []listener {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.listeners[name]
}

// EventNames implements types.EventEmitter.
func (e *emitter) EventNames() []types.EventName {
	e.mu.Lock()
	defer e.mu.Unlock()
	names := make([]types.EventName, 0, len(e.listeners))
	for name := range e.listeners {
		names = append(names, name)
	}
	return names
}

// ListenerCount implements types.EventEmitter.
func (e *emitter) ListenerCount(name types.EventName) int { return len(e.get(name)) }

// Listeners implements types.EventEmitter.
func (e *emitter) Listeners(name types.EventName) []types.EventListener {
	var fs []types.EventListener
	for _, l := range e.get(name) {
		fs = append(fs, l.f)
	}
	return fs
}

// RemoveListener implements types.EventEmitter. Only where the very function is
// not among the listeners does one with the same code count.
func (e *emitter) RemoveListener(name types.EventName, f types.EventListener) bool {
	if f == nil {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	list := e.listeners[name]
	i := slices.IndexFunc(list, func(l listener) bool { return identity(l.f) == identity(f) })
	if i < 0 {
		i = slices.IndexFunc(list, func(l listener) bool { return code(l.f) == code(f) })
	}
	if i < 0 {
		return false
	}
	e.listeners[name] = slices.Delete(slices.Clone(list), i, i+1)
	return true
}

// RemoveAllListeners implements types.EventEmitter.
func (e *emitter) RemoveAllListeners(name types.EventName) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, found := e.listeners[name]
	delete(e.listeners, name)
	return found
}

// Clear implements types.EventEmitter.
func (e *emitter) Clear() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.listeners)
}

// Len implements types.EventEmitter.
func (e *emitter) Len() int { return len(e.EventNames()) }
