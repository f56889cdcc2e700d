package socketio

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sync"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/internal/group"
)

// Reasons for the end of a socket that this package gives on the client.
const (
	reasonIOClient = "io client disconnect"
	reasonIOServer = "io server disconnect"
)

// Client is one connection to a Socket.IO server, shared by its namespaces: a
// driver.Client. It connects when the first of its sockets does, and closes the
// connection when the last one has left. Its methods may be called from several
// goroutines at once.
type Client struct {
	url     string
	o       ClientOptions
	running group.Group // goroutines and links
	ctx     context.Context
	cancel  context.CancelFunc
	// hurry ends the wait before the next attempt.
	hurry chan struct{}

	mu      sync.Mutex
	sockets map[string]*clientSocket
	link    *link // nil while not connected
	// stopDialing ends the goroutine that connects; nil when none does.
	stopDialing context.CancelFunc
	closed      bool
}

var _ driver.Client = (*Client)(nil)

// NewClient returns a client of the server at rawURL, such as
// "https://example.com", without connecting to it. It fails when rawURL is not
// the URL of a server: namespaces are no part of it, and where the server's path
// is not "/socket.io/", it is an option.
func NewClient(rawURL string, o ClientOptions) (*Client, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"http", "https", "ws", "wss"}, u.Scheme) || u.Host == "" {
		return nil, &url.Error{Op: "connect", URL: rawURL, Err: fmt.Errorf("not the URL of a server (http, https, ws or wss)")}
	}
	if u.Path != "" && u.Path != "/" {
		return nil, &url.Error{Op: "connect", URL: rawURL, Err: fmt.Errorf("a server's URL has no path: namespace and handshake path are given apart from it")}
	}
	c := &Client{url: rawURL, o: o.withDefaults(), sockets: make(map[string]*clientSocket), hurry: make(chan struct{}, 1)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// Namespace implements driver.Client. It fails with a *NamespaceError, or with
// driver.ErrClosed after Close.
func (c *Client) Namespace(name string, h driver.ClientHandler) (driver.ClientSocket, error) {
	name, err := namespaceName(name)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, driver.ErrClosed
	}
	if c.sockets[name] != nil {
		return nil, &NamespaceError{Name: name, Message: "taken already"}
	}
	s := &clientSocket{client: c, name: name, handler: h}
	c.sockets[name] = s
	return s, nil
}

// Close implements driver.Client. It must not be called by a ClientHandler, for
// which it waits.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	sockets := c.all()
	c.mu.Unlock()
	for _, s := range sockets {
		s.leave()
	}
	c.settle()
	c.cancel()
	return c.running.Wait(context.Background())
}

// all returns the sockets; c.mu is held.
func (c *Client) all() []*clientSocket { return slices.Collect(maps.Values(c.sockets)) }

// socket returns the socket for a namespace; nil when there is none.
func (c *Client) socket(namespace []byte) *clientSocket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sockets[string(namespace)]
}

// everySocket returns all sockets.
func (c *Client) everySocket() []*clientSocket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all()
}

// open sees to it that s, which wants to be joined, will be. c.mu is held.
func (c *Client) open(s *clientSocket) {
	switch {
	case c.link != nil && c.link.ended:
		// Closed is about to open another.
	case c.link != nil:
		s.join(c.link)
	case c.stopDialing == nil:
		c.dial(c.connect)
	default:
		select {
		case c.hurry <- struct{}{}:
		default:
		}
	}
}

// dial starts the goroutine that connects; c.mu is held and there is none.
func (c *Client) dial(f func(context.Context)) {
	ctx, cancel := context.WithCancel(c.ctx)
	c.stopDialing = cancel
	c.running.Spawn(func() {
		defer cancel()
		f(ctx)
	})
}

// wanted reports whether a socket wants to be joined; c.mu is held.
func (c *Client) wanted() bool {
	for _, s := range c.sockets {
		if wanted, _ := s.wants(); wanted {
			return true
		}
	}
	return false
}

// settle gives up the connection, or connecting, when no socket wants it.
func (c *Client) settle() {
	c.mu.Lock()
	if c.wanted() {
		c.mu.Unlock()
		return
	}
	l := c.link
	c.link = nil // whoever connects from now on needs another
	if c.stopDialing != nil {
		c.stopDialing()
		c.stopDialing = nil
	}
	c.mu.Unlock()
	if l != nil {
		l.conn.Close(reasonIOClient)
	}
}
