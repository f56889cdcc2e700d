package zishang520

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/zishang520/socket.io/parsers/socket/v3/parser"
	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/runtime/driver"
)

// Bounds of what is asked of other servers.
const (
	// fetchTimeout bounds the search for the sockets of a broadcast with
	// acknowledgements; adapters give up after 5 s themselves.
	fetchTimeout = 10 * time.Second
	// remoteAckTimeout is how long an adapter remembers that acknowledgements of
	// another server's socket are waited for.
	remoteAckTimeout = 2 * time.Minute
)

// fetch returns the sockets of t, over all servers unless t.Flags.Local.
func (n *namespace) fetch(ctx context.Context, t driver.Target) ([]socket.SocketDetails, error) {
	type answer struct {
		found []socket.SocketDetails
		err   error
	}
	answers := make(chan answer, 1)
	n.nsp.Adapter().FetchSockets(options(t))(func(found []socket.SocketDetails, err error) {
		select {
		case answers <- answer{found, err}:
		default: // a second answer of an adapter that gave up
		}
	})
	select {
	case a := <-answers:
		return a.found, a.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// BroadcastAck implements driver.Namespace. The library counts answers without
// telling whose they are, so that every socket is asked by itself: sockets of this
// server with one packet, those of others with a broadcast each.
func (n *namespace) BroadcastAck(ctx context.Context, t driver.Target, p driver.Payload, w driver.BroadcastAckWaiter) (asked []string, cancel func(), err error) {
	ctx, stop := context.WithTimeout(ctx, fetchTimeout)
	defer stop()
	found, err := n.fetch(ctx, t)
	if err != nil {
		return nil, nil, fmt.Errorf("looking for the sockets: %w", err)
	}
	packet, err := n.eventPacket(p)
	if err != nil {
		return nil, nil, err
	}
	b := &ackedBroadcast{n: n, id: n.nsp.Ids(), waiter: w}
	n.server.parser.expect(n.Name(), b.id)
	for _, f := range found {
		id := string(f.Id())
		asked = append(asked, id)
		if s := n.socket(id); s != nil {
			b.local = append(b.local, s)
		} else {
			b.askRemote(id, packet.Data, t.Flags)
		}
	}
	packet.Id = &b.id
	b.askLocal(packet, t.Flags)
	return asked, b.cancel, nil
}

// ackedBroadcast is a broadcast whose answers are waited for.
type ackedBroadcast struct {
	n      *namespace
	id     uint64
	waiter driver.BroadcastAckWaiter
	local  []*serverSocket

	mu       sync.Mutex
	answered map[string]bool
	over     bool
}

func (b *ackedBroadcast) askLocal(packet *parser.Packet, f driver.Flags) {
	encoded := b.n.server.io.Encoder().Encode(packet)
	flags := writeOptions(f)
	for _, s := range b.local {
		s.io.Acks().Store(b.id, func(args []any, err error) { b.acked(s.ID(), args, err) })
		s.io.NotifyOutgoingListeners()(packet)
		s.io.Client().WriteToEngine(encoded, &flags)
	}
}

func (b *ackedBroadcast) askRemote(id string, data any, f driver.Flags) {
	o := options(driver.Target{Rooms: []string{id}, Flags: f})
	timeout := remoteAckTimeout
	o.Flags.Timeout = &timeout
	o.Flags.ExpectSingleResponse = true
	packet := &parser.Packet{Type: parser.EVENT, Nsp: b.n.Name(), Data: data}
	b.n.nsp.Adapter().BroadcastWithAck(packet, o, func(uint64) {},
		func(args []any, err error) { b.acked(id, args, err) })
}

func (b *ackedBroadcast) acked(id string, args []any, err error) {
	if err != nil { // the socket disconnected, or its server gave up
		b.waiter.Gone(id)
		return
	}
	b.mu.Lock()
	late := b.over || b.answered[id]
	if !late {
		if b.answered == nil {
			b.answered = make(map[string]bool)
		}
		b.answered[id] = true
	}
	b.mu.Unlock()
	if late {
		return
	}
	if p, err := received(args); err == nil {
		b.waiter.Acked(id, p)
	}
}

func (b *ackedBroadcast) cancel() {
	b.mu.Lock()
	b.over = true
	b.mu.Unlock()
	b.n.server.parser.unexpect(b.n.Name(), b.id)
	for _, s := range b.local {
		s.io.Acks().Delete(b.id)
	}
}

// ServerEmit implements driver.Namespace. Without a cluster adapter there are no
// other servers. The adapter gives its acknowledgements at once: when all servers
// have answered, or after its own timeout.
func (n *namespace) ServerEmit(ctx context.Context, p driver.Payload, w driver.BroadcastAckWaiter) ([]string, error) {
	name, _, err := event(p)
	if err != nil {
		return nil, err
	}
	args, err := wrap(p)
	if err != nil {
		return nil, err
	}
	others := int(n.nsp.Adapter().ServerCount()) - 1
	if w != nil {
		if others <= 0 {
			return nil, nil
		}
		args = append(args, func(answers []any, _ error) { n.answered(answers, w) })
	}
	if err := n.nsp.ServerSideEmit(name, args[1:]...); err != nil && others > 0 {
		return nil, err
	}
	var asked []string
	for i := range max(others, 0) {
		asked = append(asked, serverID(i))
	}
	return asked, context.Cause(ctx)
}

// serverID names a server for its place among those that were asked: the library
// does not tell which one answers.
func serverID(i int) string { return "server " + strconv.Itoa(i+1) }

// answered passes on what other servers answered.
func (n *namespace) answered(answers []any, w driver.BroadcastAckWaiter) {
	for i, answer := range answers {
		args, ok := answer.([]any)
		if !ok {
			args = []any{answer} // some adapters pass on just the first argument
		}
		args, attachments := unwrap(args)
		p, err := payload(args)
		if err != nil {
			continue
		}
		if len(attachments) > 0 {
			p.Attachments = attachments
		}
		w.Acked(serverID(i), p)
	}
}
