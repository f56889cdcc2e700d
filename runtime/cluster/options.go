package cluster

import (
	"context"
	"log/slog"
	"time"
)

// Defaults of Options.
const (
	DefaultHeartbeatInterval = 5 * time.Second
	DefaultHeartbeatTimeout  = 10 * time.Second
	DefaultRequestTimeout    = 5 * time.Second
	DefaultPublishTimeout    = 5 * time.Second
	DefaultMaxMessage        = 1 << 20
	DefaultMaxQueue          = 16 << 20
	DefaultMaxRequests       = 10_000
	DefaultMaxServers        = 1000
	DefaultMaxResponse       = 64 << 20
)

// PubSub brings messages from each server to all. What one server publishes arrives in
// order; it may arrive at the server itself, too, which ignores it.
type PubSub interface {
	// Publish sends a message to every server that is subscribed. It may block until
	// ctx ends, and must not keep the message. It is called by one goroutine at a time.
	Publish(ctx context.Context, message []byte) error
	// Subscribe calls receive for every message, one at a time, until ctx ends or the
	// subscription fails: it is called again then. receive keeps the message, which
	// must not be changed any more.
	Subscribe(ctx context.Context, receive func(message []byte)) error
}

// Options configure an Adapter. Zero fields take the defaults.
type Options struct {
	// HeartbeatInterval (5 s) is how often a server says that it is alive, and
	// HeartbeatTimeout (10 s) for how long it may be silent before the others take it
	// for gone. All servers of a cluster should have the same.
	HeartbeatInterval, HeartbeatTimeout time.Duration
	// RequestTimeout (5 s) bounds the wait for other servers where a context does not
	// end before: for the sockets that are fetched, and for the ids of those that a
	// broadcast asked. Acknowledgements may take as long as the broadcast waits.
	RequestTimeout time.Duration
	// PublishTimeout (5 s) bounds each PubSub.Publish.
	PublishTimeout time.Duration
	// MaxMessage (1 MiB) is the largest message in bytes. An event that does not fit in
	// fails with ErrTooLarge for the other servers. Small ones share a message.
	MaxMessage int
	// MaxQueue (16 MiB) bounds the bytes that wait to be published, and those of events
	// of each other server that wait for their handlers. Beyond it calls fail with an
	// error wrapping driver.ErrQueueFull, and events from other servers are dropped.
	MaxQueue int
	// MaxRequests (10,000) is how many requests may be under way: of this server, beyond
	// which they fail with ErrTooManyRequests, and of others here, beyond which they are
	// not answered.
	MaxRequests int
	// MaxServers (1000) is how many other servers are known. Further ones are ignored.
	MaxServers int
	// MaxResponse (64 MiB) bounds the bytes that all servers together may answer to one
	// request. A server whose answer would be beyond it counts as not answering.
	MaxResponse int
	// Logger gets what goes wrong with the PubSub and with messages; nil:
	// slog.Default(). What is in messages is never logged.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	orDefault(&o.HeartbeatInterval, DefaultHeartbeatInterval)
	orDefault(&o.HeartbeatTimeout, DefaultHeartbeatTimeout)
	orDefault(&o.RequestTimeout, DefaultRequestTimeout)
	orDefault(&o.PublishTimeout, DefaultPublishTimeout)
	orDefault(&o.MaxMessage, DefaultMaxMessage)
	orDefault(&o.MaxQueue, DefaultMaxQueue)
	orDefault(&o.MaxRequests, DefaultMaxRequests)
	orDefault(&o.MaxServers, DefaultMaxServers)
	orDefault(&o.MaxResponse, DefaultMaxResponse)
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

func orDefault[T int | time.Duration](v *T, fallback T) {
	if *v <= 0 {
		*v = fallback
	}
}
