package socketio

import "github.com/siogen/siogen/runtime/internal/offset"

// clientRecovery is what a client shows to continue a session: the pid that the
// server gave it and the latest offset. Its owner's lock guards it.
type clientRecovery struct {
	ticket
	// known: this server's offsets have a form that is known.
	known bool
	// told: the application knows of the session.
	told bool
}

// accepted notes the answer to CONNECT.
func (c *clientRecovery) accepted(pid string) {
	if pid == "" || pid != c.pid {
		*c = clientRecovery{ticket: ticket{pid: pid}}
	}
}

// recovered reports what the application is to be told: whether the session is the
// one that it was told of last.
func (c *clientRecovery) recovered() bool {
	told := c.told
	c.told = c.pid != ""
	return told
}

// forget makes the next connection a new session.
func (c *clientRecovery) forget() { *c = clientRecovery{} }

// strip takes note of an event's offset, if it carries one, and returns the event
// without it.
func (c *clientRecovery) strip(r received) received {
	if c.pid == "" || r.hasAck() {
		return r
	}
	o := offset.Reader{PID: c.pid, Offset: c.offset, Known: c.known}
	r.json = o.Strip(r.json)
	c.offset, c.known = o.Offset, o.Known
	return r
}
