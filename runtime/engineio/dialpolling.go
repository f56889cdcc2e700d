package engineio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"
)

const (
	// pollBodies is how many messages of MaxPayload the answer to a poll may hold.
	pollBodies = 16
	// maxRefusal bounds how much is read of an answer that says why not.
	maxRefusal = 1 << 10
	// idleConnTime is how long a network connection is kept for the next request:
	// less than what servers keep theirs, so that none is closed just as it is used
	// again. Node.js keeps them for 5 s.
	idleConnTime = 4 * time.Second
)

var errBodyTooLong = errors.New("engineio: answer is too long")

// requester makes the HTTP requests of one session.
type requester struct {
	client *http.Client
	header http.Header
	limit  int64 // bytes of an answer
	// closeIdle closes the network connections that no request uses.
	closeIdle func()
}

// requester returns what makes requests to the server. Cookies that the server
// sets are sent back to it, so that a load balancer finds the session.
func (o *DialOptions) requester(base *url.URL, maxPayload int) *requester {
	client, closeIdle := &http.Client{}, func() {}
	if o.HTTPClient != nil {
		*client = *o.HTTPClient
		client.Timeout = 0
		if split := splitFor(client.Transport, base); split != nil {
			client.Transport, closeIdle = split, split.closeIdle
		}
	} else {
		client.Transport, closeIdle = o.transport(base)
	}
	if client.Jar == nil {
		client.Jar, _ = cookiejar.New(nil) // the error is always nil
	}
	// Of a session's requests none can go elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	header := o.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Del("Accept-Encoding") // the transport's own is decompressed by it
	return &requester{client, header, pollBodies * int64(maxPayload), closeIdle}
}

// onceOnly is an empty body that net/http can't send again: it would repeat a
// GET on another connection when one is lost, and what the server answered the
// first time would be lost without a trace.
type onceOnly struct{}

func (onceOnly) Read([]byte) (int, error) { return 0, io.EOF }
func (onceOnly) Close() error             { return nil }

// do makes a request, a POST if there is a body, and returns the answer's body.
func (r *requester) do(ctx context.Context, u *url.URL, body []byte) ([]byte, error) {
	req := (&http.Request{Method: http.MethodGet, URL: u, Header: r.header.Clone(), Body: onceOnly{}, Host: r.header.Get("Host")}).WithContext(ctx)
	if body != nil {
		req.Method, req.Body, req.ContentLength = http.MethodPost, io.NopCloser(bytes.NewReader(body)), int64(len(body))
		req.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	res, err := r.client.Do(req)
	var failed *url.Error
	if errors.As(err, &failed) {
		return nil, failed.Err // without the URL, which has the session id
	}
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, &statusError{res.StatusCode, refusalOf(res)}
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, r.limit+1))
	if err == nil && int64(len(answer)) > r.limit {
		err = errBodyTooLong
	}
	return answer, err
}

// statusError is an answer that is not 200.
type statusError struct {
	status int
	why    error
}

func (e *statusError) Error() string { return e.why.Error() }

// refusalOf reads why a server refuses.
func refusalOf(res *http.Response) error {
	b, _ := io.ReadAll(io.LimitReader(res.Body, maxRefusal))
	var refusal struct{ Message string }
	if json.Unmarshal(b, &refusal) == nil && refusal.Message != "" {
		return fmt.Errorf("%s: %s", res.Status, refusal.Message)
	}
	return errors.New(res.Status)
}

// dialPolling opens a connection on polling. upgrade says whether it may become
// a WebSocket.
func (o *DialOptions) dialPolling(ctx context.Context, base *url.URL, upgrade bool, handler func(*Conn) Handler) (*Conn, error) {
	c := newConn(o.clientSettings(), func() {}, func() {})
	requests := o.requester(base, c.set.MaxPayload)
	d, rest, err := openByPolling(ctx, requests, base)
	if err != nil {
		requests.closeIdle()
		return nil, orCause(ctx, err)
	}
	c.opened(d)
	p := newPoller(c, requests, requestURL(base, Polling, d.SID), d.MaxPayload)
	c.poll = newPollState()
	c.poll.client = p
	c.measureOpened()
	c.hand(handler(c))()
	c.startHeartbeat()
	if upgrade && offersUpgrade(d.Upgrades) {
		go p.upgrade(o, base)
	} else {
		close(p.probed)
	}
	go p.run(rest)
	if ctx.Err() != nil {
		c.end(ReasonTransportError, ctx.Err())
		return nil, ctx.Err()
	}
	return c, nil
}

// openByPolling makes the first request. Its answer may hold more than the
// handshake.
func openByPolling(ctx context.Context, requests *requester, base *url.URL) (d handshakeData, rest []byte, err error) {
	body, err := requests.do(ctx, requestURL(base, Polling, ""), nil)
	var refused *statusError
	if errors.As(err, &refused) {
		return d, nil, &HandshakeError{Status: refused.status, Err: refused.why}
	}
	if err != nil {
		return d, nil, err
	}
	first, rest, more := bytes.Cut(body, []byte{separator})
	p, err := decodeText(first)
	d, ok := readHandshake(p)
	if err != nil || !ok {
		return d, nil, &HandshakeError{Status: http.StatusOK, Err: errNoOpenPacket}
	}
	if !more {
		rest = nil
	}
	return d, rest, nil
}

func offersUpgrade(upgrades []string) bool {
	for _, transport := range upgrades {
		if transport == WebSocket {
			return true
		}
	}
	return false
}
