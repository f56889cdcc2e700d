package engineio

import (
	"context"
	"net/url"
	"sync/atomic"
	"time"
)

// upgrade is a WebSocket that may become the transport of a client's session on
// polling. One that fails leaves the session as it is.
type upgrade struct {
	poller   *poller
	conn     *Conn
	ws       *wsConn
	answered bool        // the server has answered the probe; the reader's
	heard    bool        // something came after the upgrade; the reader's
	over     bool        // the WebSocket has ended; guarded by conn.mu
	adopted  atomic.Bool // it is, or is becoming, the transport
}

// upgrade is the goroutine that tries to change to a WebSocket, reads from it,
// and is the connection's goroutine when that has become the transport.
func (p *poller) upgrade(o *DialOptions, base *url.URL) {
	defer close(p.probed)
	c := p.conn
	u, err := p.probe(o, base)
	if err != nil {
		c.set.Logger.Debug("engineio: upgrade failed", "error", err)
		return
	}
	adopted, reason, err := u.serve()
	if !adopted {
		c.set.Logger.Debug("engineio: upgrade failed", "error", err)
		u.ws.release()
		return
	}
	<-p.polled
	p.helpers.Wait()
	aborted := c.ended()
	c.endOfReading(reason, err)
	c.finish()
	u.ws.release()
	if aborted && !u.heard {
		p.farewell() // the upgrade packet may not have gone out
	}
	p.release()
	c.release()
}

// probe opens the WebSocket and probes it.
func (p *poller) probe(o *DialOptions, base *url.URL) (*upgrade, error) {
	c := p.conn
	ctx, cancel := context.WithTimeout(p.ctx, c.set.UpgradeTimeout)
	defer cancel()
	nc, err := o.connect(ctx, base)
	if err != nil {
		return nil, err
	}
	ws := newWSConn(c, nc, nil)
	stop := context.AfterFunc(ctx, ws.closeNow)
	defer stop()
	u := &upgrade{poller: p, conn: c, ws: ws}
	ws.receive = u.receive
	err = o.clientHandshake(ws, requestURL(base, WebSocket, c.id), p.requests.client.Jar.Cookies(base))
	if err == nil {
		err = u.begin()
	}
	if err != nil {
		ws.release()
		return nil, orCause(ctx, err)
	}
	return u, nil
}

// begin asks the server whether the WebSocket works.
func (u *upgrade) begin() error {
	c := u.conn
	c.mu.Lock()
	open := c.state == stateOpen
	if open {
		c.poll.probe = u.ws
	}
	c.mu.Unlock()
	if !open {
		return ErrClosed
	}
	_ = u.ws.nc.SetReadDeadline(time.Now().Add(c.set.UpgradeTimeout))
	return u.ws.sendPacket(packetPing, probeData)
}

// serve reads from the WebSocket until it ends.
func (u *upgrade) serve() (adopted bool, reason string, err error) {
	reason, err, _ = u.ws.serve()
	c := u.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	u.over = true
	if c.poll.probe == u.ws {
		c.poll.probe = nil
	}
	u.poller.changed.Broadcast()
	return u.adopted.Load(), reason, err
}

// receive handles what comes until the WebSocket is the transport.
func (u *upgrade) receive(in packet, err error) {
	switch {
	case u.adopted.Load():
		u.heard = true
		u.ws.receive = u.conn.packetIn
		u.conn.packetIn(in, err)
	case err == nil && !u.answered && in.kind == packetPong && string(in.data) == probeData:
		u.answered = true
		u.poller.helpers.Go(u.change)
	default:
		u.ws.closeNow()
	}
}

// change makes the WebSocket the transport once polling has stopped: what came
// by polling has been handled then, and what waits to be posted follows the
// upgrade packet.
func (u *upgrade) change() {
	c, p := u.conn, u.poller
	if !p.pause(&u.over) {
		u.ws.shutdown()
		return
	}
	// pause has locked c.mu.
	_ = u.ws.nc.SetReadDeadline(time.Time{})
	u.adopted.Store(true)
	seized := u.ws.seize()
	err := u.ws.sendPacket(packetUpgrade, "")
	if err == nil {
		err = c.moveQueue(u.ws)
	}
	c.ws.Store(u.ws)
	c.poll.probe = nil
	p.pausing, p.upgraded = false, true
	p.changed.Broadcast()
	c.measureUpgraded()
	c.mu.Unlock()

	p.requests.closeIdle()
	if seized {
		u.ws.write()
	}
	_ = c.sent(err, Flags{})
}
