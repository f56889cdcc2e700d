package load

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Wire is how messages travel.
type Wire string

const (
	// WebSocket is without compression.
	WebSocket Wire = ""
	// Deflate is WebSocket with permessage-deflate (RFC 7692), each message
	// compressed for itself. Messages are longer then: short ones nobody compresses.
	Deflate Wire = "deflate"
	// Polling is HTTP long-polling, as browsers do it: a connection that waits for
	// packets, and one that posts them. Plain servers have none.
	Polling Wire = "polling"
)

// Server is what is driven.
type Server struct {
	Addr netip.AddrPort
	// Plain: a WebSocket server that speaks no Socket.IO. It returns what it gets, on
	// PlainPath, or sends it to everybody, on PlainBroadcastPath.
	Plain bool
	// Wire is how the clients connect.
	Wire Wire
}

// Paths of plain servers.
const (
	PlainPath          = "/echo"
	PlainBroadcastPath = "/broadcast"
	webSocketPath      = "/socket.io/?EIO=4&transport=websocket"
	pollingPath        = "/socket.io/?EIO=4&transport=polling"
)

func (s Server) path(kind Kind) string {
	switch {
	case !s.Plain:
		return webSocketPath
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

// client is one user of the server.
type client struct {
	// conns is one connection; on polling two, as pollConn and postConn.
	conns   []*conn
	polling *polling // nil on WebSocket

	sent, got int
	parts     int         // how many parts of the reply that is under way came
	fragments []byte      // of a message that came in several frames
	checked   bool        // the first reply was compared as a whole
	times     []time.Time // a ring: when messages were sent that have no reply
}

// Connect connects n clients to be used for messages of a kind.
func Connect(ctx context.Context, s Server, kind Kind, n int) (*Clients, error) {
	if s.Plain && s.Wire == Polling {
		return nil, fmt.Errorf("load: a plain server has no %s", Polling)
	}
	c := &Clients{server: s, clients: make([]*client, n)}
	errs := make([]error, dialers)
	var next, retries atomic.Int64
	var wait sync.WaitGroup
	for d := range dialers {
		wait.Go(func() {
			for i := int(next.Add(1) - 1); i < n && errs[d] == nil; i = int(next.Add(1) - 1) {
				var attempts int
				c.clients[i], attempts, errs[d] = s.dial(kind)
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

// dial connects a client. It also returns how many attempts it took.
func (s Server) dial(kind Kind) (c *client, attempts int, err error) {
	for attempts = 1; attempts <= dialAttempts; attempts++ {
		c = &client{}
		if s.Wire == Polling {
			err = c.dialPolling(s.Addr)
		} else {
			err = c.dialWebSocket(s, s.path(kind))
		}
		if err == nil {
			return c, attempts, nil
		}
		c.close()
		if !errors.Is(err, unix.EAGAIN) { // no answer within dialTime
			break
		}
	}
	return nil, attempts, fmt.Errorf("load: connecting to %v: %w", s.Addr, err)
}

// connect opens one more connection of a client.
func (c *client) connect(addr netip.AddrPort) (*conn, error) {
	conn, err := dialConn(addr)
	if err != nil {
		return nil, err
	}
	conn.client = c
	c.conns = append(c.conns, conn)
	return conn, nil
}

func (c *client) close() {
	for _, conn := range c.conns {
		conn.close()
	}
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
