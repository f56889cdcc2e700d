package cluster

import (
	"sync"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// receive takes a message of the PubSub.
func (a *Adapter) receive(b []byte) {
	m, err := message{}, ErrTooLarge
	if len(b) <= a.o.MaxMessage {
		m, err = decode(b)
	}
	if err != nil {
		a.o.Logger.Warn("socket.io cluster: message dropped", "bytes", len(b), "error", err)
		return
	}
	if m.sender == a.id {
		return
	}
	for _, rec := range m.records {
		if !a.handle(m.sender, rec) {
			a.o.Logger.Warn("socket.io cluster: invalid payload dropped", "server", m.sender)
		}
	}
}

// valid checks what is in a record beside its form: what goes on to clients, or to
// typed decoders.
func (rec *record) valid() bool {
	p := rec.payload
	switch rec.kind {
	case broadcast, ask, serverEvent:
		_, err := codec.ValidateEvent(p.JSON, len(p.Attachments), codec.Limits{})
		return err == nil
	case acked, serverReply:
		return codec.ValidateAck(p.JSON, len(p.Attachments), codec.Limits{}) == nil
	case sockets:
		for _, s := range rec.sockets {
			if len(s.Data.JSON) > 0 && codec.ValidateValue(s.Data.JSON, codec.Limits{}) != nil {
				return false
			}
		}
	}
	return true
}

// handle does what another server says. It reports false when that makes no sense.
func (a *Adapter) handle(sender string, rec record) bool {
	if rec.to != "" && rec.to != a.id {
		return true
	}
	if !rec.valid() {
		return false
	}
	a.mu.Lock()
	s := a.meet(sender, rec.kind)
	ns := a.namespaces[rec.namespace]
	if s == nil || a.closed {
		a.mu.Unlock()
		return true
	}
	var then calls
	switch rec.kind {
	case hello:
		then = calls{func() { a.answer(&record{kind: alive}) }}
	case bye:
		then = a.drop(sender, true)
	case asked, acked, gone, sockets, serverReply:
		then = a.answered(sender, rec)
	case ask:
		then = a.serve(sender, ns, rec)
	case end:
		then = a.endService(serving{sender, rec.request})
	case fetch:
		a.fetch(sender, ns, rec)
	case serverEvent:
		a.queue(s, rec)
	case broadcast, join, leave, disconnect:
		if ns != nil {
			then = calls{func() { ns.obey(rec) }}
		}
	}
	a.mu.Unlock()
	then.run()
	return true
}

// obey does here what a namespace of another server was asked to do everywhere.
func (n *namespace) obey(rec record) {
	switch rec.kind {
	case broadcast:
		if err := n.local.Broadcast(rec.target, rec.payload); err != nil {
			n.a.o.Logger.Warn("socket.io cluster: broadcast of another server", "error", err)
		}
	case join:
		n.local.JoinRooms(rec.target, rec.names)
	case leave:
		n.local.LeaveRooms(rec.target, rec.names)
	case disconnect:
		n.local.DisconnectSockets(rec.target, rec.flag)
	}
}

// serving is a request of another server that is under way here.
type serving struct {
	server string
	number uint64
}

// service is a broadcast with acknowledgements that another server asked for.
type service struct {
	cancel func() // nil until the sockets are asked
	timer  *time.Timer
	ended  bool
}

// serve asks sockets of this server for acknowledgements. a.mu is held.
func (a *Adapter) serve(sender string, ns *namespace, rec record) calls {
	key := serving{sender, rec.request}
	switch {
	case ns == nil:
		return calls{func() {
			a.answer(&record{kind: asked, namespace: rec.namespace, to: sender, request: rec.request, flag: true})
		}}
	case a.serving[key] != nil:
		return nil
	case len(a.serving) >= a.o.MaxRequests:
		a.o.Logger.Warn("socket.io cluster: too many requests of other servers", "limit", a.o.MaxRequests)
		return nil
	}
	s := new(service)
	s.timer = time.AfterFunc(rec.timeout, func() {
		a.mu.Lock()
		then := a.endService(key)
		a.mu.Unlock()
		then.run()
	})
	a.serving[key] = s
	return calls{func() {
		w := &acknowledgements{a: a, namespace: rec.namespace, to: sender, request: rec.request}
		ids, cancel, err := ns.local.BroadcastAck(rec.target, rec.payload, w)
		if err != nil {
			a.o.Logger.Warn("socket.io cluster: broadcast of another server", "error", err)
			cancel = func() {}
		}
		a.answerAsked(rec, sender, ids)
		w.begin()
		a.mu.Lock()
		s.cancel = cancel
		ended := s.ended
		a.mu.Unlock()
		if ended {
			cancel()
		}
	}}
}

// endService ends what is done for a request. a.mu is held.
func (a *Adapter) endService(key serving) calls {
	s := a.serving[key]
	if s == nil {
		return nil
	}
	delete(a.serving, key)
	s.timer.Stop()
	s.ended = true
	if s.cancel == nil {
		return nil
	}
	return calls{s.cancel}
}

// share is how much of a message one record of several may take.
func (a *Adapter) share() int { return a.o.MaxMessage / 4 }

// answerAsked says whom this server has asked, in several records if need be.
func (a *Adapter) answerAsked(rec record, to string, ids []string) {
	for first := true; first || len(ids) > 0; first = false {
		n, size := 0, 0
		for n < len(ids) && (n == 0 || size < a.share()) {
			size += len(ids[n]) + 2
			n++
		}
		a.answer(&record{kind: asked, namespace: rec.namespace, to: to, request: rec.request, names: ids[:n], flag: n == len(ids)})
		ids = ids[n:]
	}
}

// acknowledgements passes the answers of sockets on to the server that wants them,
// after it has been told whom to expect them of.
type acknowledgements struct {
	a             *Adapter
	namespace, to string
	request       uint64

	mu    sync.Mutex
	begun bool
	early []*record
}

// Acked implements driver.BroadcastAckWaiter.
func (w *acknowledgements) Acked(id string, p driver.Payload) {
	w.send(&record{kind: acked, id: id, payload: p})
}

// Gone implements driver.BroadcastAckWaiter.
func (w *acknowledgements) Gone(id string) { w.send(&record{kind: gone, id: id}) }

func (w *acknowledgements) send(rec *record) {
	rec.namespace, rec.to, rec.request = w.namespace, w.to, w.request
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun {
		rec.payload.JSON = append([]byte(nil), rec.payload.JSON...)
		w.early = append(w.early, rec)
		return
	}
	w.a.answer(rec)
}

func (w *acknowledgements) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begun = true
	for _, rec := range w.early {
		w.a.answer(rec)
	}
	w.early = nil
}
