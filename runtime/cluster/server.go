package cluster

import (
	"sync/atomic"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// server is another server. Adapter.mu guards it.
type server struct {
	id   string
	seen time.Time // when it said something last
	// events wait for their handlers: in order, one at a time.
	events   []record
	bytes    int
	running  bool
	fetching int // requests for sockets that are under way
}

// meet returns the server that sent something; nil when it is of no account. a.mu is
// held.
func (a *Adapter) meet(id string, k kind) *server {
	s := a.servers[id]
	if s == nil {
		if k == bye {
			return nil
		}
		if len(a.servers) >= a.o.MaxServers {
			a.o.Logger.Warn("socket.io cluster: too many servers", "limit", a.o.MaxServers)
			return nil
		}
		s = &server{id: id}
		a.servers[id] = s
	}
	s.seen = time.Now()
	return s
}

// drop forgets a server, and ends what was done for it or expected of it; closed: it
// said so itself. a.mu is held.
func (a *Adapter) drop(id string, closed bool) calls {
	delete(a.servers, id)
	var c calls
	for _, r := range a.requests {
		c = append(c, r.lose(id, closed)...)
	}
	for key := range a.serving {
		if key.server == id {
			c = append(c, a.endService(key)...)
		}
	}
	return c
}

// queue has an event of another server handled, after those that came before. a.mu is
// held.
func (a *Adapter) queue(s *server, rec record) {
	if s.bytes+rec.size+recordOverhead > a.o.MaxQueue {
		a.o.Logger.Error("socket.io cluster: event of another server dropped, its handlers are too slow", "server", s.id)
		return
	}
	s.events = append(s.events, rec)
	s.bytes += rec.size + recordOverhead
	if !s.running {
		s.running = a.spawn(func() { a.runEvents(s) })
	}
}

// runEvents handles events of one server until there are none.
func (a *Adapter) runEvents(s *server) {
	for {
		a.mu.Lock()
		if len(s.events) == 0 || a.closed {
			s.running = false
			s.events, s.bytes = nil, 0
			a.mu.Unlock()
			return
		}
		rec := s.events[0]
		s.events = s.events[1:]
		s.bytes -= rec.size + recordOverhead
		ns := a.namespaces[rec.namespace]
		a.mu.Unlock()
		if ns != nil {
			ns.serverEvent(s.id, rec)
		}
	}
}

func (n *namespace) serverEvent(sender string, rec record) {
	e := driver.Event{Payload: rec.payload, Name: []byte(codec.EventName(rec.payload.JSON)), AckID: driver.NoAck}
	if rec.request == 0 {
		n.local.ServerEvent(e, nil)
		return
	}
	var replied atomic.Bool
	n.local.ServerEvent(e, func(p driver.Payload) error {
		if replied.Swap(true) {
			return driver.ErrClosed
		}
		return n.a.send(&record{kind: serverReply, namespace: n.name, to: sender, request: rec.request, payload: p})
	})
}

// maxFetching is how many requests for sockets of one server may be under way here.
const maxFetching = 100

// fetch answers with the sockets of this server. Their data may have to be waited for.
// a.mu is held.
func (a *Adapter) fetch(sender string, ns *namespace, rec record) {
	s := a.servers[sender]
	if s.fetching >= maxFetching {
		a.o.Logger.Warn("socket.io cluster: too many requests for sockets", "server", sender, "limit", maxFetching)
		return
	}
	s.fetching++
	a.spawn(func() {
		ns.describe(a, sender, rec)
		a.mu.Lock()
		defer a.mu.Unlock()
		s.fetching--
	})
}

// describe sends the sockets of this server, in several records if need be.
func (n *namespace) describe(a *Adapter, to string, rec record) {
	answer := record{kind: sockets, namespace: rec.namespace, to: to, request: rec.request}
	if n != nil {
		size := 0
		for _, s := range n.local.Sockets(rec.target) {
			b, err := describeSocket(s)
			if err != nil || len(b) > a.o.MaxMessage-a.share() {
				a.o.Logger.Warn("socket.io cluster: socket left out of an answer", "id", s.ID, "bytes", len(b), "error", err)
				continue
			}
			if size+len(b) > a.share() && size > 0 {
				a.answer(&answer)
				answer.encoded, size = nil, 0
			}
			answer.encoded = append(answer.encoded, b)
			size += len(b)
		}
	}
	answer.flag = true
	a.answer(&answer)
}

// describeSocket encodes a socket with its data. One whose data can't be encoded has
// none: whoever decodes it is told.
func describeSocket(s driver.RemoteSocket) ([]byte, error) {
	if s.Local != nil {
		if data, err := s.Local.Data(); err == nil {
			s.Data = data
		}
	}
	return appendSocket(nil, s)
}
