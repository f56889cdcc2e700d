package runtime

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
	"github.com/siogen/siogen/runtime/internal/loglimit"
	"github.com/siogen/siogen/runtime/metrics"
	"github.com/siogen/siogen/runtime/socketio"
)

// Limits bound what a peer can make this side hold; see [socketio.Limits].
type Limits = socketio.Limits

// Cookie configures the cookie for load balancers; see [engineio.Cookie].
type Cookie = engineio.Cookie

// ConnectionError is a refused request; see [engineio.ConnectionError].
type ConnectionError = engineio.ConnectionError

// Parser is how packets are written; see [socketio.Parser].
type Parser = socketio.Parser

// The parsers. ParserMsgpack is for clients with the npm package
// socket.io-msgpack-parser, or of this one's.
const (
	ParserDefault = socketio.ParserDefault
	ParserMsgpack = socketio.ParserMsgpack
)

// Metrics takes a server's or a client's measurements; see [metrics.Recorder].
type Metrics = metrics.Recorder

// ServerOptions configure a Server. Zero fields take the defaults of the
// reference server, where it has them.
type ServerOptions struct {
	// Engine speaks the protocol; nil is the native one, which the options from
	// Transports on are for.
	Engine driver.Server
	// Logger gets what the application's hooks don't take; nil: slog.Default().
	// Auth payloads and headers are never logged. Of each message at most 20 lines
	// are written in 10 s, so that no peer floods the log; the attribute "suppressed"
	// says how many were left out.
	Logger *slog.Logger
	// AckTimeout bounds the wait for an acknowledgement where the context has no
	// deadline; default DefaultAckTimeout.
	AckTimeout time.Duration
	// Interceptors are called around every event of every namespace, the first
	// outermost.
	Interceptors []Interceptor
	// Metrics, if not nil, is told what happens: see packages runtime/prometheus and
	// runtime/otel. An Engine of the application's own reports its connections
	// itself, if it can.
	Metrics Metrics

	// Transports are those offered: "polling" and "websocket", by default both.
	Transports []string
	// DisableUpgrades keeps clients on the transport they began with.
	DisableUpgrades bool
	// Origins lists which other origins browsers may connect from, such as
	// "https://example.com"; "*" is any, without credentials. Pages of the server's
	// own host always may, and so may clients that are not browsers.
	Origins []string
	// AllowOrigin, if not nil, decides instead of Origins about other origins.
	AllowOrigin func(origin string, r *http.Request) bool
	// AllowRequest, if not nil, decides about each request that is to open a
	// connection. Its error refuses the request: the client gets the error's text,
	// with status 403. It comes before all middleware, and knows no auth payload.
	AllowRequest func(r *http.Request) error
	// GenerateID, if not nil, makes the id of a connection. Whoever knows it can take
	// the connection over: it must not be guessed. An error, no id, or one that is
	// in use, refuses the request.
	GenerateID func(r *http.Request) (string, error)
	// Cookie, if not nil, has clients on polling sent a cookie, by which a load
	// balancer can find their server again.
	Cookie *Cookie
	// InitialHeaders may add headers to the answer that opens a connection, and
	// Headers, called after it, to every answer that is not a refusal.
	InitialHeaders, Headers func(h http.Header, r *http.Request)
	// OnConnectionError is told of refused requests that open no connection or belong
	// to none.
	//
	// The functions from AllowOrigin on may be called from several goroutines at
	// once, and must not keep the request.
	OnConnectionError func(e *ConnectionError)
	// PerMessageDeflate compresses what goes to and comes from WebSocket clients that
	// offer it, except with Compress(false). Each event is compressed for itself, a
	// broadcast once for all. It is off by default.
	PerMessageDeflate bool
	// DisableHTTPCompression sends polling answers as they are. By default they are
	// compressed for clients that accept gzip.
	DisableHTTPCompression bool
	// CompressionThreshold (1024) is the size in bytes from which is compressed.
	CompressionThreshold int
	// DisableIOURing keeps the server from using io_uring, which by default it does on
	// Linux 5.18 and later where it is allowed to.
	DisableIOURing bool
	// PingInterval (default 25 s) is the time from a pong to the next ping, and
	// PingTimeout (20 s) how long the client may take to answer one.
	PingInterval, PingTimeout time.Duration
	// UpgradeTimeout (10 s) bounds the change from polling to WebSocket.
	UpgradeTimeout time.Duration
	// ConnectTimeout (45 s) is how long a connection may be without a namespace.
	ConnectTimeout time.Duration
	// MaxPayload (1,000,000) is the largest accepted message in bytes.
	MaxPayload int
	// MaxHeaderBytes (16 KiB) is the largest accepted header of a request, cookies
	// included: that of the request that opens a connection is kept with it. Larger
	// ones are answered with status 431.
	MaxHeaderBytes int
	// MaxQueue (4 MiB) bounds the bytes that wait to be sent to one client. A client
	// that lets more pile up is disconnected; volatile events are dropped before.
	MaxQueue int
	// MaxNamespaces (100) is how many namespaces one connection may join, and
	// MaxRooms (10,000) how many rooms one socket may be in.
	MaxNamespaces, MaxRooms int
	// MaxChildNamespaces (10,000) is how many of the namespaces that are served as
	// clients ask for them may be open at once. Beyond it clients that ask for another
	// are refused.
	MaxChildNamespaces int
	// CleanupEmptyChildNamespaces closes such a namespace when its last socket has
	// left. By default it stays open, and counts.
	CleanupEmptyChildNamespaces bool
	// Adapter, if not nil, joins the server to a cluster: the NewAdapter of a
	// [github.com/siogen/siogen/runtime/cluster.Adapter], or one of your own.
	Adapter socketio.AdapterFunc
	// Limits bound a client's packets and acknowledgements.
	Limits Limits
	// Parser is how packets are written, the same as the clients'; default
	// ParserDefault.
	Parser Parser
	// Recovery, if not nil, turns on connection state recovery: a client that lost its
	// connection and is back in time continues where it was, with its id, rooms and
	// SocketData, and gets the events that it has missed. It is off by default.
	Recovery *RecoveryOptions
}

