package runtime

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// InterServer sends events to, and receives them from, the other servers of the
// cluster (ServerToServer). Without a cluster adapter there are none: emitting
// does nothing. Generated types embed it.
type InterServer struct{ ns *namespace }

// NewInterServer returns the InterServer of a namespace. For generated code.
func NewInterServer[S any](n *Namespace[S]) InterServer { return InterServer{n.namespace} }

// Send sends an encoded event to the other servers. It frees enc. For generated
// code.
func (i InterServer) Send(ctx context.Context, enc *codec.Encoder) error {
	defer enc.Free()
	json, attachments, err := enc.Finish()
	if err != nil {
		return err
	}
	_, err = i.ns.drv.ServerEmit(ctx, driver.Payload{JSON: json, Attachments: attachments}, nil)
	return err
}

// On sets the handler of an event from another server. For generated code.
func (i InterServer) On(event string, f EventFunc) {
	i.ns.mu.Lock()
	defer i.ns.mu.Unlock()
	next := maps.Clone(i.ns.interServer)
	if next == nil {
		next = make(map[string]EventFunc)
	}
	next[event] = f
	i.ns.interServer = next
}

// CollectServers sends an event to the other servers and collects their
// acknowledgements, as Collect does; with those that came it returns an
// *AckTimeoutError when others did not. For generated code.
func CollectServers[T any](ctx context.Context, i InterServer, enc *codec.Encoder, dec func(*codec.Decoder) (T, error)) ([]T, error) {
	defer enc.Free()
	json, attachments, err := enc.Finish()
	if err != nil {
		return nil, err
	}
	limit, stop := ackDeadline(ctx, i.ns.server.ackTimeout)
	defer stop()
	event := codec.EventName(json)
	c := newCollector(event, dec)
	start := time.Now()
	asked, err := i.ns.drv.ServerEmit(limit, driver.Payload{JSON: json, Attachments: attachments}, c)
	if err != nil {
		return nil, errEvent(event, err)
	}
	for !c.complete(asked) {
		select {
		case <-c.more:
		case <-limit.Done():
			values, err := c.result(nil)
			return values, errors.Join(ackTimeout(limit, event, time.Since(start)), err)
		}
	}
	return c.result(nil)
}

// serverEvent handles an event from another server.
func (n *namespace) serverEvent(e driver.Event, reply func(driver.Payload) error) {
	n.mu.Lock()
	f := n.interServer[string(e.Name)]
	n.mu.Unlock()
	if f == nil {
		return
	}
	p := &peer{emitter: serverReply{reply: reply}, log: n.server.log}
	p.failed = func(_ context.Context, event string, err error) {
		logFailure(n.server.log, "server", event, err)
	}
	p.handlers = map[string]EventFunc{string(e.Name): f}
	ackID := driver.NoAck
	if reply != nil {
		ackID = 0
	}
	p.dispatch(n.server.ctx, e.Name, e.Payload, ackID)
}

// serverReply is the emitter that answers another server's event; it can't do
// anything else.
type serverReply struct {
	driver.Emitter
	reply func(driver.Payload) error
}

// ID implements driver.Emitter.
func (serverReply) ID() string { return "server" }

// Ack implements driver.Emitter.
func (r serverReply) Ack(_ int64, p driver.Payload) error { return r.reply(p) }
