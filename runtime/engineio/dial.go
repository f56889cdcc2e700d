package engineio

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/lxzan/gws"
)

// DefaultHandshakeTimeout is the default of DialOptions.HandshakeTimeout.
const DefaultHandshakeTimeout = 20 * time.Second

const (
	// maxResponseHeader bounds the answer to a client's handshake, in bytes.
	maxResponseHeader = 64 << 10
	// longTime bounds what a server may ask for as an interval or timeout, and is
	// no limit at all where another one holds.
	longTime = 24 * time.Hour
)

var (
	errNoOpenPacket = errors.New("engineio: first packet is not a handshake")
	errExtension    = errors.New("engineio: the server accepts an extension that was not offered")
	errScheme       = errors.New("engineio: URL scheme is none of http, https, ws, wss")
)

// HandshakeError is a handshake that was not accepted by the server.
type HandshakeError struct {
	// Status is the HTTP status of the answer; 0 when there was none.
	Status int
	Err    error
}

// Error implements error.
func (e *HandshakeError) Error() string { return "engineio: handshake: " + e.Err.Error() }

// Unwrap returns Err.
func (e *HandshakeError) Unwrap() error { return e.Err }

// DialOptions configure Dial. The zero value is useful.
type DialOptions struct {
	// Path is the server's path, "/engine.io/" by default.
	Path string
	// Query is added to the query of the URL.
	Query url.Values
	// Header is sent with the handshake.
	Header http.Header
	// TLSConfig is for https and wss.
	TLSConfig *tls.Config
	// DialContext opens network connections; by default a net.Dialer does.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// HandshakeTimeout bounds Dial.
	HandshakeTimeout time.Duration
	// PerMessageDeflate offers the server to compress WebSocket messages, both ways;
	// those of CompressionThreshold bytes and more are. See ServerOptions.
	PerMessageDeflate    bool
	CompressionThreshold int
	// MaxPayload is the largest accepted message, in bytes.
	MaxPayload int
	// MaxQueue, WriteTimeout and CloseTimeout are as in ServerOptions.
	MaxQueue     int
	WriteTimeout time.Duration
	CloseTimeout time.Duration
	// Logger is as in ServerOptions.
	Logger *slog.Logger
}

// clientSettings are the settings of one connection: the server says the
// intervals in its handshake.
func (o *DialOptions) clientSettings() *settings {
	s := newSettings(ServerOptions{
		MaxPayload:   o.MaxPayload,
		MaxQueue:     o.MaxQueue,
		WriteTimeout: o.WriteTimeout,
		CloseTimeout: o.CloseTimeout,
		Logger:       o.Logger,

		PerMessageDeflate:    o.PerMessageDeflate,
		CompressionThreshold: o.CompressionThreshold,
	})
	s.client = true
	return s
}

// Dial opens a connection over WebSocket to the server at rawURL, whose scheme
// is one of http, https, ws and wss, and whose path is not used. handler is
// called with the connection before anything of it is delivered. ctx is for Dial
// alone. Errors are of the network, of TLS, ctx's, or a *HandshakeError.
func Dial(ctx context.Context, rawURL string, o DialOptions, handler func(*Conn) Handler) (*Conn, error) {
	target, err := o.target(rawURL)
	if err != nil {
		return nil, err
	}
	setDefault(&o.HandshakeTimeout, DefaultHandshakeTimeout)
	ctx, cancel := context.WithTimeout(ctx, o.HandshakeTimeout)
	defer cancel()

	nc, err := o.connect(ctx, target)
	if err != nil {
		return nil, fmt.Errorf("engineio: connecting: %w", err)
	}
	c := newConn(o.clientSettings(), func() {}, func() {})
	ws := newWSConn(nc, nil, c.set)
	ws.fail = func(reason string, err error) { c.webSocketFailed(ws, reason, err) }
	stop := context.AfterFunc(ctx, ws.closeNow)
	defer stop()

	opening := &opening{conn: c, ws: ws, handler: handler, opened: make(chan error, 1)}
	ws.receive = opening.receive
	conn, err := o.clientHandshake(ws, target)
	if err != nil {
		ws.release()
		return nil, orCause(ctx, err)
	}
	go opening.serve(conn)
	if err := <-opening.opened; err != nil {
		return nil, orCause(ctx, &HandshakeError{Status: http.StatusSwitchingProtocols, Err: err})
	}
	if !stop() {
		c.end(ReasonTransportError, ctx.Err())
		return nil, ctx.Err()
	}
	return c, nil
}

