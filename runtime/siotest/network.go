package siotest

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// The hosts are of TEST-NET-1 (RFC 5737), whose addresses nobody has.
const (
	serverHost, serverPort = "192.0.2.1", 80
	clientHost             = "192.0.2.2"
	// firstPort is the port of the first client's connection; the next ones follow.
	firstPort, portCount = 49152, 16384
)

// network is what lies between clients and a server: its net.Listener.
type network struct {
	arriving chan *conn
	closing  chan struct{}

	mu      sync.Mutex
	links   map[*link]struct{}
	dialed  int // connections so far
	down    bool
	stalled bool
	closed  bool
}

// link is a connection.
type link struct {
	there, back *stream
	ends        int // that are not closed; guarded by network.mu
}

func newNetwork() *network {
	return &network{arriving: make(chan *conn), closing: make(chan struct{}), links: make(map[*link]struct{})}
}

func address(host string, port int) net.Addr {
	return &net.TCPAddr{IP: net.ParseIP(host), Port: port}
}

// dial connects to the server.
func (n *network) dial(ctx context.Context) (net.Conn, error) {
	client, server, err := n.connect()
	if err == nil {
		select {
		case n.arriving <- server:
			return client, nil
		case <-ctx.Done():
			err = ctx.Err()
		case <-n.closing:
			err = syscall.ECONNREFUSED
		}
		_ = client.Close()
		_ = server.Close()
	}
	return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: address(serverHost, serverPort), Err: err}
}

// connect makes the two ends of a connection.
func (n *network) connect() (client, server *conn, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.down || n.closed {
		return nil, nil, syscall.ECONNREFUSED
	}
	l := &link{there: newStream(n.stalled), back: newStream(n.stalled), ends: 2}
	n.links[l] = struct{}{}
	here, there := address(clientHost, firstPort+n.dialed%portCount), address(serverHost, serverPort)
	n.dialed++
	closed := func() { n.closedEnd(l) }
	client = &conn{in: l.back, out: l.there, local: here, remote: there, closed: closed}
	server = &conn{in: l.there, out: l.back, local: there, remote: here, closed: closed}
	return client, server, nil
}

func (n *network) closedEnd(l *link) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if l.ends--; l.ends == 0 {
		delete(n.links, l)
	}
}

// cut loses all connections.
func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.loseAll()
}

// loseAll is cut; n.mu is held.
func (n *network) loseAll() {
	for l := range n.links {
		l.there.lose()
		l.back.lose()
	}
}

// setDown loses all connections, and lets none be made while it is on.
func (n *network) setDown(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = on
	if on {
		n.loseAll()
	}
}

// stall lets nothing arrive while it is on.
func (n *network) stall(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stalled = on
	for l := range n.links {
		l.there.stall(on)
		l.back.stall(on)
	}
}

// Accept implements net.Listener.
func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.arriving:
		return c, nil
	case <-n.closing:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. It loses all connections, too. It may be called again.
func (n *network) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.closed = true
		close(n.closing)
		n.loseAll()
	}
	return nil
}

// Addr implements net.Listener.
func (n *network) Addr() net.Addr { return address(serverHost, serverPort) }
