package engineio

import (
	"net/http"
	"time"
)

const probeData = "probe"

// probe is a WebSocket that may become the transport of a polling session.
// Until the client says so, packets go out by polling, and a probe that fails
// leaves the session as it was.
type probe struct {
	conn    *Conn
	ws      *wsConn
	adopted bool
	failed  bool
	limit   *time.Timer // guarded by conn.mu
}

// probeWebSocket begins an upgrade.
func (s *Server) probeWebSocket(w http.ResponseWriter, r *http.Request, c *Conn) {
	if !s.set.upgrades() {
		s.refuse(w, r, badRequest, "upgrades are disabled")
		return
	}
	if !s.running.add() {
		s.unavailable(w)
		return
	}
	serving := false
	defer func() {
		if !serving { // also when a hook panics
			s.running.done()
		}
	}()
	ws, ok := s.acceptWebSocket(w, r, c)
	if !ok {
		return
	}
	p := &probe{conn: c, ws: ws}
	ws.receive = p.receive
	if p.begin() {
		ws.uncork()
	} else {
		ws.shutdown()
	}
	p.bound()
	ws.finish = func(reason string, err error) {
		defer s.running.done()
		p.finish(reason, err)
	}
	serving = true
	go ws.run()
}

// begin makes this the session's probe unless it can have none.
func (p *probe) begin() bool {
	c := p.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != stateOpen || c.ws.Load() != nil || c.poll.probe != nil {
		p.failed = true
		return false
	}
	c.poll.probe = p.ws
	return true
}

// bound bounds the upgrade.
func (p *probe) bound() {
	p.conn.mu.Lock()
	defer p.conn.mu.Unlock()
	p.limit = time.AfterFunc(p.conn.set.UpgradeTimeout, p.expired)
}

// expired ends a probe that takes too long. A client that was answered and does
// not poll may have changed to the WebSocket, on its side, its word of it being
// under way: without the WebSocket it would lose the session, whose heartbeat
// bounds the wait for it.
func (p *probe) expired() {
	c := p.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ws.Load() == p.ws:
	case c.poll.probe == p.ws && c.poll.answered && !c.poll.polling:
		p.limit.Reset(c.set.UpgradeTimeout)
	default:
		p.ws.closeNow()
	}
}

// finish ends the WebSocket, and the session whose transport it has become.
func (p *probe) finish(reason string, err error) {
	p.conn.mu.Lock()
	p.limit.Stop()
	p.conn.mu.Unlock()
	if p.adopted {
		p.conn.finishWebSocket(p.ws, reason, err)
		return
	}
	p.forget()
	p.ws.release()
}

// forget lets the session be as if there had been no probe.
func (p *probe) forget() {
	c := p.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.poll != nil && c.poll.probe == p.ws {
		c.poll.probe, c.poll.answered = nil, false
	}
}

// receive handles what comes on the WebSocket until it is the transport.
func (p *probe) receive(in packet, err error) {
	switch {
	case p.failed:
	case err == nil && in.kind == packetPing && string(in.data) == probeData:
		p.answer()
	case err == nil && in.kind == packetUpgrade:
		p.adopted = p.conn.adopt(p.ws)
		if !p.adopted {
			p.fail()
		}
	default:
		p.fail()
	}
}

func (p *probe) fail() {
	p.failed = true
	p.forget()
	p.ws.shutdown()
}

// answer answers the probe, then the open poll, so that the client can stop
// polling. A poll that comes once the WebSocket is open is a late one: the client
// may have sent everything that an upgrade takes.
func (p *probe) answer() {
	c := p.conn
	if p.ws.sendPacket(packetPong, probeData) != nil {
		return
	}
	c.mu.Lock()
	c.poll.answered = true
	c.poll.signal()
	c.mu.Unlock()
}

// adopt makes the WebSocket the transport. What polling has received is handled
// first, and what waits for a poll goes first. It reports false when the
// session has ended.
func (c *Conn) adopt(ws *wsConn) bool {
	c.mu.Lock()
	for c.poll.posting && c.state != stateClosed {
		if c.poll.posted == nil {
			c.poll.posted = make(chan struct{})
		}
		posted := c.poll.posted
		c.mu.Unlock()
		<-posted
		c.mu.Lock()
	}
	if c.state == stateClosed {
		c.mu.Unlock()
		return false
	}
	ws.receive = c.packetIn
	seized := ws.seize()
	err := c.moveQueue(ws)
	c.ws.Store(ws)
	c.poll.probe, c.poll.answered = nil, false
	stopTimer(c.poll.limit)
	c.measureUpgraded()
	c.forgivePong()
	c.poll.signal()
	closing := c.state == stateClosing
	c.mu.Unlock()

	if seized {
		ws.write()
	}
	if closing {
		ws.shutdown()
	}
	_ = c.sent(err, Flags{})
	return true
}

// moveQueue frames what waits for a poll for the WebSocket instead. c.mu is held.
func (c *Conn) moveQueue(ws *wsConn) error {
	ws.move(true)
	defer ws.move(false)
	for _, m := range c.poll.queue {
		if err := m.sendOn(ws, Flags{NoCompress: m.noCompress}); err != nil {
			return err
		}
	}
	c.poll.queue, c.poll.queued = nil, 0
	return nil
}
