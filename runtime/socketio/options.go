package socketio

import (
	"log/slog"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/engineio"
)

// Defaults of Options, ClientOptions and Limits.
const (
	DefaultPath                = "/socket.io/"
	DefaultConnectTimeout      = 45 * time.Second
	DefaultMaxAttachments      = 1000
	DefaultMaxPacketSize       = 32 << 20
	DefaultAttachmentTimeout   = 45 * time.Second
	DefaultMaxDepth            = codec.DefaultMaxDepth
	DefaultMaxNamespaces       = 100
	DefaultMaxPendingAcks      = 10_000
	DefaultMaxOwedAcks         = 10_000
	DefaultMaxRooms            = 10_000
	DefaultMaxChildNamespaces  = 10_000
	DefaultReconnectionDelay   = time.Second
	DefaultReconnectionMax     = 5 * time.Second
	DefaultRandomizationFactor = 0.5
	DefaultAckTimeout          = 20 * time.Second
	DefaultAttemptTimeout      = 20 * time.Second
	DefaultMaxBuffer           = 2 << 20
	DefaultClientCloseTimeout  = 3 * time.Second
)

// Limits bound what a peer can make this side hold. Zero fields take the
// defaults.
type Limits struct {
	// MaxAttachments is how many binary attachments a packet may announce. A packet
	// with more ends the connection.
	MaxAttachments int
	// MaxPacketSize bounds the bytes of a packet together with its attachments; each
	// message of it is also bound by the engine's MaxPayload.
	MaxPacketSize int
	// AttachmentTimeout is how long the attachments of a packet may take to come,
	// all of them together. Beyond it the connection ends.
	AttachmentTimeout time.Duration
	// MaxDepth is how deep arrays and objects of a packet may be nested. A packet
	// that goes deeper ends the connection.
	MaxDepth int
	// MaxPendingAcks is how many acknowledgements a socket may wait for at once.
	// Beyond it EmitAck fails with driver.ErrTooManyAcks.
	MaxPendingAcks int
	// MaxOwedAcks is how many acknowledgements that the peer asked for a socket
	// remembers. Beyond it the oldest can no longer be answered.
	MaxOwedAcks int
}

func (l Limits) withDefaults() Limits {
	orDefault(&l.MaxAttachments, DefaultMaxAttachments)
	orDefault(&l.MaxPacketSize, DefaultMaxPacketSize)
	orDefault(&l.AttachmentTimeout, DefaultAttachmentTimeout)
	orDefault(&l.MaxDepth, DefaultMaxDepth)
	orDefault(&l.MaxPendingAcks, DefaultMaxPendingAcks)
	orDefault(&l.MaxOwedAcks, DefaultMaxOwedAcks)
	return l
}

// Options configure a Server. The zero value is good for most.
type Options struct {
	// Engine configures the layer below: transports, heartbeat, payload limits,
	// origins.
	Engine engineio.ServerOptions
	// ConnectTimeout is how long a connection may be without a namespace before it
	// is closed.
	ConnectTimeout time.Duration
	Limits         Limits // on a client's packets and acknowledgements
	// Parser is how packets are written, the same as the clients'.
	Parser Parser
	// MaxNamespaces is how many namespaces one connection may join.
	MaxNamespaces int
	// MaxRooms is how many rooms one socket may be in, its own included. Joining
	// more does nothing but log.
	MaxRooms int
	// Recovery, if not nil, lets clients that lost their connection continue where they
	// were (connection state recovery): with id, rooms and data, and with the events
	// that they have missed. Every event then carries an offset as a surplus last
	// argument.
	Recovery *RecoveryOptions
	// MaxChildNamespaces is how many namespaces that clients ask for by name
	// (DynamicNamespace) may be open at once. Beyond it clients that ask for another
	// are refused.
	MaxChildNamespaces int
	// CleanupEmptyChildNamespaces closes such a namespace when its last socket has
	// left. Otherwise it stays until Close, and counts.
	CleanupEmptyChildNamespaces bool
	// Adapter, if not nil, makes the adapters that connect the namespaces with those of
	// other servers. Without it there are none.
	Adapter AdapterFunc
	// Logger gets what goes wrong with connections; nil: slog.Default(). Auth
	// payloads and headers are never logged.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	orDefault(&o.ConnectTimeout, DefaultConnectTimeout)
	o.Limits = o.Limits.withDefaults()
	orDefault(&o.MaxNamespaces, DefaultMaxNamespaces)
	orDefault(&o.MaxRooms, DefaultMaxRooms)
	orDefault(&o.MaxChildNamespaces, DefaultMaxChildNamespaces)
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Engine.Logger == nil {
		o.Engine.Logger = o.Logger
	}
	return o
}

func orDefault[T int | time.Duration](v *T, fallback T) {
	if *v <= 0 {
		*v = fallback
	}
}
