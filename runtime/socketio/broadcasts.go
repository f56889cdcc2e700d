package socketio

import (
	"sync"

	"github.com/siogen/siogen/runtime/driver"
)

// broadcasts are those of a namespace whose answers are still waited for, by
// acknowledgement id. The zero value has none.
type broadcasts struct {
	mu      sync.Mutex
	waiting map[int64]*broadcast
}

// broadcast is a broadcast that asked for acknowledgements.
type broadcast struct {
	waiter driver.BroadcastAckWaiter
	asked  map[string]struct{} // the sockets that have not answered
}

// expect registers a broadcast that is about to be sent.
func (b *broadcasts) expect(id int64, w driver.BroadcastAckWaiter, sockets []*socket) (asked []string) {
	bc := &broadcast{waiter: w, asked: make(map[string]struct{}, len(sockets))}
	asked = make([]string, 0, len(sockets))
	for _, s := range sockets {
		bc.asked[s.id] = struct{}{}
		asked = append(asked, s.id)
	}
	b.mu.Lock()
	if b.waiting == nil {
		b.waiting = make(map[int64]*broadcast)
	}
	b.waiting[id] = bc
	b.mu.Unlock()
	for _, s := range sockets {
		if s.state.Load() == stateEnded { // perhaps before gone could find the broadcast
			b.gone(s.id)
		}
	}
	return asked
}

// forget ends the wait for a broadcast's answers.
func (b *broadcasts) forget(id int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.waiting, id)
}

// acked passes on a socket's answer. One that nobody waits for, or that came
// before, is dropped.
func (b *broadcasts) acked(socketID string, id int64, p driver.Payload) {
	b.mu.Lock()
	var w driver.BroadcastAckWaiter
	if bc := b.waiting[id]; bc != nil {
		if _, ok := bc.asked[socketID]; ok {
			delete(bc.asked, socketID)
			w = bc.waiter
		}
	}
	b.mu.Unlock()
	if w != nil {
		w.Acked(socketID, p)
	}
}

// gone tells everybody who waits for a socket that has ended.
func (b *broadcasts) gone(socketID string) {
	var waiters []driver.BroadcastAckWaiter
	b.mu.Lock()
	for _, bc := range b.waiting {
		if _, ok := bc.asked[socketID]; ok {
			delete(bc.asked, socketID)
			waiters = append(waiters, bc.waiter)
		}
	}
	b.mu.Unlock()
	for _, w := range waiters {
		w.Gone(socketID)
	}
}