// RecoveryOptions configure connection state recovery. Zero fields take the
// defaults. What it needs is kept in the server's memory, within these bounds; where
// one is reached the oldest goes, and clients that would have needed it come back as
// new ones.
type RecoveryOptions struct {
	// MaxDisconnection (2 min) is how long a client may be away.
	MaxDisconnection time.Duration
	// RunMiddleware has the middleware of a namespace run for clients that come back,
	// too. By default it is skipped, as by the reference server: they have passed it,
	// and SocketData is what it was. The auth payload is checked against the schema
	// either way.
	RunMiddleware bool
	// MaxSessions (10,000) is how many clients that are away are remembered.
	MaxSessions int
	// MaxPackets (100,000) and MaxBytes (32 MiB) are how many events, and how much of
	// them, are kept for clients that may miss them, over all namespaces. An event is
	// counted once, however many sockets it is for.
	MaxPackets, MaxBytes int
	// PredecessorTimeout (5 s) is how long a client that comes back waits for the
	// handlers of its socket of before, whose contexts have ended. If they take longer,
	// it comes back as a new one.
	PredecessorTimeout time.Duration
}

// native returns what the native engine takes of the options.
func (o *RecoveryOptions) native() *socketio.RecoveryOptions {
	if o == nil {
		return nil
	}
	return &socketio.RecoveryOptions{
		MaxDisconnection:   o.MaxDisconnection,
		MaxSessions:        o.MaxSessions,
		MaxPackets:         o.MaxPackets,
		MaxBytes:           o.MaxBytes,
		PredecessorTimeout: o.PredecessorTimeout,
	}
}

// native returns the native engine for the options.
func (o ServerOptions) native(log *slog.Logger) driver.Server {
	return socketio.NewServer(socketio.Options{
		Engine: engineio.ServerOptions{
			PingInterval:    o.PingInterval,
			PingTimeout:     o.PingTimeout,
			UpgradeTimeout:  o.UpgradeTimeout,
			MaxPayload:      o.MaxPayload,
			MaxHeaderBytes:  o.MaxHeaderBytes,
			MaxQueue:        o.MaxQueue,
			Transports:      o.Transports,
			DisableUpgrades: o.DisableUpgrades,
			Origins:         o.Origins,
			AllowOrigin:     o.AllowOrigin,
			Metrics:         o.Metrics,
			Logger:          log,

			PerMessageDeflate:      o.PerMessageDeflate,
			DisableHTTPCompression: o.DisableHTTPCompression,
			CompressionThreshold:   o.CompressionThreshold,
			DisableIOURing:         o.DisableIOURing,

			AllowRequest:      o.AllowRequest,
			GenerateID:        o.GenerateID,
			Cookie:            o.Cookie,
			InitialHeaders:    o.InitialHeaders,
			Headers:           o.Headers,
			OnConnectionError: o.OnConnectionError,
		},
		ConnectTimeout: o.ConnectTimeout,
		Limits:         o.Limits,
		Parser:         o.Parser,
		MaxNamespaces:  o.MaxNamespaces,
		MaxRooms:       o.MaxRooms,
		Adapter:        o.Adapter,
		Recovery:       o.Recovery.native(),
		Logger:         log,

		MaxChildNamespaces:          o.MaxChildNamespaces,
		CleanupEmptyChildNamespaces: o.CleanupEmptyChildNamespaces,
	})
}

