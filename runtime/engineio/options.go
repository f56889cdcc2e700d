package engineio

import (
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/siogen/siogen/runtime/metrics"
)

// Defaults of ServerOptions; the reference implementation's where it has them.
const (
	DefaultPingInterval   = 25 * time.Second
	DefaultPingTimeout    = 20 * time.Second
	DefaultUpgradeTimeout = 10 * time.Second
	DefaultMaxPayload     = 1_000_000
	DefaultMaxHeaderBytes = 16 << 10
	DefaultMaxQueue       = 4 << 20
	DefaultWriteTimeout   = 20 * time.Second
	DefaultReadTimeout    = 30 * time.Second
	DefaultCloseTimeout   = 10 * time.Second
)

// ServerOptions configure a Server. The zero value is useful.
type ServerOptions struct {
	// PingInterval is the time from a pong to the next ping.
	PingInterval time.Duration
	// PingTimeout is how long the client may take to answer a ping.
	PingTimeout time.Duration
	// UpgradeTimeout bounds an upgrade, from the opening of the WebSocket. It is waited
	// for longer as long as its client, once it was answered, does not poll.
	UpgradeTimeout time.Duration
	// MaxPayload is the largest accepted polling body and WebSocket message, in
	// bytes. Clients are told.
	MaxPayload int
	// MaxHeaderBytes is the largest accepted header of a request, its first line
	// included. That of the request that opens a connection is kept as long as the
	// connection. It has no say beyond the MaxHeaderBytes of the http.Server, which
	// is 1 MiB by default. Larger ones are answered with status 431.
	MaxHeaderBytes int
	// MaxQueue bounds the bytes that wait to be sent to one client. An empty queue
	// takes one message of any size.
	MaxQueue int
	// WriteTimeout is how long a client may take to accept 64 KiB, or the whole of
	// a polling answer.
	WriteTimeout time.Duration
	// ReadTimeout is how long a client may take to send a polling body.
	ReadTimeout time.Duration
	// CloseTimeout bounds an orderly close: how long a client may take to fetch
	// what is still queued for it.
	CloseTimeout time.Duration
	// Transports are those offered: Polling, WebSocket or (default) both.
	Transports []string
	// DisableUpgrades keeps clients on the transport they began with.
	DisableUpgrades bool
	// PerMessageDeflate compresses WebSocket messages of CompressionThreshold bytes
	// and more, for clients that offer it (RFC 7692). Each message is compressed for
	// itself ("no context takeover"), so that it costs idle connections nothing and
	// a broadcast is compressed once. It is off by default: it costs more time than
	// all else that is done for a message.
	PerMessageDeflate bool
	// DisableHTTPCompression sends polling answers as they are. By default those of
	// CompressionThreshold bytes and more are compressed for clients that accept
	// gzip.
	DisableHTTPCompression bool
	// CompressionThreshold is the size in bytes from which is compressed.
	CompressionThreshold int
	// Origins lists which other origins browsers may connect from, such as
	// "https://example.com"; "*" is any, without credentials. Pages of the
	// server's own host always may, and so may requests without an Origin header,
	// which are not a browser's. It holds for both transports.
	Origins []string
	// AllowOrigin, if not nil, decides instead of Origins about other origins.
	AllowOrigin func(origin string, r *http.Request) bool
	// AllowRequest, if not nil, decides about each request that is to open a
	// session, after the origin was checked. Its error refuses the request: the
	// client gets the error's text, with status 403.
	AllowRequest func(r *http.Request) error
	// GenerateID, if not nil, makes the id of a session. Whoever knows the id can
	// take the session over: it must not be guessed. An error, no id, or one that is
	// in use, refuses the request.
	GenerateID func(r *http.Request) (string, error)
	// Cookie, if not nil, has clients sent a cookie.
	Cookie *Cookie
	// InitialHeaders may add headers to the answer that opens a session, and Headers,
	// called after it, to every answer that is not a refusal.
	InitialHeaders, Headers func(h http.Header, r *http.Request)
	// OnConnectionError is told of refused requests that open no session or belong
	// to none.
	//
	// All these functions may be called from several goroutines at once, and must
	// not keep the request.
	OnConnectionError func(e *ConnectionError)
	// Metrics, if not nil, is told of connections, requests and messages.
	Metrics metrics.Recorder
	// DisableIOURing keeps the server from using io_uring, which by default it does on
	// Linux 5.18 and later, if it is allowed to: reads and writes of many connections are
	// then one call of the kernel.
	DisableIOURing bool
	// Logger gets a line at info level for each connection whose client broke the
	// protocol, and one at debug level for each refused request and each connection
	// that ends with another error; nil discards. Never headers or payloads.
	Logger *slog.Logger
}

// settings are options with the defaults filled in, shared by connections.
type settings struct {
	ServerOptions
	client   bool
	pollHold time.Duration
	slowTurn time.Duration
	watcher  watcher
	loops    loops
}

// pollHold is how long a poll that arrives during an upgrade is held before its
// noop: the client's last word about the upgrade may be on its way, on another
// connection. The reference implementation looks every 100 ms.
const pollHold = 100 * time.Millisecond

func newSettings(o ServerOptions) *settings {
	setDefault(&o.PingInterval, DefaultPingInterval)
	setDefault(&o.PingTimeout, DefaultPingTimeout)
	setDefault(&o.UpgradeTimeout, DefaultUpgradeTimeout)
	setDefault(&o.MaxPayload, DefaultMaxPayload)
	setDefault(&o.MaxHeaderBytes, DefaultMaxHeaderBytes)
	setDefault(&o.MaxQueue, DefaultMaxQueue)
	setDefault(&o.WriteTimeout, DefaultWriteTimeout)
	setDefault(&o.ReadTimeout, DefaultReadTimeout)
	setDefault(&o.CloseTimeout, DefaultCloseTimeout)
	setDefault(&o.CompressionThreshold, DefaultCompressionThreshold)
	if o.Transports == nil {
		o.Transports = []string{Polling, WebSocket}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &settings{ServerOptions: o, pollHold: pollHold, slowTurn: slowTurn}
	s.loops.init(&s.watcher, o.DisableIOURing)
	return s
}

func setDefault[T int | time.Duration](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}

func (s *settings) offers(transport string) bool {
	return slices.Contains(s.Transports, transport)
}

// upgrades reports whether a polling session may become a WebSocket.
func (s *settings) upgrades() bool {
	return !s.DisableUpgrades && s.offers(Polling) && s.offers(WebSocket)
}
