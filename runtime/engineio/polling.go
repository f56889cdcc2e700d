package engineio

import (
	"net/http"
	"strconv"
	"time"
)

// pollAgainTime is how long an orderly close waits for a poll where none is open: a
// client that is still there polls again within a round trip.
const pollAgainTime = 3 * time.Second

// pending is a packet, or a message with its binary messages, that waits to be
// sent by polling. It is kept unencoded: the transport may still change.
type pending struct {
	kind       byte // 0: a message; packetBase64: a binary message by itself
	text       []byte
	binary     [][]byte
	framed     *Framed
	noCompress bool
	// taken is how many of its packets a client has posted already.
	taken int
}

func (p *pending) size() int {
	switch {
	case p.framed != nil:
		return len(p.framed.wire)
	case p.kind != 0 && !p.bare():
		return 1
	}
	return framedSize(p.text, p.binary)
}

// bare reports whether it is a binary message without a text message before it.
func (p *pending) bare() bool {
	return p.kind == packetBase64 || p.framed != nil && p.framed.bare()
}

// appendTo appends to a polling payload.
func (p *pending) appendTo(dst []byte) []byte {
	switch {
	case p.framed != nil:
		return append(appendSeparated(dst), p.framed.polling()...)
	case p.bare():
		return appendBinary(dst, p.binary[0])
	case p.kind != 0:
		return append(appendSeparated(dst), p.kind)
	}
	return appendMessage(dst, p.text, p.binary)
}

// pollState is a session's polling transport, guarded by Conn.mu.
type pollState struct {
	queue  []pending
	queued int // bytes

	polling bool          // a GET is open
	wake    chan struct{} // tells the open GET that something changed; holds one

	posting    bool          // a POST is open
	cut        func()        // if not nil, ends the reading of its body
	posted     chan struct{} // if not nil, closed when it ends
	delivering bool          // its packets are being handled
	finisher   bool          // when they are, it must end the session

	probe    *wsConn // the WebSocket that may become the transport
	answered bool    // it was probed, and that was answered

	// client is the client's half; nil on a server, which alone uses what is above
	// except the queue and the probe, and what is below except the limit.
	client *poller

	// answer is what a GET gets when the session has ended: a close packet, or a
	// noop when the client closed it. told: a GET was, or will be, answered so.
	answer byte
	told   bool
	limit  *time.Timer // of an orderly close
}

func newPollState() *pollState { return &pollState{wake: make(chan struct{}, 1), answer: packetClose} }

func (p *pollState) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// takePayload returns what is queued as a payload. It is compressed when one
// message in it may be, as the reference implementation has it.
func (p *pollState) takePayload() payload {
	var out payload
	if len(p.queue) == 1 {
		out.framed = p.queue[0].framed
	}
	for i := range p.queue {
		out.bytes = p.queue[i].appendTo(out.bytes)
		out.compress = out.compress || !p.queue[i].noCompress
	}
	p.queue, p.queued = nil, 0
	return out
}

// sendPolling queues for the next poll, or for the WebSocket that has become
// the transport meanwhile.
func (c *Conn) sendPolling(m pending, f Flags) error {
	c.mu.Lock()
	if ws := c.ws.Load(); ws != nil {
		c.mu.Unlock()
		return m.sendOn(ws, f)
	}
	defer c.mu.Unlock()
	p, n := c.poll, m.size()
	switch {
	case c.state != stateOpen:
		return ErrClosed
	case f.Volatile && !p.ready(), p.queued > 0 && p.queued+n > c.set.MaxQueue:
		return ErrQueueFull
	}
	m.text = append([]byte(nil), m.text...)
	m.noCompress = f.NoCompress
	p.queue = append(p.queue, m)
	p.queued += n
	p.changed()
	return nil
}

// ready reports whether what is sent leaves at once. Conn.mu is held.
func (p *pollState) ready() bool {
	if p.client != nil {
		return p.client.ready()
	}
	return p.polling
}

// changed sees to it that what is queued, or the end, is told. Conn.mu is held.
func (p *pollState) changed() {
	if p.client != nil {
		p.client.changed.Broadcast()
		p.client.kick()
		return
	}
	p.signal()
}

func (p *pending) sendOn(ws *wsConn, f Flags) error {
	switch {
	case p.framed != nil:
		return ws.sendFramed(p.framed, f, nil)
	case p.bare():
		return ws.sendBinary(p.binary[0], f)
	case p.kind != 0:
		return ws.sendPacket(p.kind, "")
	}
	return ws.send(p.text, p.binary, f)
}

// openPolling opens a session on polling.
func (s *Server) openPolling(w http.ResponseWriter, r *http.Request) {
	c, ok := s.newConn(w, r)
	if !ok {
		return
	}
	begun := false
	defer func() {
		if !begun { // accept panicked
			c.release()
		}
	}()
	c.poll = newPollState()
	s.begin(c)
	begun = true
	var upgrades []string
	if s.set.upgrades() {
		upgrades = []string{WebSocket}
	}
	if s.set.Cookie != nil {
		http.SetCookie(w, s.set.Cookie.of(c.id))
	}
	s.addHeaders(w.Header(), r, true)
	writePayload(w, append([]byte{packetOpen}, c.openPacket(upgrades...)...))
}

func writePayload(w http.ResponseWriter, payload []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(payload)))
	_, _ = w.Write(payload)
}

// closePolling begins an orderly close: what is queued is sent, then a close
// packet, by a server as the answer of the open or next GET. c.mu is held, and
// unlocked.
func (c *Conn) closePolling() {
	defer c.mu.Unlock()
	limit := c.set.CloseTimeout
	if c.poll.client == nil && !c.poll.polling {
		limit = min(limit, pollAgainTime)
	}
	c.poll.limit = time.AfterFunc(limit, func() { c.end(ReasonForcedClose, nil) })
	c.poll.changed()
}

// endPolling is end for a session on polling, which has no goroutine of its own
// on a server. c.mu is held, and unlocked.
func (c *Conn) endPolling() {
	p := c.poll
	probe := p.probe
	stopTimer(p.limit)
	if p.client != nil {
		p.client.endRequests()
		c.mu.Unlock()
		if probe != nil {
			probe.abort()
		}
		return
	}
	if p.polling {
		p.told = true
		p.signal()
	}
	if p.cut != nil {
		p.cut()
	}
	switch {
	case p.delivering:
		p.finisher = true
	case c.handler != nil: // else who gives it will
		// Not in the caller's goroutine: it may hold locks that Closed needs.
		go c.finishPolling()
	}
	c.mu.Unlock()
	if probe != nil {
		probe.abort()
	}
}

func (c *Conn) finishPolling() {
	defer c.release()
	c.finish()
}

// leave ends a session because the client says so. Requests have no order: the
// poll that is to learn of it may come later.
func (c *Conn) leave() {
	c.mu.Lock()
	if c.poll != nil {
		c.poll.answer = packetNoop
	}
	c.mu.Unlock()
	c.end(ReasonTransportClose, nil)
}

// owesAnswer reports, once, whether a poll must still be told that the client
// left.
func (c *Conn) owesAnswer() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.poll
	if c.state != stateClosed || p == nil || c.ws.Load() != nil || p.told || p.answer != packetNoop {
		return false
	}
	p.told = true
	return true
}
