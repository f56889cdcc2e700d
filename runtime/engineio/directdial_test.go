package engineio

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// directOf returns what a client makes its polls with; nil: net/http makes them.
func directOf(r *requester) *direct {
	switch rt := r.client.Transport.(type) {
	case *direct:
		return rt
	case *split:
		return rt.polls
	}
	return nil
}

// What the application's transport does about polls is done for it where that can
// be, and left to it where not.
func TestWhoPolls(t *testing.T) {
	plain := rawAnswers(t, "HTTP/1.1 200 OK\r\n"+sized("hello"), true).url
	old := rawAnswers(t, "HTTP/1.0 200 OK\r\n"+sized("hello"), false).url
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	secure := httptest.NewTLSServer(hello)
	defer secure.Close()
	both := httptest.NewUnstartedServer(hello)
	both.EnableHTTP2 = true
	both.StartTLS()
	defer both.Close()
	parse := func(s string) *url.URL { u, _ := url.Parse(s); return u }
	proxy, safer := newHTTPProxy(t, false), newHTTPProxy(t, true)
	anyone := &tls.Config{InsecureSkipVerify: true}
	dialer := new(net.Dialer)
	dialTLS := func(config *tls.Config) func(context.Context, string, string) (net.Conn, error) {
		return (&tls.Dialer{Config: config}).DialContext
	}
	for name, test := range map[string]struct {
		o      DialOptions
		to     *url.URL
		direct bool
	}{
		"default":            {DialOptions{}, plain, true},
		"default, TLS":       {DialOptions{TLSConfig: anyone}, parse(secure.URL), true},
		"default, HTTP/2":    {DialOptions{TLSConfig: anyone}, parse(both.URL), true},
		"default, HTTP/1.0":  {DialOptions{}, old, true},
		"proxy":              {DialOptions{Proxy: http.ProxyURL(proxy.url)}, plain, true},
		"proxy, TLS":         {DialOptions{Proxy: http.ProxyURL(safer.url), TLSConfig: anyone}, plain, true},
		"SOCKS":              {DialOptions{Proxy: proxyAt("socks5://" + newSOCKS(t))}, plain, false},
		"tunnel":             {DialOptions{Proxy: http.ProxyURL(proxy.url), TLSConfig: anyone}, parse(secure.URL), true},
		"own":                {client(&http.Transport{}), plain, true},
		"own, HTTP/1.0":      {client(&http.Transport{}), old, true},
		"own, none":          {DialOptions{HTTPClient: &http.Client{}}, plain, true},
		"own, TLS":           {client(&http.Transport{TLSClientConfig: anyone}), parse(secure.URL), true},
		"own, offers HTTP/2": {client(&http.Transport{TLSClientConfig: anyone.Clone(), ForceAttemptHTTP2: true}), parse(secure.URL), true},
		"own, HTTP/2":        {client(&http.Transport{TLSClientConfig: anyone.Clone(), ForceAttemptHTTP2: true}), parse(both.URL), false},
		"own, DialContext":   {client(&http.Transport{DialContext: dialer.DialContext}), plain, true},
		"own, DialTLSContext": {client(&http.Transport{DialTLSContext: dialTLS(anyone)}),
			parse(both.URL), true},
		"own, proxy":    {client(&http.Transport{Proxy: http.ProxyURL(proxy.url)}), plain, false},
		"own, no proxy": {client(&http.Transport{Proxy: http.ProxyURL(nil)}), plain, true},
		"own, bounded":  {client(&http.Transport{MaxConnsPerHost: 10}), plain, false},
		//lint:ignore SA1019 applications may still set it
		"own, Dial":        {client(&http.Transport{Dial: dialer.Dial}), plain, false},
		"own RoundTripper": {client(&roundTripper{RoundTripper: http.DefaultTransport}), plain, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := test.o.requester(test.to, 1000)
			defer r.closeIdle()
			if own := test.o.HTTPClient; own != nil {
				defer own.CloseIdleConnections()
			}
			for range 3 {
				body, err := r.do(t.Context(), test.to, nil)
				want(t, err, nil)
				want(t, string(body), "hello")
			}
			d := directOf(r)
			used := d != nil && (len(d.idle) == 1 || test.to == old)
			want(t, used, test.direct)
		})
	}
	want(t, []int32{proxy.tunnels.Load(), proxy.requests.Load(), safer.requests.Load()}, []int32{1, 6, 3})
}

