package engineio

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"
)

// defaultResponseHeader is what http.Transport.MaxResponseHeaderBytes is by default.
const defaultResponseHeader = 10 << 20

const errTLSLate = lateError("engineio: the TLS handshake took too long")

// errNotHTTP1 is a connection on which both ends have agreed on something else.
var errNotHTTP1 = errors.New("engineio: the server does not speak HTTP/1.1")

// transport returns what makes requests to the server where the application doesn't
// say what does, and what closes its idle network connections. net/http knows more
// kinds of proxies and names.
func (o *DialOptions) transport(base *url.URL) (http.RoundTripper, func()) {
	proxy, err := o.proxyFor(base)
	if err != nil || proxy != nil && !isHTTPProxy(proxy) || !isASCII(base.Host) {
		t := &http.Transport{
			Proxy:                  func(*http.Request) (*url.URL, error) { return o.proxyFor(base) },
			DialContext:            o.dialer(),
			TLSClientConfig:        o.tlsConfig(),
			IdleConnTimeout:        idleConnTime,
			MaxResponseHeaderBytes: maxResponseHeader,
		}
		return t, t.CloseIdleConnections
	}
	d := &direct{
		dial:        o.connect,
		idleTime:    idleConnTime,
		headerLimit: maxResponseHeader,
	}
	if proxy != nil && base.Scheme == "http" { // with https connect has a tunnel
		d.proxy = proxy
		d.dial = func(ctx context.Context, _ *url.URL) (net.Conn, error) { return o.reachProxy(ctx, proxy) }
	}
	return d, d.closeIdle
}

// isASCII is false of names that are resolved in another form (RFC 5891), which
// net/http makes.
func isASCII(host string) bool {
	return len(host) == utf8.RuneCountInString(host)
}

// split is the application's http.Transport, but for polls over HTTP/1.1: while one
// waits the transport would have two goroutines for it. Which protocol the server
// speaks is known from the answer to the first request, a GET. No other GET is made
// at the same time.
type split struct {
	transport *http.Transport
	polls     *direct // nil: the transport polls, too
	known     bool    // that it does
}

// splitFor returns nil when the transport is not one whose polls can be made
// otherwise.
func splitFor(rt http.RoundTripper, base *url.URL) *split {
	if rt == nil {
		rt = http.DefaultTransport
	}
	t, ok := rt.(*http.Transport)
	// Only the transport can count connections, and end what dials without a context.
	//lint:ignore SA1019 applications may still set Dial and DialTLS
	if !ok || t.MaxConnsPerHost > 0 || t.Dial != nil || t.DialTLS != nil || !isASCII(base.Host) {
		return nil
	}
	return &split{transport: t}
}

// RoundTrip implements http.RoundTripper.
func (s *split) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet || s.known && s.polls == nil || s.proxied(req) {
		return s.transport.RoundTrip(req)
	}
	if !s.known {
		res, err := s.transport.RoundTrip(req)
		if err == nil {
			s.known = true
			if res.ProtoMajor == 1 {
				s.polls = directLike(s.transport)
			}
		}
		return res, err
	}
	res, err := s.polls.RoundTrip(req)
	if errors.Is(err, errNotHTTP1) {
		s.polls = nil
		return s.transport.RoundTrip(req)
	}
	return res, err
}

// proxied reports whether a proxy has a say.
func (s *split) proxied(req *http.Request) bool {
	if s.transport.Proxy == nil {
		return false
	}
	proxy, err := s.transport.Proxy(req)
	return proxy != nil || err != nil
}

func (s *split) closeIdle() {
	if s.polls != nil {
		s.polls.closeIdle()
	}
}

// directLike returns what makes requests as a transport does that has spoken HTTP/1.1.
func directLike(t *http.Transport) *direct {
	limit := t.MaxResponseHeaderBytes
	if limit <= 0 {
		limit = defaultResponseHeader
	}
	return &direct{
		dial:        func(ctx context.Context, u *url.URL) (net.Conn, error) { return connectLike(ctx, t, u) },
		idleTime:    t.IdleConnTimeout,
		headerTime:  t.ResponseHeaderTimeout,
		headerLimit: limit,
		noGzip:      t.DisableCompression,
		once:        t.DisableKeepAlives || t.MaxIdleConnsPerHost < 0,
	}
}

// connectLike opens a network connection as a transport does, to speak HTTP/1.1.
func connectLike(ctx context.Context, t *http.Transport, u *url.URL) (net.Conn, error) {
	dial := t.DialContext
	switch {
	case u.Scheme == "https" && t.DialTLSContext != nil:
		nc, err := t.DialTLSContext(ctx, "tcp", address(u))
		secure, ok := nc.(*tls.Conn)
		if err != nil || !ok {
			return nc, err
		}
		return agree(ctx, secure)
	case dial == nil:
		dial = new(net.Dialer).DialContext
	}
	nc, err := dial(ctx, "tcp", address(u))
	if err != nil || u.Scheme != "https" {
		return nc, err
	}
	config := &tls.Config{}
	if t.TLSClientConfig != nil {
		config = t.TLSClientConfig.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = u.Hostname()
	}
	config.NextProtos = slices.DeleteFunc(slices.Clone(config.NextProtos), func(p string) bool { return p == "h2" })
	if t.TLSHandshakeTimeout > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, t.TLSHandshakeTimeout, errTLSLate)
		defer cancel()
		ctx = limited
	}
	return agree(ctx, tls.Client(nc, config))
}

// agree makes the handshake of TLS. It closes the connection when that fails.
func agree(ctx context.Context, secure *tls.Conn) (net.Conn, error) {
	err := secure.HandshakeContext(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err == nil && secure.ConnectionState().NegotiatedProtocol == "h2" {
		err = errNotHTTP1
	}
	if err != nil {
		_ = secure.NetConn().Close()
		return nil, err
	}
	return secure, nil
}
