package load

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
)

// Server is what is driven.
type Server struct {
	Addr netip.AddrPort
	// Plain: a WebSocket server that speaks no Socket.IO. It returns what it gets, on
	// PlainPath, or sends it to everybody, on PlainBroadcastPath.
	Plain bool
}

// Paths of plain servers.
const (
	PlainPath          = "/echo"
	PlainBroadcastPath = "/broadcast"
	socketIOPath       = "/socket.io/?EIO=4&transport=websocket"
)

func (s Server) path(kind Kind) string {
	switch {
	case !s.Plain:
		return socketIOPath
	case kind == Broadcast:
		return PlainBroadcastPath
	default:
		return PlainPath
	}
}

// Clients are connections that have joined.
type Clients struct {
	server  Server
	clients []*client
	// Retries is how often connecting had to be tried again, for want of an answer.
	Retries int
}

// Connect connects n clients to be used for messages of a kind.
func Connect(ctx context.Context, s Server, kind Kind, n int) (*Clients, error) {
	c := &Clients{server: s, clients: make([]*client, n)}
	errs := make([]error, dialers)
	var next, retries atomic.Int64
	var wait sync.WaitGroup
	for d := range dialers {
		wait.Go(func() {
			for i := int(next.Add(1) - 1); i < n && errs[d] == nil; i = int(next.Add(1) - 1) {
				var attempts int
				c.clients[i], attempts, errs[d] = dial(s.Addr, s.path(kind), s.Plain)
				retries.Add(int64(attempts - 1))
				if errs[d] == nil {
					errs[d] = ctx.Err()
				}
			}
		})
	}
	wait.Wait()
	c.Retries = int(retries.Load())
	if err := errors.Join(errs...); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close closes all connections.
func (c *Clients) Close() {
	for _, client := range c.clients {
		if client != nil {
			client.close()
		}
	}
	c.clients = nil
}