// newSOCKS is a proxy of another protocol (RFC 1928) that asks for no password.
func newSOCKS(t *testing.T) (addr string) {
	t.Helper()
	ln := listen(t)
	var busy sync.WaitGroup
	t.Cleanup(func() {
		_ = ln.Close()
		busy.Wait()
	})
	busy.Go(func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			busy.Go(func() {
				defer in.Close()
				greeting, request := make([]byte, 3), make([]byte, 10) // to an IPv4 address
				_, _ = io.ReadFull(in, greeting)
				_, _ = in.Write([]byte{5, 0})
				_, _ = io.ReadFull(in, request)
				to := net.TCPAddr{IP: request[4:8], Port: int(request[8])<<8 | int(request[9])}
				out, err := net.Dial("tcp", to.String())
				if err != nil {
					t.Error(err)
					return
				}
				defer out.Close()
				_, _ = in.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
				busy.Go(func() {
					_, _ = io.Copy(in, out)
					_ = in.Close()
				})
				_, _ = io.Copy(out, in)
			})
		}
	})
	return ln.Addr().String()
}

// client returns options with a client of the application's.
func client(rt http.RoundTripper) DialOptions {
	return DialOptions{HTTPClient: &http.Client{Transport: rt}}
}

// Names that are resolved in another form are net/http's.
func TestNamesThatAreNotASCII(t *testing.T) {
	base := &url.URL{Scheme: "http", Host: "bücher.example", Path: "/"}
	_, plain := (&DialOptions{}).requester(base, 1000).client.Transport.(*http.Transport)
	want(t, plain, true)
	want(t, splitFor(nil, base) == nil, true)
}

// The settings of the application's transport hold for polls.
func TestPollsAreAsTheTransportSays(t *testing.T) {
	s := rawAnswers(t, "HTTP/1.1 200 OK\r\n"+sized("hello"), true)
	for name, test := range map[string]struct {
		transport *http.Transport
		asks      string
		conns     int32 // for three polls
	}{
		"default":            {&http.Transport{}, "GET gzip ", 1},
		"DisableCompression": {&http.Transport{DisableCompression: true}, "GET  ", 1},
		"DisableKeepAlives":  {&http.Transport{DisableKeepAlives: true}, "GET gzip close", 3},
		"none idle":          {&http.Transport{MaxIdleConnsPerHost: -1}, "GET gzip close", 3},
	} {
		t.Run(name, func(t *testing.T) {
			o := client(test.transport)
			r := o.requester(s.url, 1000)
			_, err := r.do(t.Context(), s.url, nil) // as the handshake
			want(t, err, nil)
			<-s.asked
			before := s.conns.Load()
			for range 3 {
				_, err := r.do(t.Context(), s.url, nil)
				want(t, err, nil)
				want(t, <-s.asked, test.asks)
			}
			want(t, s.conns.Load()-before, test.conns)
			r.closeIdle()
			test.transport.CloseIdleConnections()
		})
	}
	t.Run("IdleConnTimeout", func(t *testing.T) {
		d := directLike(&http.Transport{IdleConnTimeout: 5 * time.Millisecond})
		for len(s.closed) > 0 {
			<-s.closed
		}
		res, err := (&http.Client{Transport: d}).Get(s.url.String())
		want(t, err, nil)
		_, _ = io.Copy(io.Discard, res.Body)
		want(t, res.Body.Close(), nil)
		receive(t, s.closed, "close of the connection")
	})
}

// So do its time limits.
func TestPollsEndWhenTheTransportSays(t *testing.T) {
	isLate := func(t *testing.T, err error) {
		t.Helper()
		var late net.Error
		if !errors.As(err, &late) || !late.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%T %v", err, err)
		}
	}
	t.Run("header", func(t *testing.T) {
		s := heldBack(t, "HTTP/1.1 200 OK\r\nX: ")
		_, err := (&http.Client{Transport: directLike(&http.Transport{ResponseHeaderTimeout: 10 * time.Millisecond})}).Get(s.url.String())
		isLate(t, err)
		receive(t, s.closed, "close of the connection")
	})
	t.Run("not the body", func(t *testing.T) {
		s := newRawHTTP(t, listen(t), func(_ int, _ *http.Request, nc net.Conn) bool {
			_, _ = io.WriteString(nc, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")
			time.Sleep(300 * time.Millisecond)
			_, _ = io.WriteString(nc, "llo")
			return false
		})
		res, err := (&http.Client{Transport: directLike(&http.Transport{ResponseHeaderTimeout: 200 * time.Millisecond})}).Get(s.url.String())
		want(t, err, nil)
		b, err := io.ReadAll(res.Body)
		want(t, err, nil)
		want(t, string(b), "hello")
	})
	t.Run("TLS", func(t *testing.T) {
		ln := listen(t)
		defer ln.Close()
		_, err := (&http.Client{Transport: directLike(&http.Transport{TLSHandshakeTimeout: 10 * time.Millisecond})}).Get("https://" + ln.Addr().String())
		isLate(t, err)
	})
}