// orCause prefers ctx's error to what came of closing the connection then.
func orCause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("engineio: connecting: %w", ctx.Err())
	}
	return err
}

// target returns the URL of the WebSocket.
func (o *DialOptions) target(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("engineio: %w", err)
	}
	switch u.Scheme {
	case "http", "ws":
		u.Scheme = "ws"
	case "https", "wss":
		u.Scheme = "wss"
	default:
		return nil, errScheme
	}
	u.Path, u.RawPath, u.Fragment = o.Path, "", ""
	if u.Path == "" {
		u.Path = "/engine.io/"
	}
	query := u.Query()
	for key, values := range o.Query {
		query[key] = values
	}
	query.Set("EIO", "4")
	query.Set("transport", WebSocket)
	u.RawQuery = query.Encode()
	return u, nil
}

// connect opens the network connection, TLS included.
func (o *DialOptions) connect(ctx context.Context, target *url.URL) (net.Conn, error) {
	dial := o.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	port := target.Port()
	if port == "" {
		port = map[string]string{"ws": "80", "wss": "443"}[target.Scheme]
	}
	nc, err := dial(ctx, "tcp", net.JoinHostPort(target.Hostname(), port))
	if err != nil || target.Scheme == "ws" {
		return nc, err
	}
	config := &tls.Config{}
	if o.TLSConfig != nil {
		config = o.TLSConfig.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = target.Hostname()
	}
	config.NextProtos = []string{"http/1.1"} // RFC 6455 is about HTTP/1.1
	secure := tls.Client(nc, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = nc.Close()
		return nil, err
	}
	return secure, nil
}

// clientHandshake asks for the WebSocket.
func (o *DialOptions) clientHandshake(ws *wsConn, target *url.URL) (*gws.Conn, error) {
	ws.budget = maxResponseHeader
	header := o.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	conn, res, err := gws.NewClientFromConn(frames{}, &gws.ClientOption{
		Addr:               target.String(),
		RequestHeader:      header,
		HandshakeTimeout:   longTime, // Dial's context is the limit
		ReadMaxPayloadSize: ws.set.MaxPayload,
		ReadBufferSize:     gwsBufferSize,
		ParallelGolimit:    1,
		CheckUtf8Enabled:   true,
		NewSession:         newNoSession,
		PermessageDeflate:  gwsDeflate(o.PerMessageDeflate, 1),
	}, ws)
	if err != nil {
		status := 0
		if res != nil {
			status = res.StatusCode
		}
		return nil, &HandshakeError{Status: status, Err: err}
	}
	if o.PerMessageDeflate {
		var ok bool
		if ws.deflate, ok = acceptedDeflate(res.Header); !ok {
			return nil, &HandshakeError{Status: res.StatusCode, Err: errExtension}
		}
	}
	ws.budget = 0
	return conn, nil
}

// opening is a client's connection until the server's handshake came.
type opening struct {
	conn    *Conn
	ws      *wsConn
	handler func(*Conn) Handler
	opened  chan error
	isOpen  bool
}

// serve is the goroutine of the connection.
func (o *opening) serve(conn *gws.Conn) {
	reason, err := o.ws.serve(conn)
	if !o.isOpen {
		o.ws.release()
		if err == nil {
			err = errNoOpenPacket
		}
		o.opened <- err
		return
	}
	defer o.conn.release()
	o.conn.endOfReading(reason, err)
	o.conn.finish()
	o.ws.release()
}

// heartbeatTime takes a time that the server said, in milliseconds.
func heartbeatTime(ms int64, def time.Duration) time.Duration {
	if ms <= 0 {
		return def
	}
	return time.Duration(min(ms, longTime.Milliseconds())) * time.Millisecond
}

// receive handles the first packet.
func (o *opening) receive(p packet, err error) {
	var d handshakeData
	if err != nil || p.kind != packetOpen || json.Unmarshal(p.data, &d) != nil || d.SID == "" {
		o.ws.receive = func(packet, error) {}
		o.ws.abort()
		return
	}
	c := o.conn
	c.id = d.SID
	c.set.PingInterval = heartbeatTime(d.PingInterval, DefaultPingInterval)
	c.set.PingTimeout = heartbeatTime(d.PingTimeout, DefaultPingTimeout)
	c.ws.Store(o.ws)
	c.handler = o.handler(c)
	o.ws.receive = c.packetIn
	o.isOpen = true
	c.startHeartbeat()
	o.opened <- nil
}
