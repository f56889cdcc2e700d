package runtime

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/internal/loglimit"
	"github.com/siogen/siogen/runtime/metrics"
)

// CloseTimeout bounds how long Client.Close waits for the connection to be closed
// and for handlers to return.
const CloseTimeout = 10 * time.Second

// Manager is one connection to one server, shared by the clients of its
// namespaces.
type Manager struct {
	engine       driver.Client
	err          error // why there is no engine: reported by Connect
	ackTimeout   time.Duration
	retries      bool
	log          *slog.Logger
	logLimit     *loglimit.Handler // of log
	metrics      metrics.Recorder
	interceptors []Interceptor
	tasks        tasks
	ctx          context.Context
	cancel       context.CancelFunc
}

// Close disconnects all namespaces and waits, until ctx ends, for their handlers,
// whose contexts it cancels. A handler may call it: it is not waited for then, nor
// are others that are calling Close. When the function that makes the auth payload
// calls it, nothing is waited for.
func (m *Manager) Close(ctx context.Context) error {
	if m.err != nil {
		return m.err
	}
	defer m.logLimit.Flush(ctx)
	m.cancel() // first: handlers that wait for it may keep the connection from being read
	closed := make(chan error, 1)
	go func() { closed <- m.engine.Close() }()
	from := calledFrom()
	if from == callerAuth {
		return nil // the engine waits for the function
	}
	var err error
	select {
	case err = <-closed:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	wait := m.tasks.wait
	if from == callerHandler {
		wait = m.tasks.waitInside
	}
	if werr := wait(ctx); err == nil {
		err = werr
	}
	return err
}

// Client is one namespace of a server, seen from the client. Generated clients
// embed it. Its handlers survive reconnection.
type Client struct {
	peer
	manager *Manager
	drv     driver.ClientSocket
	err     error // why there is no drv: reported by every call
	// recovered is what the engine said with the last acceptance.
	recovered atomic.Bool

	// guarded by peer.mu
	auth               func(ctx context.Context) ([]byte, error)
	onError            func(ctx context.Context, event string, err error)
	onConnect          []func(ctx context.Context)
	onConnectError     []func(ctx context.Context, err error)
	onDisconnect       []func(ctx context.Context, reason DisconnectReason)
	onReconnectAttempt []func(ctx context.Context, attempt int)
	onReconnect        []func(ctx context.Context, attempt int)
	onReconnectFailed  []func(ctx context.Context)

	// attempt is the number of the latest attempt to reconnect; 0: there was none
	// since the client was last connected. It belongs to clientHandler.
	attempt int
}

// NewManagedClient returns the client of a namespace. A mistake, such as a second
// client for the same namespace, is reported by its Connect. For generated code.
func NewManagedClient(m *Manager, namespace string) *Client {
	c := &Client{manager: m, err: m.err}
	if c.err == nil {
		c.drv, c.err = m.engine.Namespace(namespace, clientHandler{c})
	}
	var emitter driver.Emitter = c.drv
	if c.err != nil {
		emitter = brokenEmitter{c.err}
	}
	c.peer = peer{emitter: emitter, ackTimeout: m.ackTimeout, retries: m.retries, log: m.log}
	c.scope = &scope{namespace: namespace, interceptors: m.interceptors, metrics: m.metrics}
	c.queue.init(&c.peer, m.ctx, &m.tasks)
	c.failed = c.fail
	return c
}

// AsTarget is the server as a target of events. For generated code.
func (c *Client) AsTarget() Target { return Target{to: &c.peer} }

// On sets the handler of an event; a later call for the same event replaces it.
// For generated code.
func (c *Client) On(event string, f EventFunc) Registration { return c.AsListener().On(event, f) }

// ID is the Socket.IO session id; empty while not connected.
func (c *Client) ID() string { return c.emitter.ID() }

// Connected reports whether the namespace is joined now.
func (c *Client) Connected() bool { return c.err == nil && c.drv.Connected() }

// Recovered reports whether the server took this connection for the continuation of
// the one before (connection state recovery): the events that were missed follow,
// and what the server knew of this client still holds. OnConnect sees it; after a
// disconnection it is what it was until the next acceptance.
func (c *Client) Recovered() bool { return c.recovered.Load() }

// Active reports whether the namespace is joined, or will be without another call
// of Connect: the client is connecting, or reconnecting by itself. After a
// disconnection it tells whether the client comes back.
func (c *Client) Active() bool { return c.err == nil && c.drv.Active() }

// Connect connects and joins the namespace. It returns nil once the server
// accepted, a *RefusedError when it refused (connect_error), and another error
// when the connection failed or ctx ended. Handlers must be set before it, to
// miss nothing.
func (c *Client) Connect(ctx context.Context) error {
	if c.err != nil {
		return c.err
	}
	return fromRefusal(c.drv.Connect(ctx))
}

// Disconnect leaves the namespace, without coming back by itself. The connection
// is closed when no other namespace uses it. Connect may be called again.
func (c *Client) Disconnect() error {
	if c.err != nil {
		return c.err
	}
	return c.drv.Disconnect()
}

// Close disconnects all namespaces of the connection and waits, for at most
// CloseTimeout, for their handlers, whose contexts it cancels. Call Disconnect
// instead to leave just this one. A handler may call Close, and is not waited for
// then.
func (c *Client) Close() error {
	ctx, stop := context.WithTimeout(context.Background(), CloseTimeout)
	defer stop()
	return c.manager.Close(ctx)
}

// OnConnect adds a handler for the server's acceptance, each time.
func (c *Client) OnConnect(f func(ctx context.Context)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onConnect = append(c.onConnect, f)
}

// OnConnectError adds a handler for failed attempts, refused (*RefusedError) or
// not.
func (c *Client) OnConnectError(f func(ctx context.Context, err error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onConnectError = append(c.onConnectError, f)
}

// OnDisconnect adds a handler for the end of a connection.
func (c *Client) OnDisconnect(f func(ctx context.Context, reason DisconnectReason)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onDisconnect = append(c.onDisconnect, f)
}

// OnReconnectAttempt adds a handler for the start of each attempt, counted from 1.
func (c *Client) OnReconnectAttempt(f func(ctx context.Context, attempt int)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onReconnectAttempt = append(c.onReconnectAttempt, f)
}

// OnReconnect adds a handler for the success of an attempt, with its number. The
// handlers of OnConnect run before it.
func (c *Client) OnReconnect(f func(ctx context.Context, attempt int)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onReconnect = append(c.onReconnect, f)
}

// OnReconnectFailed adds a handler for the end of all attempts.
func (c *Client) OnReconnectFailed(f func(ctx context.Context)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onReconnectFailed = append(c.onReconnectFailed, f)
}

// OnInvalid sets what happens when a payload is not as the schema has it; the
// event's handler is not called and the connection stays either way. An error
// that f returns is treated as the handler's: the event's declared error answers
// the server. Without a hook the payload is logged as a warning.
func (c *Client) OnInvalid(f func(ctx context.Context, err *DecodeError) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.invalid = f
}

// OnError sets what happens to an error or panic (*PanicError) of a handler that
// the event does not declare. With ClientOptions.Retries it is also told of events
// that were emitted, declare no acknowledgement and did not reach the server: the
// error is an *AckTimeoutError, or one wrapping ErrClosed when the client was
// disconnected first. Without a hook it is logged.
func (c *Client) OnError(f func(ctx context.Context, event string, err error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onError = f
}

// fail tells the application about an error of a handler.
func (c *Client) fail(ctx context.Context, event string, err error) {
	c.mu.Lock()
	f := c.onError
	c.mu.Unlock()
	if f != nil {
		perr := protect(func() error { f(ctx, event, err); return nil })
		if perr == nil {
			return
		}
		err = errors.Join(err, perr)
	}
	logFailure(c.log, c.ID(), event, err)
}

// ClientAuth sets what a client sends in the handshake: f is called for each
// attempt. For generated code.
func ClientAuth[A any](c *Client, f func(ctx context.Context) (A, error), encode func(*codec.Encoder, A)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.auth = func(ctx context.Context) ([]byte, error) {
		auth, err := f(ctx)
		if err != nil {
			return nil, err
		}
		enc := codec.NewValue()
		defer enc.Free()
		encode(enc, auth)
		json, attachments, err := enc.FinishValue()
		if err != nil {
			return nil, err
		}
		if len(attachments) > 0 {
			return nil, &EncodeError{Event: "auth", Message: "the handshake can't carry bytes"}
		}
		return append([]byte(nil), json...), nil
	}
}

// clientHandler is how the engine reaches a Client.
type clientHandler struct{ *Client }

// Auth implements driver.ClientHandler.
func (h clientHandler) Auth(ctx context.Context) (auth []byte, err error) {
	h.mu.Lock()
	f := h.auth
	h.mu.Unlock()
	if f == nil {
		return nil, nil
	}
	err = protect(func() error { auth, err = f(ctx); return err })
	if h.manager.ctx.Err() != nil { // f may have closed the client: the server is not to be asked any more
		return nil, ErrClosed
	}
	return auth, err
}

// Connected implements driver.ClientHandler.
func (h clientHandler) Connected(recovered bool) {
	h.recovered.Store(recovered)
	h.scope.count(metrics.Sockets, 1)
	h.scope.count(metrics.SocketsConnected, 1)
	if recovered {
		h.scope.count(metrics.SocketsRecovered, 1)
	}
	h.queue.call(func() {
		for _, f := range hooks(h.Client, &h.onConnect) {
			h.guard(h.manager.ctx, "connect", func() error { f(h.manager.ctx); return nil })
		}
	})
	if attempt := h.attempt; attempt > 0 {
		h.attempt = 0
		h.queue.call(func() {
			for _, f := range hooks(h.Client, &h.onReconnect) {
				h.guard(h.manager.ctx, "reconnect", func() error { f(h.manager.ctx, attempt); return nil })
			}
		})
	}
}

// Event implements driver.ClientHandler.
func (h clientHandler) Event(e driver.Event) { h.queue.event(e) }

// Disconnected implements driver.ClientHandler.
func (h clientHandler) Disconnected(reason string) {
	h.scope.count(metrics.Sockets, -1)
	h.scope.count(metrics.SocketsDisconnected, 1, metrics.Reason(reason))
	h.queue.call(func() {
		for _, f := range hooks(h.Client, &h.onDisconnect) {
			h.guard(h.manager.ctx, "disconnect", func() error {
				f(context.WithoutCancel(h.manager.ctx), DisconnectReason(reason))
				return nil
			})
		}
	})
}

// ConnectError implements driver.ClientHandler.
func (h clientHandler) ConnectError(err error) {
	err = fromRefusal(err)
	if errors.As(err, new(*RefusedError)) {
		h.attempt = 0 // there is no other, unless Connect is called
		h.scope.count(metrics.SocketsRefused, 1)
	} else {
		h.scope.count(metrics.ConnectErrors, 1)
	}
	h.queue.call(func() {
		for _, f := range hooks(h.Client, &h.onConnectError) {
			h.guard(h.manager.ctx, "connect_error", func() error { f(h.manager.ctx, err); return nil })
		}
	})
}

// Reconnecting implements driver.ClientHandler.
func (h clientHandler) Reconnecting(attempt int) {
	h.attempt = attempt
	h.scope.count(metrics.ReconnectAttempts, 1)
	h.queue.call(func() {
		for _, f := range hooks(h.Client, &h.onReconnectAttempt) {
			h.guard(h.manager.ctx, "reconnect_attempt", func() error { f(h.manager.ctx, attempt); return nil })
		}
	})
}

// ReconnectFailed implements driver.ClientHandler.
func (h clientHandler) ReconnectFailed() {
	h.attempt = 0
	h.queue.call(func() {
		for _, f := range hooks(h.Client, &h.onReconnectFailed) {
			h.guard(h.manager.ctx, "reconnect_failed", func() error { f(h.manager.ctx); return nil })
		}
	})
}

// hooks reads a list of handlers that others may be adding to.
func hooks[F any](c *Client, list *[]F) []F {
	c.mu.Lock()
	defer c.mu.Unlock()
	return *list
}

// brokenEmitter stands in for the engine's when there is none.
type brokenEmitter struct{ err error }

func (brokenEmitter) ID() string                                { return "" }
func (b brokenEmitter) Emit(driver.Payload, driver.Flags) error { return b.err }
func (b brokenEmitter) EmitAck(driver.Payload, driver.Flags, driver.AckWaiter) (int64, error) {
	return 0, b.err
}
func (brokenEmitter) CancelAck(int64) bool              { return true }
func (b brokenEmitter) Ack(int64, driver.Payload) error { return b.err }
func (brokenEmitter) Cork()                             {}
func (brokenEmitter) Uncork()                           {}
