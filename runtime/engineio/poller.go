package engineio

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"
)

var errMessageTooLong = errors.New("engineio: message is longer than MaxPayload")

// poller is the client's half of polling. One goroutine polls, as long as polling
// is the transport; another posts, as long as there is something to be sent.
type poller struct {
	conn     *Conn
	requests *requester
	url      *url.URL
	maxPost  int // bytes that the server takes at once; 0: any
	// ctx ends with the session, and then what is under way.
	ctx    context.Context
	cancel context.CancelFunc

	// Guarded by conn.mu, and changed is told of what changes.
	changed  *sync.Cond
	polling  bool // a GET is under way, or its packets are being handled
	posting  bool // a goroutine posts
	pausing  bool // the transport is about to change: no further request begins
	upgraded bool // and has changed
	said     bool // a close packet was, or is being, sent

	helpers sync.WaitGroup // what posts, and what upgrades
	polled  chan struct{}  // closed when run ends
	probed  chan struct{}  // closed when upgrade ends
}

func newPoller(c *Conn, requests *requester, u *url.URL, maxPost int) *poller {
	p := &poller{conn: c, requests: requests, url: u, maxPost: maxPost, polling: true,
		polled: make(chan struct{}), probed: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.changed = sync.NewCond(&c.mu)
	return p
}

// run is the goroutine of a connection while it is on polling. body is the rest
// of the answer to the handshake.
func (p *poller) run(body []byte) {
	defer close(p.polled)
	c := p.conn
	if body != nil {
		p.deliver(body)
	}
	for p.next() {
		body, err := p.requests.do(p.ctx, p.url, nil)
		if err != nil {
			c.end(ReasonTransportError, fmt.Errorf("engineio: polling: %w", err))
			continue
		}
		p.deliver(body)
	}
	if p.upgraded { // p.next has synchronized
		return
	}
	<-p.probed
	p.helpers.Wait()
	c.finish()
	p.farewell()
	p.release()
	c.release()
}

// next waits until another GET may begin. It returns false when none will.
func (p *poller) next() bool {
	c := p.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	p.polling = false
	p.changed.Broadcast()
	for (p.pausing || c.state == stateClosing) && !p.upgraded && c.state != stateClosed {
		p.changed.Wait()
	}
	p.polling = !p.upgraded && c.state == stateOpen
	return p.polling
}

// deliver handles the packets of an answer.
func (p *poller) deliver(body []byte) {
	c := p.conn
	err := decodePayload(body, func(in packet) bool {
		if len(in.data) > c.set.MaxPayload {
			c.end(ReasonTransportError, errMessageTooLong)
			return false
		}
		c.packetIn(in, nil)
		return c.open()
	})
	if err != nil {
		c.end(ReasonParseError, err)
	}
}

// ready reports whether a message would leave at once; c.mu is held.
func (p *poller) ready() bool { return !p.posting && !p.pausing }

// kick sees to it that what is queued is posted; c.mu is held.
func (p *poller) kick() {
	if p.posting || p.conn.state == stateClosed {
		return
	}
	if body, _ := p.peek(); body {
		p.posting = true
		p.helpers.Go(p.post)
	}
}

// peek reports whether there is something to be posted, and whether that is the
// packet that closes the session. c.mu is held.
func (p *poller) peek() (something, closing bool) {
	poll := p.conn.poll
	switch {
	case p.conn.state == stateClosed, p.upgraded:
		return false, false
	case len(poll.queue) > 0:
		// A message's parts must not be on two transports.
		return !p.pausing || poll.queue[0].taken > 0, false
	default:
		closing = p.conn.state == stateClosing && !p.pausing && !p.said
		return closing, closing
	}
}

// post posts until there is nothing to be posted.
func (p *poller) post() {
	c := p.conn
	for {
		body, last := p.take()
		if body == nil {
			return
		}
		_, err := p.requests.do(p.ctx, p.url, body)
		switch {
		case err != nil:
			c.end(ReasonTransportError, fmt.Errorf("engineio: posting: %w", err))
		case last:
			c.end(ReasonForcedClose, nil)
		}
	}
}

// take returns the next body, or nil when posting is over. last says that it
// closes the session.
func (p *poller) take() (body []byte, last bool) {
	c := p.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	something, closing := p.peek()
	switch {
	case !something:
		p.posting = false
		p.changed.Broadcast()
		return nil, false
	case closing:
		p.said = true
		return []byte{packetClose}, true
	}
	return c.poll.takePost(p.maxPost), false
}

// takePost returns as many queued packets as fit in max bytes, and at least one.
func (p *pollState) takePost(max int) []byte {
	var body []byte
	for len(p.queue) > 0 {
		m := &p.queue[0]
		for ; m.taken < m.parts(); m.taken++ {
			if len(body) > 0 && max > 0 && len(body)+1+m.partSize(m.taken) > max {
				return body
			}
			body = m.appendPart(body, m.taken)
		}
		p.queued -= m.size()
		p.queue[0] = pending{}
		p.queue = p.queue[1:]
	}
	p.queue = nil
	return body
}

// content returns the message, shared or not.
func (p *pending) content() (text []byte, binary [][]byte) {
	if p.framed != nil {
		return p.framed.text, p.framed.binary
	}
	return p.text, p.binary
}

// parts returns the number of packets of the message.
func (p *pending) parts() int {
	_, binary := p.content()
	if p.bare() {
		return len(binary)
	}
	return 1 + len(binary)
}

// partSize returns the size of a packet in a payload.
func (p *pending) partSize(i int) int {
	text, binary := p.content()
	if p.bare() {
		i++
	}
	if i == 0 {
		return 1 + len(text)
	}
	return 1 + base64.StdEncoding.EncodedLen(len(binary[i-1]))
}

// appendPart appends a packet to a payload.
func (p *pending) appendPart(dst []byte, i int) []byte {
	text, binary := p.content()
	if p.bare() {
		i++
	}
	switch {
	case i > 0:
		return appendBinary(dst, binary[i-1])
	case p.kind != 0:
		return append(appendSeparated(dst), p.kind)
	}
	return appendMessage(dst, text, nil)
}

// endRequests ends what is under way; c.mu is held.
func (p *poller) endRequests() {
	p.cancel()
	p.changed.Broadcast()
}

// farewell tells a server that may not know it that the session has ended.
func (p *poller) farewell() {
	c := p.conn
	c.mu.Lock()
	known := p.said || c.err != nil || c.reason == ReasonTransportClose
	c.mu.Unlock()
	if known {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lingerTime)
	defer cancel()
	_, _ = p.requests.do(ctx, p.url, []byte{packetClose}) // the server finds out by itself too
}

func (p *poller) release() {
	p.cancel()
	p.requests.closeIdle()
}

// pause lets no further request begin, and waits until none is under way. It
// returns true with c.mu held, or false when the change is off: over says that
// it is, or the time has passed, or the connection has ended or is closing.
func (p *poller) pause(over *bool) bool {
	c := p.conn
	c.mu.Lock()
	if c.state != stateOpen || *over {
		c.mu.Unlock()
		return false
	}
	p.pausing = true
	timeUp := false
	timer := time.AfterFunc(c.set.UpgradeTimeout, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		timeUp = true
		p.changed.Broadcast()
	})
	defer timer.Stop()
	for (p.polling || p.posting) && !timeUp && !*over && c.state == stateOpen {
		p.changed.Wait()
	}
	if !timeUp && !*over && c.state == stateOpen {
		return true
	}
	p.pausing = false
	p.changed.Broadcast()
	p.kick()
	c.mu.Unlock()
	return false
}
