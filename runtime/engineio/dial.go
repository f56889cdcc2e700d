package engineio

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/siogen/siogen/runtime/metrics"
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
	errSecondOpen   = errors.New("engineio: handshake of a session that is open")
	errExtension    = errors.New("engineio: the server accepts an extension that was not offered")
	errTransport    = errors.New("engineio: no such transport")
	errScheme       = errors.New("engineio: URL scheme is none of http, https, ws, wss")
)

// HandshakeError is a handshake that was not accepted by the server.
type HandshakeError struct {
	// Status is the HTTP status of the answer; 0 when there was none.
	Status int
	Err    error // what went wrong, when no answer came
}

// Error implements error.
func (e *HandshakeError) Error() string { return "handshake: " + e.Err.Error() }

// Unwrap returns Err.
func (e *HandshakeError) Unwrap() error { return e.Err }

// DialOptions configure Dial. The zero value is useful.
type DialOptions struct {
	// Path is the server's path, "/engine.io/" by default.
	Path string
	// Query is added to the query of the URL.
	Query url.Values
	// Header is sent with every request.
	Header http.Header
	// Transports are those to use, in the order of preference: WebSocket and Polling
	// by default. A connection is opened on the first; one on Polling changes to
	// WebSocket when that follows in the list and the server offers it.
	Transports []string
	// TryAllTransports tries the next transport when a connection can't be opened on
	// one. By default only the first is tried.
	TryAllTransports bool
	// DisableUpgrades stays on Polling where that was opened.
	DisableUpgrades bool
	// UpgradeTimeout bounds an upgrade; when it has passed, polling goes on.
	UpgradeTimeout time.Duration
	// TLSConfig is for https and wss.
	TLSConfig *tls.Config
	// DialContext opens network connections; by default a net.Dialer does.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// Proxy returns the proxy for a server, whose URL is that of the request, or nil
	// for none; http.ProxyURL makes one that is always the same. WebSockets, and
	// everything over TLS, go through tunnels (CONNECT). By default it is
	// http.ProxyFromEnvironment, unless DialContext is set.
	Proxy func(*http.Request) (*url.URL, error)
	// HTTPClient, if not nil, makes the requests of polling, with its Transport and
	// its Jar; TLSConfig, DialContext and Proxy are for WebSockets alone then. Its
	// Timeout is not used, for polls last, and redirects are not followed. Where the
	// Transport is an http.Transport, polls over HTTP/1.1 are made on network
	// connections of their own, with its settings, so that one that waits costs no
	// goroutines. By default each connection has a client of its own.
	HTTPClient *http.Client
	// HandshakeTimeout bounds the opening of a connection on each transport.
	HandshakeTimeout time.Duration
	// PerMessageDeflate offers the server to compress WebSocket messages, both ways;
	// those of CompressionThreshold bytes and more are. See ServerOptions.
	PerMessageDeflate    bool
	CompressionThreshold int
	// MaxPayload is the largest accepted message, in bytes. The answer to a poll may
	// have 16 times as many.
	MaxPayload int
	// MaxQueue, WriteTimeout and CloseTimeout are as in ServerOptions.
	MaxQueue     int
	WriteTimeout time.Duration
	CloseTimeout time.Duration
	// Metrics and Logger are as in ServerOptions.
	Metrics metrics.Recorder
	Logger  *slog.Logger
}

// clientSettings are the settings of one connection: the server says the
// intervals in its handshake.
func (o *DialOptions) clientSettings() *settings {
	s := newSettings(ServerOptions{
		UpgradeTimeout: o.UpgradeTimeout,
		MaxPayload:     o.MaxPayload,
		MaxQueue:       o.MaxQueue,
		WriteTimeout:   o.WriteTimeout,
		CloseTimeout:   o.CloseTimeout,
		Metrics:        o.Metrics,
		Logger:         o.Logger,

		PerMessageDeflate:    o.PerMessageDeflate,
		CompressionThreshold: o.CompressionThreshold,
	})
	s.client = true
	return s
}

// Dial opens a connection to the server at rawURL, whose scheme is one of http,
// https, ws and wss, and whose path is not used. handler is called with the
// connection before anything of it is delivered. ctx is for Dial alone. Errors
// are of the network, of TLS, ctx's, or a *HandshakeError; with
// TryAllTransports, one for each transport that was tried.
func Dial(ctx context.Context, rawURL string, o DialOptions, handler func(*Conn) Handler) (*Conn, error) {
	base, err := o.endpoint(rawURL)
	if err != nil {
		return nil, err
	}
	setDefault(&o.HandshakeTimeout, DefaultHandshakeTimeout)
	if o.Transports == nil {
		o.Transports = []string{WebSocket, Polling}
	}
	opened := false
	open := func(c *Conn) Handler {
		opened = true
		return handler(c)
	}
	var failed []error
	for i, transport := range o.Transports {
		c, err := o.dial(ctx, base, i, open)
		if err == nil {
			return c, nil
		}
		failed = append(failed, fmt.Errorf("engineio: connecting by %s: %w", transport, err))
		if !o.TryAllTransports || opened || ctx.Err() != nil {
			break
		}
	}
	switch len(failed) {
	case 0:
		return nil, errTransport
	case 1:
		return nil, failed[0]
	}
	return nil, errors.Join(failed...)
}

// dial tries one of the transports.
func (o *DialOptions) dial(ctx context.Context, base *url.URL, i int, handler func(*Conn) Handler) (*Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, o.HandshakeTimeout)
	defer cancel()
	switch o.Transports[i] {
	case WebSocket:
		return o.dialWebSocket(ctx, base, handler)
	case Polling:
		upgrade := !o.DisableUpgrades && slices.Contains(o.Transports[i:], WebSocket)
		return o.dialPolling(ctx, base, upgrade, handler)
	}
	return nil, errTransport
}

// orCause prefers ctx's error to what came of closing the connection then.
func orCause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// endpoint returns the URL that requests extend, an http or https one.
func (o *DialOptions) endpoint(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("engineio: %w", err)
	}
	switch u.Scheme {
	case "http", "ws":
		u.Scheme = "http"
	case "https", "wss":
		u.Scheme = "https"
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
	u.RawQuery = query.Encode()
	return u, nil
}

// requestURL returns the URL of a session's requests; sid is empty for the first.
func requestURL(base *url.URL, transport, sid string) *url.URL {
	u := *base
	query := u.Query()
	query.Set("transport", transport)
	if sid != "" {
		query.Set("sid", sid)
	}
	u.RawQuery = query.Encode()
	if transport == WebSocket {
		u.Scheme = "ws" + strings.TrimPrefix(u.Scheme, "http")
	}
	return &u
}

// connect opens a network connection to the server, TLS included.
func (o *DialOptions) connect(ctx context.Context, base *url.URL) (net.Conn, error) {
	nc, err := o.reach(ctx, base)
	if err != nil || base.Scheme == "http" {
		return nc, err
	}
	return o.secure(ctx, nc, base)
}
