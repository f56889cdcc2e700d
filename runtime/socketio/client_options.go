package socketio

import (
	"log/slog"
	"time"

	"github.com/siogen/siogen/runtime/engineio"
)

// ClientOptions configure a Client. The zero value is good for most.
type ClientOptions struct {
	// Engine configures the layer below: headers, TLS, timeouts. Its Path is
	// "/socket.io/" by default, and its CloseTimeout 3 s: a server that can't be
	// reached any more must not hold up who leaves.
	Engine engineio.DialOptions
	Limits Limits // on the server's packets and acknowledgements
	// Parser is how packets are written, the same as the server's.
	Parser Parser
	// NoReconnection gives up when the connection is lost. By default the client
	// reconnects, unless either side disconnected on purpose.
	NoReconnection bool
	// ReconnectionDelay is the wait before the first attempt; it doubles with each
	// one, up to ReconnectionDelayMax.
	ReconnectionDelay    time.Duration
	ReconnectionDelayMax time.Duration
	// RandomizationFactor spreads each delay by up to this part of it either way, so
	// that clients don't come back all at once. It is between 0 and 1; negative: no
	// spread.
	RandomizationFactor float64
	// ReconnectionAttempts is how many attempts to make before giving up; 0: no limit.
	ReconnectionAttempts int
	// Retries, if not 0, has events that are not volatile sent until the server has
	// acknowledged them, one at a time and in order, over as many connections as
	// that takes. Each is sent at most 1 + Retries times; then its AckWaiter gets a
	// *driver.RetriesError. AckTimeout is how long the server may take each time. An
	// event may arrive more than once.
	Retries    int
	AckTimeout time.Duration
	// AttemptTimeout bounds each attempt: opening the connection, and then, on its
	// own, the server's answer for each namespace.
	AttemptTimeout time.Duration
	// MaxBuffer bounds the bytes of events that wait for the connection to come
	// (back). Beyond it Emit fails with driver.ErrQueueFull.
	MaxBuffer int
	// Logger gets what goes wrong with connections; nil: slog.Default().
	Logger *slog.Logger
}

func (o ClientOptions) withDefaults() ClientOptions {
	o.Limits = o.Limits.withDefaults()
	orDefault(&o.ReconnectionDelay, DefaultReconnectionDelay)
	orDefault(&o.ReconnectionDelayMax, DefaultReconnectionMax)
	if o.RandomizationFactor == 0 {
		o.RandomizationFactor = DefaultRandomizationFactor
	}
	o.RandomizationFactor = min(max(o.RandomizationFactor, 0), 1)
	orDefault(&o.AckTimeout, DefaultAckTimeout)
	orDefault(&o.AttemptTimeout, DefaultAttemptTimeout)
	orDefault(&o.MaxBuffer, DefaultMaxBuffer)
	if o.Engine.Path == "" {
		o.Engine.Path = DefaultPath
	}
	orDefault(&o.Engine.CloseTimeout, DefaultClientCloseTimeout)
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Engine.Logger == nil {
		o.Engine.Logger = o.Logger
	}
	return o
}
