package socketio

import "time"

// Defaults of RecoveryOptions.
const (
	DefaultMaxDisconnection   = 2 * time.Minute
	DefaultRecoverySessions   = 10_000
	DefaultRecoveryPackets    = 100_000
	DefaultRecoveryBytes      = 32 << 20
	DefaultPredecessorTimeout = 5 * time.Second
)

// RecoveryOptions configure connection state recovery. What it needs is kept in
// this server's memory, within these bounds; where one is reached the oldest goes,
// and clients that would have needed it come back as new ones.
type RecoveryOptions struct {
	// MaxDisconnection is how long a client may be away; default 2 minutes.
	MaxDisconnection time.Duration
	// MaxSessions is how many clients that are away are remembered.
	MaxSessions int
	// MaxPackets and MaxBytes are how many events, and how much of them, are kept for
	// clients that may miss them, over all namespaces. An event is counted once,
	// however many sockets it is for.
	MaxPackets, MaxBytes int
	// PredecessorTimeout is how long a client that comes back waits for the handlers
	// of the socket that it had before. If they take longer, it comes back as a new
	// one: two sockets of one id must not be seen at once.
	PredecessorTimeout time.Duration
}

func (o RecoveryOptions) withDefaults() RecoveryOptions {
	orDefault(&o.MaxDisconnection, DefaultMaxDisconnection)
	orDefault(&o.MaxSessions, DefaultRecoverySessions)
	orDefault(&o.MaxPackets, DefaultRecoveryPackets)
	orDefault(&o.MaxBytes, DefaultRecoveryBytes)
	orDefault(&o.PredecessorTimeout, DefaultPredecessorTimeout)
	return o
}
