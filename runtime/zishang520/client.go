package zishang520

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	clients "github.com/zishang520/socket.io/clients/socket/v3"

	"github.com/siogen/siogen/runtime/driver"
)

// client is a driver.Client over a Manager of the library.
type client struct {
	manager *clients.Manager
	parser  *Parser

	mu      sync.Mutex
	sockets map[string]*clientSocket
	closed  bool
	// open: the connection is there. waiters are told when it is, or why not.
	open    bool
	waiters map[chan error]struct{}
}

// Client returns the driver for a client of the library:
// runtime.ClientOptions.Engine. The Manager must not connect by itself
// (ManagerOptions.SetAutoConnect(false)), because typed handlers are set before
// Connect is called; and Client is to be called before any of its sockets
// connects. Its sockets may have listeners of the application, too.
//
// A Manager whose options choose no transports uses WebSocket alone.
func Client(m *clients.Manager) driver.Client {
	c := &client{manager: m, sockets: make(map[string]*clientSocket)}
	c.parser, _ = m.Opts().Parser().(*Parser)
	m.EventEmitter = newEmitter(m.EventEmitter)
	useTransports(m)
	// Before the listeners of the sockets, also of those that send CONNECT.
	_ = m.On("packet", c.packet)
	_ = m.On("open", func(...any) {
		c.each((*clientSocket).opening)
		c.settle(true, nil)
	})
	_ = m.On("close", func(...any) { c.settle(false, errAttempt) })
	_ = m.On("error", func(args ...any) { c.settle(false, errorOf(args)) })
	_ = m.On("reconnect_attempt", func(args ...any) {
		var attempt int
		if len(args) > 0 {
			_, _ = fmt.Sscan(fmt.Sprint(args[0]), &attempt)
		}
		c.each(func(s *clientSocket) { s.reconnecting(attempt) })
	})
	_ = m.On("reconnect_failed", func(...any) { c.each((*clientSocket).gaveUp) })
	return c
}

// errAttempt: the library does not say why.
var errAttempt = errors.New("connection failed")

func errorOf(args []any) error {
	if len(args) > 0 {
		if err, ok := args[0].(error); ok && err != nil {
			return err
		}
	}
	return errAttempt
}

// settle notes whether the connection is there, and tells those who wait for it.
func (c *client) settle(open bool, err error) {
	c.mu.Lock()
	waiters := c.waiters
	c.open, c.waiters = open, nil
	c.mu.Unlock()
	for w := range waiters {
		w <- err
	}
}

// connect waits for the connection, which it opens if nobody does. A socket of the
// library that connects while the connection is being opened may send CONNECT
// twice, which ends the connection; so they connect when it is there.
func (c *client) connect(ctx context.Context) error {
	done := make(chan error, 1)
	c.mu.Lock()
	if c.open {
		c.mu.Unlock()
		return nil
	}
	if c.waiters == nil {
		c.waiters = make(map[chan error]struct{})
	}
	c.waiters[done] = struct{}{}
	c.mu.Unlock()
	// It does nothing while it is being opened. With a function it does not come
	// back by itself when it fails.
	c.manager.Open(func(error) {})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waiters, done)
		return context.Cause(ctx)
	}
}

// each calls f for every socket.
func (c *client) each(f func(*clientSocket)) {
	c.mu.Lock()
	all := slices.Collect(maps.Values(c.sockets))
	c.mu.Unlock()
	for _, s := range all {
		f(s)
	}
}

// Namespace implements driver.Client.
func (c *client) Namespace(name string, h driver.ClientHandler) (driver.ClientSocket, error) {
	name, err := namespaceName(name)
	if err != nil {
		return nil, err
	}
	if o := c.manager.Opts(); o.GetRawAutoConnect() == nil || o.AutoConnect() {
		return nil, &UnsupportedError{"a Manager that connects by itself", "set ManagerOptions.SetAutoConnect(false): handlers are set before Connect"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, driver.ErrClosed
	}
	if c.sockets[name] != nil {
		return nil, &NamespaceError{Name: name, Message: "taken already"}
	}
	o := clients.DefaultSocketOptions()
	o.SetAuth(make(map[string]any))
	io := c.manager.Socket(name, o)
	if io.Active() {
		return nil, &UnsupportedError{"a socket that is connecting already", "make the typed client before " + name + " connects"}
	}
	s := newClientSocket(c, name, io, h)
	c.sockets[name] = s
	c.parser.serve(name)
	return s, nil
}

// Close implements driver.Client.
func (c *client) Close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.each(func(s *clientSocket) { _ = s.Disconnect() })
	return nil
}

// opening is called when the connection is there again, right before the library
// sends CONNECT.
func (s *clientSocket) opening() {
	if !s.io.Active() {
		return
	}
	if err := s.authenticate(); err != nil {
		s.io.Disconnect()
		s.attemptFailed(err)
	}
}

// authenticate sets the payload of the CONNECT packet that is to be sent.
func (s *clientSocket) authenticate() error {
	auth, err := s.auth()
	if err != nil {
		return fmt.Errorf("auth for namespace %s: %w", s.name, err)
	}
	target := s.io.Auth()
	if target == nil {
		if len(auth) > 0 {
			return &UnsupportedError{"auth on a socket of the application", "make it with SocketOptions.SetAuth, or let the typed client make it"}
		}
		return nil
	}
	clear(target)
	maps.Copy(target, auth)
	return nil
}

// auth asks the handler for the payload: an object.
func (s *clientSocket) auth() (map[string]any, error) {
	text, err := s.handler.Auth(s.ctx)
	if err != nil || text == nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	auth := make(map[string]any, len(fields))
	for name, field := range fields {
		auth[name] = &Arg{json: field}
	}
	return auth, nil
}

// newClientSocket returns the socket for a namespace.
func newClientSocket(c *client, name string, io *clients.Socket, h driver.ClientHandler) *clientSocket {
	s := &clientSocket{client: c, name: name, io: io, handler: h}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	io.EventEmitter = &tap{EventEmitter: io.EventEmitter, taken: s.emitted}
	io.PrependAny(func(args ...any) {
		if len(io.ListenersAny()) > 1 {
			decodeInPlace(args...)
		}
	})
	return s
}
