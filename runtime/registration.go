package runtime

import "sync"

// Registration is a handler that was set for an event.
type Registration struct {
	table *handlerTable
	event string
	id    uint64
}

// Off removes the handler, unless another has taken its place or it is gone
// already. The event then goes to the namespace's handler, if there is one
// (Handle of the generated server). A call that has begun is not waited for.
func (r Registration) Off() {
	if r.table != nil {
		r.table.remove(r)
	}
}

// Listener is where handlers of received events are set. Generated listeners
// embed it.
type Listener struct {
	table *handlerTable
	once  bool
}

// WithOnce returns the same listener for handlers that are called once: an event
// whose arguments are not as the schema has them, or that a middleware refuses,
// does not count. For generated code.
func (l Listener) WithOnce() Listener {
	l.once = true
	return l
}

// On sets the handler of an event; a later call for the same event replaces it.
// For generated code.
func (l Listener) On(event string, f EventFunc) Registration {
	if l.table == nil {
		return Registration{}
	}
	return l.table.set(event, eventHandler{f: f, once: l.once})
}

// handlerTable is the handlers of one socket, by event.
type handlerTable struct {
	mu       sync.Mutex
	last     uint64 // id of the newest
	handlers map[string]eventHandler
}

// eventHandler is the handler of an event. The zero value is none.
type eventHandler struct {
	id    uint64
	event string
	f     EventFunc
	once  bool
}

// find returns the handler for an event.
func (t *handlerTable) find(name []byte) eventHandler {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.handlers[string(name)]
}

// set sets the handler of an event.
func (t *handlerTable) set(event string, h eventHandler) Registration {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	h.id, h.event = t.last, event
	if t.handlers == nil {
		t.handlers = make(map[string]eventHandler)
	}
	t.handlers[event] = h
	return Registration{table: t, event: event, id: h.id}
}

// remove removes a handler, if it is still set.
func (t *handlerTable) remove(r Registration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.handlers[r.event].id == r.id {
		delete(t.handlers, r.event)
	}
}

// spend removes a handler that is about to be called for the only time.
func (t *handlerTable) spend(h eventHandler) {
	t.remove(Registration{event: h.event, id: h.id})
}

// restore sets a spent handler again, unless there is another by now.
func (t *handlerTable) restore(h eventHandler) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, taken := t.handlers[h.event]; !taken {
		t.handlers[h.event] = h
	}
}
