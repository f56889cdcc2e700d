package socketio

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// errLinkEnded: the connection was gone before anybody could use it.
var errLinkEnded = errors.New("connection closed right after it was opened")

// connect opens the connection for the first time. Sockets that have been joined
// before stay with it when that fails, as after a lost connection.
func (c *Client) connect(ctx context.Context) {
	for _, s := range c.everySocket() {
		s.reconnecting(1)
	}
	if !c.attempt(ctx) {
		c.reconnectFrom(ctx, 2)
	}
}

// reconnect makes attempts until one succeeds, no socket wants it any more, or
// they are used up.
func (c *Client) reconnect(ctx context.Context) { c.reconnectFrom(ctx, 1) }

// reconnectFrom is reconnect, whose next attempt is number n.
func (c *Client) reconnectFrom(ctx context.Context, n int) {
	for ; !c.done(ctx); n++ {
		if limit := c.o.ReconnectionAttempts; limit > 0 && n > limit {
			for _, s := range c.everySocket() {
				s.gaveUp()
			}
			if c.done(ctx) || c.attempt(ctx) { // else somebody began anew
				return
			}
			n = 0
			continue
		}
		if !c.pause(ctx, c.o.delay(n)) {
			continue
		}
		for _, s := range c.everySocket() {
			s.reconnecting(n)
		}
		if c.attempt(ctx) {
			return
		}
	}
}

// done ends the goroutine that connects, if nothing is left to connect for.
func (c *Client) done(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() != nil { // settle ended it, and others may have begun
		return true
	}
	if c.wanted() {
		return false
	}
	c.stopDialing = nil
	return true
}

// pause waits, and reports whether that was not cut short by the end of ctx.
func (c *Client) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.hurry:
		return true
	case <-ctx.Done():
		return false
	}
}

// attempt tries once to connect. If it fails, sockets are told.
func (c *Client) attempt(ctx context.Context) bool {
	l, err := c.openLink(ctx)
	if err == nil {
		if err = c.use(ctx, l); err == nil {
			return true
		}
	}
	if ctx.Err() == nil {
		for _, s := range c.everySocket() {
			s.attemptFailed(err)
		}
	}
	return false
}

// use makes l the client's connection and joins the namespaces.
func (c *Client) use(ctx context.Context, l *link) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() != nil {
		l.conn.Close(reasonIOClient)
		return ctx.Err()
	}
	if l.ended {
		return errLinkEnded
	}
	c.link = l
	c.stopDialing = nil
	for _, s := range c.sockets {
		if wanted, _ := s.wants(); wanted {
			s.join(l)
		}
	}
	return nil
}

// delay is the wait before attempt n, from 1: exponential, with jitter so that the
// clients of a server that restarts don't all come at once.
func (o *ClientOptions) delay(n int) time.Duration {
	d := o.ReconnectionDelay
	for ; n > 1 && d < o.ReconnectionDelayMax; n-- {
		d *= 2
	}
	d = min(d, o.ReconnectionDelayMax)
	d += time.Duration((2*rand.Float64() - 1) * o.RandomizationFactor * float64(d))
	if excess := d - o.ReconnectionDelayMax; excess > 0 {
		d -= 2 * excess // capping would bring those together whom jitter parts
	}
	return max(d, 0)
}
