package engineio

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxIdleConns is how many network connections of a session wait for a request: it
// makes two at a time, one that polls and one that posts.
const maxIdleConns = 2

var errBadHeader = errors.New("engineio: invalid header")

// direct is an http.RoundTripper that speaks HTTP/1.1 with one server. Unlike
// http.Transport it needs no goroutines for a network connection, for whoever makes
// a request reads the answer: of a session on polling nearly all there is is a poll
// that waits, and two goroutines with their buffers would wait with each.
//
// No request is repeated. The body of an answer must be read to its end, or closed,
// by one goroutine.
type direct struct {
	// dial opens a network connection to the server of a URL, or to proxy, TLS included.
	dial     func(ctx context.Context, u *url.URL) (net.Conn, error)
	proxy    *url.URL      // what reads the requests, and passes them on; nil: the server does
	idleTime time.Duration // how long a connection waits for the next request; 0: for ever
	// headerTime is how long the header of the answer to a GET may take from when that
	// was written; 0: for ever.
	headerTime  time.Duration
	headerLimit int64 // bytes of an answer's header
	noGzip      bool  // answers are not asked for in gzip
	once        bool  // each request has a connection of its own

	mu     sync.Mutex
	idle   []*directConn // the latest last
	closed bool          // none waits any more
}

// RoundTrip implements http.RoundTripper.
func (d *direct) RoundTrip(req *http.Request) (*http.Response, error) {
	c, err := d.conn(req)
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	return c.roundTrip(req)
}

// conn returns a connection for a request.
func (d *direct) conn(req *http.Request) (*directConn, error) {
	if err := validHeader(req.Header); err != nil {
		return nil, err
	}
	ctx := req.Context()
	for c := d.take(); c != nil; c = d.take() {
		if c.quiet() {
			return c, nil
		}
		_ = c.close()
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	nc, err := d.dial(ctx, req.URL)
	if err != nil {
		return nil, err
	}
	return &directConn{owner: d, nc: nc}, nil
}

// take returns a connection that waits for a request, or nil.
func (d *direct) take() *directConn {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.idle) == 0 {
		return nil
	}
	c := d.idle[len(d.idle)-1]
	d.idle[len(d.idle)-1] = nil
	d.idle = d.idle[:len(d.idle)-1]
	stopTimer(c.timer)
	return c
}

// put has a connection wait for the next request. It returns false when it must not.
func (d *direct) put(c *directConn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.once || len(d.idle) == maxIdleConns {
		return false
	}
	c.since = time.Now()
	d.idle = append(d.idle, c)
	if d.idleTime > 0 {
		c.timer = time.AfterFunc(d.idleTime, func() { d.expire(c) })
	}
	return true
}

// expire closes a connection that has waited long enough.
func (d *direct) expire(c *directConn) {
	d.mu.Lock()
	i := slices.Index(d.idle, c)
	// It may have been taken, and be waiting again, since the timer fired.
	if i < 0 || time.Since(c.since) < d.idleTime {
		d.mu.Unlock()
		return
	}
	d.idle = slices.Delete(d.idle, i, i+1)
	d.mu.Unlock()
	_ = c.close()
}

// closeIdle closes the connections that wait for a request, and has no more wait.
func (d *direct) closeIdle() {
	d.mu.Lock()
	idle := d.idle
	d.idle, d.closed = nil, true
	d.mu.Unlock()
	for _, c := range idle {
		stopTimer(c.timer)
		_ = c.close()
	}
}

// validHeader is what http.Transport asks of a header, which it would else send
// otherwise than the application has it (RFC 9110, section 5).
func validHeader(h http.Header) error {
	for name, values := range h {
		if name == "" || strings.ContainsFunc(name, notInToken) {
			return fmt.Errorf("%w %q", errBadHeader, name)
		}
		for _, value := range values {
			if strings.ContainsFunc(value, isControl) {
				return fmt.Errorf("%w: value of %q", errBadHeader, name) // which may be a secret
			}
		}
	}
	return nil
}

// notInToken reports whether a token can't have a character (RFC 9110, section 5.6.2).
func notInToken(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
