package zishang520

import (
	"sync"

	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/runtime/driver"
)

// Limits of the acknowledgements of one socket.
const (
	// MaxPendingAcks is how many a socket may wait for at once. Beyond it emitting
	// fails with driver.ErrTooManyAcks.
	MaxPendingAcks = 10_000
	// MaxOwedAcks is how many that the peer asked for are remembered. Beyond it the
	// oldest can no longer be answered.
	MaxOwedAcks = 10_000
)

// pendingAcks are the acknowledgements that a socket waits for, by an id that its
// owner gives.
type pendingAcks struct {
	mu      sync.Mutex
	waiters map[int64]driver.AckWaiter
	closed  bool
}

// add registers a waiter.
func (a *pendingAcks) add(id int64, w driver.AckWaiter) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return driver.ErrClosed
	case len(a.waiters) >= MaxPendingAcks:
		return driver.ErrTooManyAcks
	case a.waiters == nil:
		a.waiters = make(map[int64]driver.AckWaiter)
	}
	a.waiters[id] = w
	return nil
}

// take removes and returns a waiter; nil when there is none.
func (a *pendingAcks) take(id int64) driver.AckWaiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	w := a.waiters[id]
	delete(a.waiters, id)
	return w
}

// answer gives an acknowledgement to whoever waits for it.
func (a *pendingAcks) answer(id int64, args []any, err error) {
	w := a.take(id)
	if w == nil {
		return
	}
	if err != nil {
		w.Acked(driver.Payload{}, err)
		return
	}
	w.Acked(received(args))
}

// fail tells all waiters that no answer will come, and returns their ids. With
// closed, more are refused.
func (a *pendingAcks) fail(err error, closed bool) (ids []int64) {
	a.mu.Lock()
	all := a.waiters
	a.waiters = nil
	a.closed = a.closed || closed
	a.mu.Unlock()
	for id, w := range all {
		ids = append(ids, id)
		w.Acked(driver.Payload{}, err)
	}
	return ids
}

// owedAcks are the acknowledgements that the peer asked for and did not get yet.
type owedAcks struct {
	mu   sync.Mutex
	last int64
	// first is the oldest number that may still be owed.
	first int64
	owed  map[int64]socket.Ack
}

// add notes how an event is answered and returns the number for it.
func (o *owedAcks) add(ack socket.Ack) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.owed == nil {
		o.owed = make(map[int64]socket.Ack)
	}
	for ; len(o.owed) >= MaxOwedAcks; o.first++ {
		delete(o.owed, o.first)
	}
	o.last++
	o.owed[o.last] = ack
	return o.last
}

// answer answers an event, once.
func (o *owedAcks) answer(number int64, p driver.Payload) error {
	o.mu.Lock()
	ack := o.owed[number]
	delete(o.owed, number)
	o.mu.Unlock()
	if ack == nil {
		return &AckError{ID: number}
	}
	args, err := arguments(p)
	if err != nil {
		return err
	}
	ack(args, nil)
	return nil
}

// forget drops all: the peer that asked is gone.
func (o *owedAcks) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.owed = nil
}
