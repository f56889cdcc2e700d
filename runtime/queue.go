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
	// queuedOverhead is added for each event, so that tiny ones count too.
	queuedOverhead = 64
	// maxPooledBuffer keeps single large events from staying in the pool.
	maxPooledBuffer = 16 << 10
	// maxPooledItems is maxPooledBuffer for lists of events.
	maxPooledItems = 1 << 10
)

// queue runs the handlers of one socket: in order, one at a time, in a goroutine
// that exists only while there is something to do.
type queue struct {
	peer *peer
	ctx  context.Context
	// tasks is whose goroutine the worker is.
	tasks *tasks
	// worker is q.work, bound once: starting it then allocates nothing.
	worker func()

	mu      sync.Mutex
	room    sync.Cond // signalled when bytes drops or the queue is stopped
	items   *[]item   // pooled; nil while there is nothing to do
	head    int       // (*items)[:head] are done
	bytes   int
	running bool
	stopped bool // no more items are taken
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

// call queues f behind what is queued already.
func (q *queue) call(f func()) { q.push(item{run: f}) }

// last queues f as the last thing that the queue does, and lets nothing block.
func (q *queue) last(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return
	}
	q.stopped = true
	q.add(item{run: f})
	q.room.Broadcast()
}

func (q *queue) push(it item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.bytes >= maxQueuedBytes && !q.stopped {
		q.room.Wait()
	}
	if q.stopped {
		it.free()
		return
	}
	q.add(it)
}

// add appends and makes sure that a worker runs; q.mu is held.
func (q *queue) add(it item) {
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
		go q.worker()
	}
}

// work handles items until none is left.
func (q *queue) work() {
	defer q.tasks.end()
	q.peer.emitter.Cork()
	defer q.peer.emitter.Uncork()
	for {
		it, ok := q.next()
		if !ok {
			return
		}
		if it.run != nil {
			it.run()
		} else {
			b := *it.buf
			q.peer.dispatch(q.ctx, b[it.json:], driver.Payload{JSON: b[:it.json], Attachments: it.attachments}, it.ackID)
			it.free()
		}
		q.finished(it)
	}
}

func (q *queue) next() (item, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := *q.items
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

// finished makes room for what the item took.
func (q *queue) finished(it item) {
	if it.size == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	blocked := q.bytes >= maxQueuedBytes
	q.bytes -= it.size
	if blocked {
		q.room.Broadcast()
	}
}

func (it *item) free() {
	if it.buf != nil && cap(*it.buf) <= maxPooledBuffer {
		buffers.Put(it.buf)
	}
}
