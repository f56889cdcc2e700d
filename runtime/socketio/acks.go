package socketio

import (
	"slices"

	"github.com/siogen/siogen/runtime/driver"
)

// pendingAcks are the acknowledgements that a socket waits for. Its owner's lock
// guards it.
type pendingAcks struct {
	waiters map[int64]driver.AckWaiter
}

// add registers a waiter, unless limit of them wait already.
func (a *pendingAcks) add(id int64, w driver.AckWaiter, limit int) error {
	if len(a.waiters) >= limit {
		return driver.ErrTooManyAcks
	}
	if a.waiters == nil {
		a.waiters = make(map[int64]driver.AckWaiter)
	}
	a.waiters[id] = w
	return nil
}

// has reports whether a waiter has that id.
func (a *pendingAcks) has(id int64) bool { return a.waiters[id] != nil }

// take removes and returns the waiter with that id; nil when there is none.
func (a *pendingAcks) take(id int64) driver.AckWaiter {
	w := a.waiters[id]
	delete(a.waiters, id)
	return w
}

// takeAll removes and returns all waiters.
func (a *pendingAcks) takeAll() map[int64]driver.AckWaiter {
	all := a.waiters
	a.waiters = nil
	return all
}

// takeExcept removes and returns all waiters but those with an id in keep.
func (a *pendingAcks) takeExcept(keep map[int64]bool) map[int64]driver.AckWaiter {
	all := a.takeAll()
	for id := range keep {
		if w := all[id]; w != nil {
			delete(all, id)
			_ = a.add(id, w, len(keep)) // there were more before
		}
	}
	return all
}

// failAcks tells waiters that no answer will come.
func failAcks(waiters map[int64]driver.AckWaiter, err error) {
	for _, w := range waiters {
		w.Acked(driver.Payload{}, err)
	}
}

// owedAcks are the acknowledgements that the peer asked for and did not get yet.
// The ids that cross the seam (driver.Event.AckID) are numbers of our own, never
// used twice: an answer that comes late, after a reconnection, cannot be taken for
// the answer to a newer event, whatever ids the peer uses. Its owner's lock guards
// it.
type owedAcks struct {
	last int64     // the newest number handed out
	owed []owedAck // by number, ascending
}

type owedAck struct{ number, peerID int64 }

// add notes that the peer asked for an answer under peerID. An answer that the
// application never gives must not cost memory for ever: beyond limit the oldest
// is forgotten.
func (o *owedAcks) add(peerID int64, limit int) (number int64) {
	if len(o.owed) >= limit {
		o.owed = append(o.owed[:0], o.owed[len(o.owed)-limit+1:]...)
	}
	o.last++
	o.owed = append(o.owed, owedAck{number: o.last, peerID: peerID})
	return o.last
}

// take returns the peer's id for a number, once.
func (o *owedAcks) take(number int64) (peerID int64, ok bool) {
	i, found := slices.BinarySearchFunc(o.owed, number, func(a owedAck, n int64) int {
		return int(min(max(a.number-n, -1), 1))
	})
	if !found {
		return 0, false
	}
	peerID = o.owed[i].peerID
	if i == 0 && len(o.owed) > 64 { // a long list is mostly answered from its front
		o.owed = o.owed[1:]
	} else {
		o.owed = slices.Delete(o.owed, i, i+1)
	}
	return peerID, true
}

// forget drops all: the peer that asked is gone.
func (o *owedAcks) forget() { o.owed = nil }
