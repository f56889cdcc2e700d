package engineio

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

var (
	errProxyScheme = errors.New("engineio: scheme of the proxy's URL is neither http nor https")
	errProxyTalks  = errors.New("engineio: the proxy sends more than its answer")
)

// ProxyError is a proxy's refusal to open a tunnel to the server.
type ProxyError struct {
	// Status is the HTTP status of its answer.
	Status int
}

// Error implements error.
func (e *ProxyError) Error() string {
	return fmt.Sprintf("proxy: %d %s", e.Status, http.StatusText(e.Status))
}

// proxyFor returns the proxy for a server; nil: none.
func (o *DialOptions) proxyFor(base *url.URL) (*url.URL, error) {
	find := o.Proxy
	switch {
	case find == nil && o.DialContext != nil:
		return nil, nil
	case find == nil:
		find = http.ProxyFromEnvironment
	}
	return find(&http.Request{Method: http.MethodGet, URL: base, Host: base.Host, Header: http.Header{}})
}

// dialer returns what opens network connections.
func (o *DialOptions) dialer() func(ctx context.Context, network, addr string) (net.Conn, error) {
	if o.DialContext != nil {
		return o.DialContext
	}
	return new(net.Dialer).DialContext
}

// address returns what a URL with a host says to connect to.
func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// reach opens a network connection to the server, through the proxy if there is
// one.
func (o *DialOptions) reach(ctx context.Context, base *url.URL) (net.Conn, error) {
	proxy, err := o.proxyFor(base)
	if err != nil {
		return nil, err
	}
	if proxy == nil {
		return o.dialer()(ctx, "tcp", address(base))
	}
	nc, err := o.reachProxy(ctx, proxy)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = nc.Close() })
	err = tunnel(nc, proxy, address(base))
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	return nc, nil
}

// reachProxy opens a network connection to a proxy, TLS included.
func (o *DialOptions) reachProxy(ctx context.Context, proxy *url.URL) (net.Conn, error) {
	if !isHTTPProxy(proxy) {
		return nil, errProxyScheme
	}
	nc, err := o.dialer()(ctx, "tcp", address(proxy))
	if err == nil && proxy.Scheme == "https" {
		nc, err = o.secure(ctx, nc, proxy)
	}
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	return nc, nil
}

func isHTTPProxy(proxy *url.URL) bool { return proxy.Scheme == "http" || proxy.Scheme == "https" }

// authorize says who asks the proxy, if its URL does.
func authorize(h http.Header, proxy *url.URL) {
	if user := proxy.User; user != nil {
		password, _ := user.Password()
		credentials := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
		h.Set("Proxy-Authorization", "Basic "+credentials)
	}
}

// tunnel has the proxy pass nc on to the server (RFC 9110, section 9.3.6).
func tunnel(nc net.Conn, proxy *url.URL, addr string) error {
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: http.Header{}}
	authorize(req.Header, proxy)
	if err := req.Write(nc); err != nil {
		return fmt.Errorf("proxy: %w", err)
	}
	answer := bufio.NewReader(io.LimitReader(nc, maxResponseHeader))
	res, err := http.ReadResponse(answer, req)
	if err != nil {
		return fmt.Errorf("proxy: %w", err)
	}
	// The body of a refusal is not of interest: the connection is closed.
	switch {
	case res.StatusCode != http.StatusOK:
		return &ProxyError{Status: res.StatusCode}
	case answer.Buffered() > 0:
		return errProxyTalks
	}
	return nil
}

// tlsConfig is TLSConfig for what is spoken here: RFC 6455 is about HTTP/1.1, and
// polling gains nothing by others.
func (o *DialOptions) tlsConfig() *tls.Config {
	config := &tls.Config{}
	if o.TLSConfig != nil {
		config = o.TLSConfig.Clone()
	}
	config.NextProtos = []string{"http/1.1"}
	return config
}

// secure makes TLS of a network connection to a host. It closes nc when it fails.
func (o *DialOptions) secure(ctx context.Context, nc net.Conn, host *url.URL) (net.Conn, error) {
	config := o.tlsConfig()
	if config.ServerName == "" {
		config.ServerName = host.Hostname()
	}
	secure := tls.Client(nc, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = nc.Close()
		return nil, err
	}
	return secure, nil
}
