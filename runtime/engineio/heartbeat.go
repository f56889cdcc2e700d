package engineio

import (
	"errors"
	"time"
)

var errHeartbeatDirection = errors.New("engineio: invalid heartbeat direction")

// heartbeat is the state of a connection's heartbeat, guarded by Conn.mu. There
// is one timer; a pong leaves it alone where it can.
type heartbeat struct {
	timer    *time.Timer
	fires    time.Time // when the timer does
	awaiting bool      // a pong is due
	granted  bool      // it was given more time
	pingedAt time.Time
	pingDue  time.Time // valid while no pong is due
}

func (b *heartbeat) stop() { stopTimer(b.timer) }

func (b *heartbeat) arm(d time.Duration) {
	b.fires = time.Now().Add(d)
	b.timer.Reset(d)
}

// startHeartbeat begins the heartbeat: the server sends pings, the client
// expects them.
func (c *Conn) startHeartbeat() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != stateOpen {
		return
	}
	d := c.set.PingInterval
	if c.set.client {
		d += c.set.PingTimeout
	}
	now := time.Now()
	c.beat.fires = now.Add(d)
	c.beat.pingDue = c.beat.fires
	c.beat.timer = time.AfterFunc(d, c.heartbeat)
}

// hear notes that a packet came. It writes only once a heartbeat: the flag is
// read from another processor's timer.
func (c *Conn) hear() {
	if !c.heard.Load() {
		c.heard.Store(true)
	}
}

// heartbeat is what the timer does.
func (c *Conn) heartbeat() {
	c.mu.Lock()
	if c.state != stateOpen {
		c.mu.Unlock()
		return
	}
	b := &c.beat
	ping := false
	switch {
	case !c.set.client && !b.awaiting:
		if wait := time.Until(b.pingDue); wait > 0 {
			b.arm(wait)
			break
		}
		b.awaiting, b.granted, b.pingedAt = true, false, time.Now()
		c.heard.Store(false)
		b.arm(c.set.PingTimeout - c.set.excused(b.pingedAt.Sub(b.pingDue)))
		ping = true
	case c.busy.Load():
		// What the peer sent may sit unread behind the message that is being
		// handled. It must go on hearing from us.
		b.arm(min(c.set.PingTimeout, c.set.PingInterval))
		ping = !c.set.client
	case !c.set.client && !b.granted && c.heard.Load():
		b.granted = true // once: who sends but never answers is not to stay
		b.arm(c.set.PingTimeout)
	default:
		c.mu.Unlock()
		c.end(ReasonPingTimeout, nil)
		return
	}
	c.mu.Unlock()
	if ping {
		c.sendPacket(packetPing)
	}
}

// excused returns by how much a ping's delay shortens the time for its pong, so
// that the end of a silent session does not drift away from what its client
// computes of the handshake. A long delay, as after a suspension, does not count:
// the client is not to pay for it.
func (s *settings) excused(late time.Duration) time.Duration {
	if late > s.PingTimeout/2 {
		return 0
	}
	return late
}

// ponged handles a pong.
func (c *Conn) ponged() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != stateOpen || !c.beat.awaiting {
		return
	}
	c.beat.awaiting = false
	c.nextPing(time.Now().Add(c.set.PingInterval))
}

// nextPing says when the next ping is due; c.mu is held.
func (c *Conn) nextPing(due time.Time) {
	c.beat.pingDue = due
	if c.beat.fires.After(due) {
		c.beat.arm(time.Until(due))
	}
}

// forgivePong is for an upgrade: the pong that is due may have been on the
// transport that is given up. c.mu is held.
func (c *Conn) forgivePong() {
	if c.beat.awaiting {
		c.beat.awaiting = false
		c.nextPing(c.beat.pingedAt.Add(c.set.PingInterval))
	}
}

// pinged handles a ping: only clients get any.
func (c *Conn) pinged() {
	if !c.set.client {
		c.end(ReasonTransportError, errHeartbeatDirection)
		return
	}
	c.mu.Lock()
	if c.state == stateOpen {
		c.beat.arm(c.set.PingInterval + c.set.PingTimeout)
	}
	c.mu.Unlock()
	c.sendPacket(packetPong)
}
