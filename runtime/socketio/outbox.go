package socketio

import (
	"bytes"
	"slices"

	"github.com/siogen/siogen/runtime/driver"
)

// heldOverhead is added for each held event, so that tiny ones count too.
const heldOverhead = 64

// outbox holds events until they can be sent, in order. Its owner's lock guards it.
type outbox struct {
	events []*heldEvent
	bytes  int
}

type heldEvent struct {
	payload driver.Payload
	flags   driver.Flags
	ackID   int64
	waiter  driver.AckWaiter // only of a retryQueue's
}

func (e *heldEvent) size() int {
	n := heldOverhead + len(e.payload.JSON)
	for _, a := range e.payload.Attachments {
		n += len(a)
	}
	return n
}

// add holds an event, unless that would be more than limit bytes.
func (o *outbox) add(p driver.Payload, f driver.Flags, ackID int64, limit int) error {
	e := &heldEvent{payload: p, flags: f, ackID: ackID}
	if o.bytes+e.size() > limit {
		return driver.ErrQueueFull
	}
	e.payload.JSON = bytes.Clone(p.JSON)
	o.events = append(o.events, e)
	o.bytes += e.size()
	return nil
}

// first returns the oldest event; nil when there is none.
func (o *outbox) first() *heldEvent {
	if len(o.events) == 0 {
		return nil
	}
	return o.events[0]
}

// last returns the newest event; there is one.
func (o *outbox) last() *heldEvent { return o.events[len(o.events)-1] }

// withAckID returns the event that asks for this acknowledgement; nil when it is
// not held.
func (o *outbox) withAckID(id int64) *heldEvent {
	for _, e := range o.events {
		if e.ackID == id {
			return e
		}
	}
	return nil
}

// remove drops an event, if it is held.
func (o *outbox) remove(e *heldEvent) {
	i := slices.Index(o.events, e)
	switch {
	case i < 0:
		return
	case i == 0: // sending empties it from the front
		o.events[0] = nil
		o.events = o.events[1:]
	default:
		o.events = slices.Delete(o.events, i, i+1)
	}
	o.bytes -= e.size()
}

// cancel drops the event that asks for this acknowledgement, if it is held.
func (o *outbox) cancel(ackID int64) {
	if e := o.withAckID(ackID); e != nil {
		o.remove(e)
	}
}

// ackIDs returns the acknowledgement ids of what is held.
func (o *outbox) ackIDs() map[int64]bool {
	ids := make(map[int64]bool)
	for _, e := range o.events {
		if e.ackID != driver.NoAck {
			ids[e.ackID] = true
		}
	}
	return ids
}

// earlyEvents are received events that came before the server's answer to CONNECT,
// as those do that were missed while disconnected. Its owner's lock guards it.
type earlyEvents struct {
	events []received
	bytes  int
}

const errEarlyEvents = packetError("too many events before the namespace was joined")

// add keeps an event, unless that would be more than limit bytes.
func (e *earlyEvents) add(r received, limit int) error {
	e.bytes += heldOverhead + len(r.json) + len(r.name)
	for _, b := range r.blobs {
		e.bytes += len(b)
	}
	if e.bytes > limit {
		return errEarlyEvents
	}
	e.events = append(e.events, r)
	return nil
}

// next removes and returns the oldest event.
func (e *earlyEvents) next() (r received, ok bool) {
	if len(e.events) == 0 {
		*e = earlyEvents{}
		return received{}, false
	}
	r, e.events = e.events[0], e.events[1:]
	return r, true
}