// A dialer may agree with a server on HTTP/2 when it has not before.
func TestServerThatComesToHTTP2(t *testing.T) {
	ts := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	ts.EnableHTTP2 = true
	ts.StartTLS()
	defer ts.Close()
	base, _ := url.Parse(ts.URL)
	dials := 0
	transport := &http.Transport{ForceAttemptHTTP2: true, DialTLSContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}}
		if dials++; dials == 1 {
			config.NextProtos = []string{"http/1.1"}
		}
		return (&tls.Dialer{Config: config}).DialContext(ctx, network, addr)
	}}
	defer transport.CloseIdleConnections()
	o := client(transport)
	r := o.requester(base, 1000)
	for range 3 {
		_, err := r.do(t.Context(), base, nil)
		want(t, err, nil)
	}
	want(t, directOf(r) == nil, true)
	want(t, dials, 2) // the first connection is used again
}

// TLS that fails costs an error, and no connection is left open.
func TestDirectTLSFails(t *testing.T) {
	ts := httptest.NewTLSServer(nil)
	defer ts.Close()
	ts.Config.ErrorLog = nil
	base, _ := url.Parse(ts.URL)
	var unknown *tls.CertificateVerificationError
	for _, rt := range []http.RoundTripper{directLike(&http.Transport{}), directLike(&http.Transport{DialTLSContext: (&tls.Dialer{}).DialContext})} {
		_, err := (&http.Client{Transport: rt}).Get(base.String())
		want(t, errors.As(err, &unknown), true)
	}
	plain := rawAnswers(t, "HTTP/1.1 200 OK\r\n"+sized("hello"), false)
	_, err := (&http.Client{Transport: directLike(&http.Transport{})}).Get("https://" + plain.url.Host)
	if err == nil {
		t.Error("no TLS, and no error")
	}
}

// Polls bring cookies and take them along, whoever makes them.
func TestCookiesOfPolls(t *testing.T) {
	for name, own := range map[string]*http.Client{"default": nil, "HTTPClient": {Transport: &http.Transport{}}} {
		t.Run(name, func(t *testing.T) {
			if own != nil {
				defer own.CloseIdleConnections()
			}
			var polls atomic.Int32
			posted := make(chan string, 1)
			u := fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Query().Get("sid") == "":
					http.SetCookie(w, &http.Cookie{Name: "node", Value: "1", Path: "/"})
					_, _ = io.WriteString(w, fakeOpen)
				case r.Method == http.MethodPost:
					posted <- r.Header.Get("Cookie")
				case polls.Add(1) == 1:
					want(t, r.Header.Get("Cookie"), "node=1")
					http.SetCookie(w, &http.Cookie{Name: "node", Value: "2", Path: "/"})
					_, _ = io.WriteString(w, "4one")
				case polls.Load() == 2:
					_, _ = io.WriteString(w, "4"+r.Header.Get("Cookie"))
				default:
					<-r.Context().Done()
				}
			})
			c := dialTo(t, u, DialOptions{Transports: []string{Polling}, HTTPClient: own})
			want(t, c.next(t), "one")
			want(t, c.next(t), "node=2")
			want(t, c.conn.Send([]byte("x"), nil, Flags{}), nil)
			want(t, receive(t, posted, "post"), "node=2")
		})
	}
}

// A poll that is sent elsewhere ends the session.
func TestPollsAreNotRedirected(t *testing.T) {
	var polls atomic.Int32
	u := fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("sid") == "" {
			_, _ = io.WriteString(w, fakeOpen)
			return
		}
		polls.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	err := dialTo(t, u, byPolling).wantClosed(t, ReasonTransportError)
	want(t, err != nil && strings.Contains(err.Error(), "307"), true)
	want(t, polls.Load(), 1)
}
