package engineio

import (
	"errors"
	"net/http"
	"time"
)

var (
	errOverlap  = errors.New("engineio: overlapping requests")
	errPollGone = errors.New("engineio: poll was cancelled")
	errEnded    = errors.New("engineio: session has ended")
	errUpgraded = errors.New("engineio: session uses WebSocket")
)

// servePoll serves a GET: it waits for something to send.
func (s *Server) servePoll(w http.ResponseWriter, r *http.Request, c *Conn) {
	rc := http.NewResponseController(w)
	if r.ContentLength == 0 {
		// The HTTP server's timeouts are for requests that are answered at once; an
		// error says that there are none to set.
		_ = rc.SetReadDeadline(time.Time{})
	}
	p, last, err := c.awaitPayload(r)
	switch {
	case errors.Is(err, errEnded) && s.depart(c.id):
		// The session was forgotten after this poll had found it.
		s.addHeaders(w.Header(), r, false)
		writePayload(w, []byte{packetNoop})
	case errors.Is(err, errEnded):
		s.refuse(w, r, unknownSession, err.Error())
	case err != nil:
		s.refuse(w, r, badRequest, err.Error())
	default:
		_ = rc.SetWriteDeadline(time.Now().Add(s.set.WriteTimeout))
		s.addHeaders(w.Header(), r, false)
		s.writePolled(w, r, p)
	}
	if last {
		c.end(ReasonForcedClose, nil)
	}
}

// awaitPayload waits until a GET can be answered. last says that the answer
// completes an orderly close.
func (c *Conn) awaitPayload(r *http.Request) (out payload, last bool, err error) {
	c.mu.Lock()
	p := c.poll
	switch {
	case c.ws.Load() != nil:
		c.mu.Unlock()
		return out, false, errUpgraded
	case c.state == stateClosed:
		c.mu.Unlock()
		if c.owesAnswer() {
			return single(packetNoop), false, nil
		}
		return out, false, errEnded
	case p.polling:
		c.mu.Unlock()
		c.end(ReasonTransportError, errOverlap)
		return out, false, errOverlap
	}
	p.polling = true
	late := p.probe != nil // came during an upgrade
	var held <-chan time.Time
	for holding := late; ; {
		out, last, err = c.pollAnswer(late, holding)
		if out.bytes != nil || err != nil {
			p.polling = false
			c.mu.Unlock()
			return out, last, err
		}
		if holding && p.answered && held == nil {
			held = time.After(c.set.pollHold) // from when the client can have ended the upgrade
		}
		c.mu.Unlock()
		select {
		case <-p.wake:
		case <-held:
			holding = false
		case <-r.Context().Done():
			c.pollCancelled()
			return out, false, errPollGone
		}
		c.mu.Lock()
	}
}

// single is the payload of one packet without data.
func single(kind byte) payload { return payload{bytes: []byte{kind}} }

// pollAnswer returns what an open GET is to be answered, if anything yet. c.mu
// is held.
func (c *Conn) pollAnswer(late, holding bool) (out payload, last bool, err error) {
	p := c.poll
	switch {
	case c.ws.Load() != nil && late:
		return out, false, errUpgraded
	case c.ws.Load() != nil:
		return single(packetNoop), false, nil
	case c.state == stateClosed:
		return single(p.answer), false, nil
	case c.state == stateClosing:
		out = p.takePayload()
		out.bytes, out.framed = append(appendSeparated(out.bytes), packetClose), nil
		return out, true, nil
	case len(p.queue) > 0:
		return p.takePayload(), false, nil
	case p.answered && !holding:
		return single(packetNoop), false, nil
	}
	return out, false, nil
}

// pollCancelled ends the session when its client gave up a poll: what was sent
// with it would be lost.
func (c *Conn) pollCancelled() {
	c.mu.Lock()
	c.poll.polling = false
	upgraded := c.ws.Load() != nil
	c.mu.Unlock()
	if !upgraded {
		c.end(ReasonTransportError, errPollGone)
	}
}
