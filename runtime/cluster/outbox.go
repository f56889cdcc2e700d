package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

// outbox holds records until they are published, in order, several in a message.
type outbox struct {
	head     []byte // what a message begins with
	max      int    // of a message
	limit    int    // of what waits
	patience time.Duration
	log      *slog.Logger

	mu      sync.Mutex
	records [][]byte
	bytes   int
	closed  bool
	more    chan struct{} // holds a token when there is something to do
}

// recordOverhead is counted for each record that waits.
const recordOverhead = 32

func (o *outbox) init(sender string, options Options) {
	o.head = appendString([]byte{version}, sender)
	o.max = options.MaxMessage
	o.limit = options.MaxQueue
	o.patience = options.PublishTimeout
	o.log = options.Logger
	o.more = make(chan struct{}, 1)
}

// add queues an encoded record.
func (o *outbox) add(record []byte) error {
	if len(o.head)+len(record) > o.max {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, len(record))
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		return driver.ErrClosed
	case o.bytes+len(record)+recordOverhead > o.limit:
		return fmt.Errorf("cluster: %w", driver.ErrQueueFull)
	}
	o.records = append(o.records, record)
	o.bytes += len(record) + recordOverhead
	o.wake()
	return nil
}

// close lets run end once everything is published.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.wake()
}

func (o *outbox) wake() {
	select {
	case o.more <- struct{}{}:
	default:
	}
}

// run publishes until close was called and nothing is left, or ctx ends.
func (o *outbox) run(ctx context.Context, publish func(context.Context, []byte) error) {
	for {
		message, closed := o.next()
		switch {
		case message != nil:
			limit, stop := context.WithTimeout(ctx, o.patience)
			if err := publish(limit, message); err != nil {
				o.log.Error("socket.io cluster: not published", "bytes", len(message), "error", err)
			}
			stop()
			if ctx.Err() != nil {
				return
			}
		case closed:
			return
		default:
			select {
			case <-o.more:
			case <-ctx.Done():
				return
			}
		}
	}
}

// next takes as many records as a message holds; nil: there are none.
func (o *outbox) next() (message []byte, closed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, size := 0, len(o.head)
	for n < len(o.records) && size+len(o.records[n]) <= o.max {
		size += len(o.records[n])
		n++
	}
	if n == 0 {
		return nil, o.closed
	}
	message = append(make([]byte, 0, size), o.head...)
	for _, r := range o.records[:n] {
		message = append(message, r...)
		o.bytes -= len(r) + recordOverhead
	}
	clear(o.records[:n])
	o.records = o.records[n:]
	if len(o.records) == 0 {
		o.records = nil
	}
	return message, false
}