// ClientOptions configure a client's connection. Zero fields take the defaults of
// the reference client, where it has them.
type ClientOptions struct {
	// Engine speaks the protocol; nil is the native one, which the options from
	// Dial on are for.
	Engine driver.Client
	// Logger gets what the application's hooks don't take; nil: slog.Default().
	// Auth payloads and headers are never logged. Of each message at most 20 lines
	// are written in 10 s, as by a server.
	Logger *slog.Logger
	// AckTimeout bounds the wait for an acknowledgement where the context has no
	// deadline; default DefaultAckTimeout. With Retries it bounds each try, and the
	// wait as a whole has no bound but the context.
	AckTimeout time.Duration
	// Interceptors are called around every event of every namespace, the first
	// outermost.
	Interceptors []Interceptor

	// Metrics, if not nil, is told what happens, as by a server. It goes for Dial, too,
	// unless that has its own.
	Metrics Metrics

	// Dial configures the connection: path, headers, TLS, transports, compression,
	// timeouts.
	Dial engineio.DialOptions
	// NoReconnection gives up when the connection is lost. By default the client
	// reconnects, unless either side disconnected on purpose.
	NoReconnection bool
	// ReconnectionDelay (1 s) is the wait before the first attempt; it doubles with
	// each one, up to ReconnectionDelayMax (5 s).
	ReconnectionDelay, ReconnectionDelayMax time.Duration
	// RandomizationFactor (0.5) spreads each delay by up to this part of it either
	// way; negative: no spread.
	RandomizationFactor float64
	// ReconnectionAttempts is how many attempts to make before giving up; 0: no limit.
	ReconnectionAttempts int
	// AttemptTimeout (20 s) bounds each attempt.
	AttemptTimeout time.Duration
	// MaxBuffer (2 MiB) bounds the bytes of events that wait for the connection to
	// come back. Beyond it emitting fails with an error wrapping ErrQueueFull.
	MaxBuffer int
	// Retries (0), if not 0, has every event that is not volatile sent until the
	// server has acknowledged it, at most 1 + Retries times: one at a time, in order,
	// over as many connections as that takes. An event may reach the server more than
	// once. Emitting fails with an *AckTimeoutError when the tries are used up; for
	// events that declare no acknowledgement, which get one too, OnError is told.
	Retries int
	// Limits bound the server's packets and acknowledgements.
	Limits Limits
	// Parser is how packets are written, the same as the server's; default
	// ParserDefault.
	Parser Parser
}

// native returns the native engine for the options.
func (o ClientOptions) native(url string, log *slog.Logger) (driver.Client, error) {
	if o.Dial.Metrics == nil {
		o.Dial.Metrics = o.Metrics
	}
	return socketio.NewClient(url, socketio.ClientOptions{
		Engine:               o.Dial,
		Limits:               o.Limits,
		Parser:               o.Parser,
		NoReconnection:       o.NoReconnection,
		ReconnectionDelay:    o.ReconnectionDelay,
		ReconnectionDelayMax: o.ReconnectionDelayMax,
		RandomizationFactor:  o.RandomizationFactor,
		ReconnectionAttempts: o.ReconnectionAttempts,
		AttemptTimeout:       o.AttemptTimeout,
		Retries:              o.Retries,
		AckTimeout:           o.AckTimeout,
		MaxBuffer:            o.MaxBuffer,
		Logger:               log,
	})
}

// NewManager returns a connection to the server at url, such as
// "https://example.com". It connects when the first of its clients does, which
// also reports a mistake in url.
func NewManager(url string, o ClientOptions) *Manager {
	m := &Manager{engine: o.Engine, ackTimeout: o.AckTimeout, log: o.Logger, interceptors: slices.Clone(o.Interceptors), metrics: o.Metrics}
	if m.log == nil {
		m.log = slog.Default()
	}
	m.log, m.logLimit = loglimit.New(m.log)
	if m.ackTimeout <= 0 {
		m.ackTimeout = DefaultAckTimeout
	}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	if m.engine == nil {
		m.engine, m.err = o.native(url, m.log)
		m.retries = o.Retries > 0
	}
	return m
}
