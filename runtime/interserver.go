package runtime

import (
	"context"
	"errors"
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
	payload, err := finish(enc)
	if err != nil {
		return err
	}
	e := i.ns.servers.emitted(payload, EventInfo{})
	return i.ns.servers.intercept(ctx, e, func(ctx context.Context) error {
		_, err := i.ns.drv.ServerEmit(ctx, payload, nil)
		return err
	})
}

// On sets the handler of an event from another server. For generated code.
func (i InterServer) On(event string, f EventFunc) Registration {
	return i.ns.interServer.set(event, eventHandler{f: f})
}

// CollectServers sends an event to the other servers and collects their
// acknowledgements, as Collect does: with those that came it returns a
// *BroadcastAckError whose ids are those of servers when others did not, joined with
// an *AckTimeoutError when it was the time that ended the wait. For generated code.
func CollectServers[T any](ctx context.Context, i InterServer, enc *codec.Encoder, dec func(*codec.Decoder) (T, error)) ([]T, error) {
	defer enc.Free()
	payload, err := finish(enc)
	if err != nil {
		return nil, err
	}
	var values []T
	e := i.ns.servers.emitted(payload, EventInfo{WantsAck: true})
	err = i.ns.servers.intercept(ctx, e, func(ctx context.Context) (err error) {
		values, err = collectServers(ctx, i.ns, payload, dec)
		return err
	})
	return values, err
}

func collectServers[T any](ctx context.Context, ns *namespace, payload driver.Payload, dec func(*codec.Decoder) (T, error)) ([]T, error) {
	limit, stop := ackDeadline(ctx, ns.server.ackTimeout)
	defer stop()
	event := codec.EventName(payload.JSON)
	c := newCollector(event, dec)
	start := time.Now()
	asked, err := ns.drv.ServerEmit(limit, payload, c)
	if err != nil {
		return nil, errEvent(event, err)
	}
	c.wait(limit, ns.server, len(asked))
	values, failed := c.result(asked)
	if failed != nil && limit.Err() != nil {
		failed = errors.Join(ackTimeout(limit, event, time.Since(start)), failed)
	}
	return values, failed
}

// serverEvent handles an event from another server.
func (n *namespace) serverEvent(e driver.Event, reply func(driver.Payload) error) {
	h := n.interServer.find(e.Name)
	if h.f == nil {
		return
	}
	p := &peer{emitter: serverReply{reply: reply}, log: n.server.log, scope: n.servers}
	p.failed = func(_ context.Context, event string, err error) {
		logFailure(n.server.log, "server", event, err)
	}
	p.handlers.set(h.event, h)
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
func (serverReply) ID() string { return "" }

// Ack implements driver.Emitter.
func (r serverReply) Ack(_ int64, p driver.Payload) error { return r.reply(p) }
