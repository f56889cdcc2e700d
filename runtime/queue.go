package runtime

import (
	"context"
	"sync"

	"github.com/siogen/siogen/runtime/driver"
)

const (
	// maxQueuedBytes bounds the events of one socket that wait for a handler.
	// Beyond it the connection is not read: the peer is pushed back upon.
	maxQueuedBytes = 1 << 20
	// queuedOverhead is added for each event, so that tiny ones count too: about
	// what an item, its buffer's smallest size and the list's spare room take.
	queuedOverhead = 160
	// maxPooledBuffer keeps single large events from staying in the pool.
	maxPooledBuffer = 16 << 10
	// maxPooledItems is maxPooledBuffer for lists of events.
	maxPooledItems = 1 << 10
)

// queue runs the handlers of one socket: in order, one at a time, in a worker that
// exists only while there is something to do. That is the goroutine which reads the
// connection, where the engine can have another one read when a handler takes long
// (driver.Deferrer), and else one of its own.
type queue struct {
	peer *peer
	ctx  context.Context
	// tasks is whose goroutine the worker is.
	tasks *tasks
	// worker is q.work, bound once: starting it then allocates nothing.
	worker func()
	// deferrer, if there is one, may let the goroutine that reads the connection be
	// the worker.
	deferrer driver.Deferrer

	mu      sync.Mutex
	room    sync.Cond // signalled when bytes drops or the queue is stopped
	items   *[]item   // pooled; nil while there is nothing to do
	head    int       // (*items)[:head] are done
	bytes   int
	running bool
	stopped bool // no more items are taken
	// dismissed: this side disconnected the socket, so that events are dropped.
	dismissed bool
}

// item is a received event, or a call of the runtime's own that must keep its
// place among them.
type item struct {
	buf         *[]byte // JSON, then the name
	json        int     // length of the JSON in buf
	attachments [][]byte
	ackID       int64
	size        int
	run         func()
}

var (
	buffers   = sync.Pool{New: func() any { return new([]byte) }}
	itemLists = sync.Pool{New: func() any { return new([]item) }}
)

func (q *queue) init(p *peer, ctx context.Context, owner *tasks) {
	q.peer, q.ctx, q.tasks = p, ctx, owner
	q.worker = q.work
	q.deferrer, _ = p.emitter.(driver.Deferrer)
	q.room.L = &q.mu
}

// event queues a received event. It blocks while too much is waiting.
func (q *queue) event(e driver.Event) {
	buf := buffers.Get().(*[]byte)
	*buf = append(append((*buf)[:0], e.JSON...), e.Name...)
	it := item{buf: buf, json: len(e.JSON), attachments: e.Attachments, ackID: e.AckID, size: len(*buf) + queuedOverhead}
	for _, a := range e.Attachments {
		it.size += len(a)
	}
	q.push(it)
}

// call queues f behind what is queued already. It does not block: the handler
// that keeps the queue full may be what leads to the call.
func (q *queue) call(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.stopped {
		q.add(item{run: f}, false)
	}
}

// dismiss drops the events that no handler has got yet, and all that come.
func (q *queue) dismiss() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.dismissed = true
	q.room.Broadcast()
}

// last queues f as the last thing that the queue does, and lets nothing block.
func (q *queue) last(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return
	}
	q.stopped = true
	q.add(item{run: f}, false)
	q.room.Broadcast()
}

func (q *queue) push(it item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.full() {
		q.awaitRoom()
	}
	if q.stopped || q.dismissed {
		it.free()
		return
	}
	q.add(it, true)
}

// full reports whether the peer is to be pushed back upon. Once the context has
// ended it is not: then the goroutine that reads the connection must get to know
// of the end, which the handlers may be waiting for. q.mu is held.
func (q *queue) full() bool {
	return q.bytes >= maxQueuedBytes && !q.stopped && !q.dismissed && q.ctx.Err() == nil
}

// awaitRoom blocks while the queue is full; q.mu is held.
func (q *queue) awaitRoom() {
	stop := context.AfterFunc(q.ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.room.Broadcast()
	})
	defer stop()
	for q.full() {
		q.room.Wait()
	}
}

// add appends and makes sure that a worker runs; q.mu is held. delivering: the
// engine delivers an event in this goroutine.
func (q *queue) add(it item, delivering bool) {
	if q.items == nil {
		q.items = itemLists.Get().(*[]item)
	}
	list := *q.items
	if q.head > 32 && q.head >= len(list)/2 { // a queue that never runs dry must not keep its past
		n := copy(list, list[q.head:])
		clear(list[n:])
		list, q.head = list[:n], 0
	}
	*q.items = append(list, it)
	q.bytes += it.size
	if !q.running {
		q.running = true
		q.tasks.start()
		if !delivering || q.deferrer == nil || !q.deferrer.Defer(q.worker) {
			go q.worker()
		}
	}
}

// work handles items until none is left.
func (q *queue) work() {
	defer q.tasks.end()
	q.peer.emitter.Cork()
	defer q.peer.emitter.Uncork()
	for it, ok := q.next(0); ok; it, ok = q.next(it.size) {
		q.handle(it)
	}
}

// handle handles an item, and hands over to another goroutine when this one is
// ended by it: t.FailNow in the handlers of a test does that.
func (q *queue) handle(it item) {
	returned := false
	defer func() {
		if !returned {
			q.finished(it.size)
			q.tasks.start()
			go q.worker()
		}
	}()
	if it.run != nil {
		it.run()
	} else {
		b := *it.buf
		q.peer.dispatch(q.ctx, b[it.json:], driver.Payload{JSON: b[:it.json], Attachments: it.attachments}, it.ackID)
		it.free()
	}
	returned = true
}

// next makes room for what the item before took, size, and returns the oldest
// item; false, and the worker is no more, when there is none.
func (q *queue) next(size int) (item, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.release(size)
	list := *q.items
	for q.dismissed && q.head < len(list) && list[q.head].run == nil {
		q.bytes -= list[q.head].size
		list[q.head].free()
		list[q.head] = item{}
		q.head++
	}
	if q.head == len(list) {
		q.running = false
		if cap(list) <= maxPooledItems {
			*q.items = list[:0]
			itemLists.Put(q.items)
		}
		q.items, q.head = nil, 0
		return item{}, false
	}
	it := list[q.head]
	list[q.head] = item{}
	q.head++
	return it, true
}

func (q *queue) finished(size int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.release(size)
}

// release makes room for what an item took; q.mu is held.
func (q *queue) release(size int) {
	blocked := q.bytes >= maxQueuedBytes
	q.bytes -= size
	if blocked {
		q.room.Broadcast()
	}
}

func (it *item) free() {
	if it.buf != nil && cap(*it.buf) <= maxPooledBuffer {
		buffers.Put(it.buf)
	}
}
