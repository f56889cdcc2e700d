package engineio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

var (
	errPostGone    = errors.New("engineio: reading body")
	errPostLeft    = errors.New("engineio: POST was cancelled")
	errContentType = errors.New("engineio: invalid content type")
)

// servePost serves a POST: a payload from the client.
func (s *Server) servePost(w http.ResponseWriter, r *http.Request, c *Conn) {
	if err := c.beginPost(); err != nil {
		code := badRequest
		if errors.Is(err, errEnded) {
			code = unknownSession
		}
		s.refuse(w, r, code, err.Error())
		return
	}
	body, err := s.readBody(w, r, c)
	if err == nil {
		// Handling may take long, and the heartbeat waits for it.
		stop := context.AfterFunc(r.Context(), func() { c.end(ReasonTransportError, errPostLeft) })
		err = c.deliverPayload(body)
		stop()
	}
	c.endPost()
	var large *http.MaxBytesError
	switch {
	case err == nil:
		s.addHeaders(w.Header(), r, false)
		writeOK(w)
	case errors.As(err, &large):
		s.measureRefused(http.StatusRequestEntityTooLarge)
		s.answerEarly(w, r)
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	default:
		c.end(ReasonTransportError, err)
		s.refuse(w, r, badRequest, err.Error())
	}
}

// answerEarly lets an answer leave before the request's body, if it has one, has
// come, for which the HTTP server would wait, and bounds the wait for it afterwards.
// It comes before the answer.
func (s *Server) answerEarly(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 {
		return
	}
	if r.ProtoMajor == 1 { // others don't wait
		w.Header().Set("Connection", "close")
	}
	if r.ContentLength < 0 || r.Close {
		linger(w)
	}
	// An error says that there is no connection to set it on.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.set.ReadTimeout))
}

// linger has the HTTP server close the connection in two steps, the second some time
// after the answer. A client that still sends has its connection reset else, which may
// take the answer with it (RFC 9112, section 9.6). The server does so by itself where
// it can read the rest of the body: not if the client wanted the connection closed, and
// not in chunks after a deadline has passed.
func linger(w http.ResponseWriter) {
	// Nothing but a body that is too large has it do so: this one is.
	_, _ = http.MaxBytesReader(w, io.NopCloser(strings.NewReader("x")), 0).Read(make([]byte, 1))
}

func writeOK(w http.ResponseWriter) {
	h := w.Header()
	// Not text/plain: some browsers would offer it as a download.
	h.Set("Content-Type", "text/html")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", "2")
	_, _ = io.WriteString(w, "ok")
}

// beginPost lets one POST at a time in.
func (c *Conn) beginPost() error {
	c.mu.Lock()
	switch {
	case c.ws.Load() != nil:
		c.mu.Unlock()
		return errUpgraded
	case c.state == stateClosed:
		c.mu.Unlock()
		return errEnded
	case c.poll.posting:
		c.mu.Unlock()
		c.end(ReasonTransportError, errOverlap)
		return errOverlap
	}
	c.poll.posting = true
	c.mu.Unlock()
	return nil
}

// endPost lets the next POST, or the upgrade, go on.
func (c *Conn) endPost() {
	c.mu.Lock()
	c.poll.posting = false
	if c.poll.posted != nil {
		close(c.poll.posted)
		c.poll.posted = nil
	}
	c.mu.Unlock()
}

// readBody reads a body of at most MaxPayload bytes in at most ReadTimeout, and no
// longer than the session lasts.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request, c *Conn) ([]byte, error) {
	if r.Header.Get("Content-Type") == "application/octet-stream" {
		return nil, errContentType // binary payloads were protocol version 3
	}
	limit := int64(s.set.MaxPayload)
	if r.ContentLength > limit {
		return nil, &http.MaxBytesError{Limit: limit}
	}
	rc := http.NewResponseController(w)
	// An error says that there is no connection to set it on.
	_ = rc.SetReadDeadline(time.Now().Add(s.set.ReadTimeout))
	c.whenEnded(func() { _ = rc.SetReadDeadline(longAgo) })
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	c.whenEnded(nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPostGone, err)
	}
	_ = rc.SetReadDeadline(time.Time{}) // handling the packets may take longer
	return body, nil
}

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// whenEnded has f called, with c.mu held, when the session ends, also if it has. It
// replaces what was given before; nil is nothing.
func (c *Conn) whenEnded(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f != nil && c.state == stateClosed {
		f()
		return
	}
	c.poll.cut = f
}

// deliverPayload handles the packets of a payload.
func (c *Conn) deliverPayload(body []byte) error {
	c.mu.Lock()
	if c.state == stateClosed {
		c.mu.Unlock()
		return errEnded
	}
	c.poll.delivering = true
	c.mu.Unlock()

	err := decodePayload(body, func(p packet) bool {
		c.packetIn(p, nil)
		return c.open()
	})
	if err != nil {
		c.end(ReasonParseError, err)
	}

	c.mu.Lock()
	c.poll.delivering = false
	finisher := c.poll.finisher
	c.mu.Unlock()
	if finisher {
		c.finishPolling()
	}
	return err
}
