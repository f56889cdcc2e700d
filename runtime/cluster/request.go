package cluster

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

// request is what this server asked the others. Adapter.mu guards it.
type request struct {
	number uint64
	// waiter gets acknowledgements: of sockets, or (ofServers) of the servers.
	waiter    driver.BroadcastAckWaiter
	ofServers bool
	// waiting are the servers that have not answered in full. When there are none any
	// more, answered is closed.
	waiting  map[string]struct{}
	answered chan struct{}
	// lost are servers that will not.
	lost []string

	asked   []string                       // sockets
	owing   map[string]map[string]struct{} // of them those that have not answered, by server
	sockets []driver.RemoteSocket
	bytes   int // of all answers
}

// errLost is the cause when servers disappeared, or answered too much.
var errLost = errors.New("lost")

// calls are to be made without the lock: they leave this package.
type calls []func()

func (c calls) run() {
	for _, f := range c {
		f()
	}
}

// begin notes a request to all other servers, and returns their ids. Without any, the
// request is nil.
func (a *Adapter) begin(w driver.BroadcastAckWaiter, ofServers bool) (*request, []string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return nil, nil, driver.ErrClosed
	case len(a.servers) == 0:
		return nil, nil, nil
	case len(a.requests) >= a.o.MaxRequests:
		return nil, nil, ErrTooManyRequests
	}
	a.last++
	r := &request{
		number: a.last,
		waiter: w, ofServers: ofServers,
		waiting:  make(map[string]struct{}, len(a.servers)),
		answered: make(chan struct{}),
	}
	ids := make([]string, 0, len(a.servers))
	for id := range a.servers {
		r.waiting[id] = struct{}{}
		ids = append(ids, id)
	}
	a.requests[r.number] = r
	slices.Sort(ids)
	return r, ids, nil
}

// wait waits until all servers have answered, ctx ends or the request timeout does. It
// returns a *driver.ServersError when some did not.
func (a *Adapter) wait(ctx context.Context, r *request) error {
	limit, stop := context.WithTimeout(ctx, a.o.RequestTimeout)
	defer stop()
	cause := errLost
	select {
	case <-r.answered:
	case <-limit.Done():
		cause = context.Cause(limit)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	missing := slices.Clone(r.lost)
	for id := range r.waiting {
		missing = append(missing, id)
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return &driver.ServersError{Missing: missing, Cause: cause}
}

// forget ends a request.
func (a *Adapter) forget(r *request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.requests, r.number)
}

// settle notes that a server has nothing more to answer.
func (r *request) settle(server string) {
	if _, ok := r.waiting[server]; !ok {
		return
	}
	delete(r.waiting, server)
	if len(r.waiting) == 0 {
		close(r.answered)
	}
}

// lose notes that a server will not answer any more, and returns whom to tell. It is
// no loss when it said that it closes: so are its sockets.
func (r *request) lose(server string, closed bool) calls {
	var c calls
	_, waiting := r.waiting[server]
	if waiting && r.ofServers {
		c = append(c, func() { r.waiter.Gone(server) })
	}
	if waiting && !closed {
		r.lost = append(r.lost, server)
	}
	for id := range r.owing[server] {
		c = append(c, func() { r.waiter.Gone(id) })
	}
	delete(r.owing, server)
	r.settle(server)
	return c
}

// answered takes another server's answer to a request of this one. a.mu is held.
func (a *Adapter) answered(sender string, rec record) calls {
	r := a.requests[rec.request]
	if r == nil {
		return nil
	}
	if rec.kind == acked || rec.kind == gone {
		return a.settled(r, sender, rec)
	}
	if _, ok := r.waiting[sender]; !ok {
		return nil
	}
	if r.bytes += rec.size; r.bytes > a.o.MaxResponse {
		a.o.Logger.Warn("socket.io cluster: an answer is too large", "server", sender, "limit", a.o.MaxResponse)
		return r.lose(sender, false)
	}
	switch {
	case rec.kind == asked && r.waiter != nil && !r.ofServers:
		r.owe(sender, rec.names)
	case rec.kind == sockets && r.waiter == nil:
		r.sockets = append(r.sockets, rec.sockets...)
	case rec.kind == serverReply && r.ofServers:
		r.settle(sender)
		if len(r.waiting) == 0 {
			delete(a.requests, r.number)
		}
		return calls{func() { r.waiter.Acked(sender, rec.payload) }}
	default:
		return nil
	}
	if rec.flag {
		r.settle(sender)
	}
	return nil
}

// owe notes the sockets that a server has asked.
func (r *request) owe(server string, ids []string) {
	if r.owing == nil {
		r.owing = make(map[string]map[string]struct{})
	}
	of := r.owing[server]
	if of == nil {
		of = make(map[string]struct{}, len(ids))
		r.owing[server] = of
	}
	for _, id := range ids {
		of[id] = struct{}{}
	}
	r.asked = append(r.asked, ids...)
}

// settled takes the answer of a socket, or its end. Only one that its server has asked
// counts, and once.
func (a *Adapter) settled(r *request, sender string, rec record) calls {
	of := r.owing[sender]
	if _, ok := of[rec.id]; !ok {
		return nil
	}
	delete(of, rec.id)
	if r.bytes += rec.size; rec.kind == gone || r.bytes > a.o.MaxResponse {
		return calls{func() { r.waiter.Gone(rec.id) }}
	}
	return calls{func() { r.waiter.Acked(rec.id, rec.payload) }}
}

// remaining is how long the sender of a request waits.
func (a *Adapter) remaining(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline)
	}
	return a.o.RequestTimeout
}

// endAll ends every request and everything that is done for other servers. a.mu is
// held.
func (a *Adapter) endAll() calls {
	var c calls
	for id := range a.servers {
		c = append(c, a.drop(id, false)...)
	}
	return c
}
