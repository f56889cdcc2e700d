package engineio

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// httpProxy is a proxy as companies have them: it passes requests on and opens
// tunnels, for those who know the password.
type httpProxy struct {
	url      *url.URL
	tunnels  atomic.Int32
	requests atomic.Int32
}

const proxyUser = "Basic dXNlcjpwYXNz" // user:pass

func newHTTPProxy(t *testing.T, secure bool) *httpProxy {
	t.Helper()
	p := &httpProxy{}
	var busy sync.WaitGroup
	passOn := &http.Transport{}
	ts := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != proxyUser {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		if r.Method == http.MethodConnect {
			p.tunnels.Add(1)
			out, err := net.Dial("tcp", r.Host)
			if err != nil {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			busy.Add(2) // while the server still counts the request
			in, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				busy.Add(-2)
				return
			}
			_, _ = io.WriteString(in, "HTTP/1.1 200 Connection established\r\n\r\n")
			for _, way := range [][2]net.Conn{{out, in}, {in, out}} {
				go func() {
					defer busy.Done()
					_, _ = io.Copy(way[0], way[1])
					_ = way[0].Close()
					_ = way[1].Close()
				}()
			}
			return
		}
		p.requests.Add(1)
		r.RequestURI = ""
		r.Header.Del("Proxy-Authorization")
		res, err := passOn.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
	}))
	if secure {
		ts.StartTLS()
	} else {
		ts.Start()
	}
	t.Cleanup(func() {
		passOn.CloseIdleConnections()
		ts.Close()
		busy.Wait()
	})
	p.url, _ = url.Parse(ts.URL)
	p.url.User = url.UserPassword("user", "pass")
	return p
}

func TestClientGoesThroughAProxy(t *testing.T) {
	for _, test := range []struct {
		name                  string
		secureProxy, secureTo bool
	}{
		{"http by http", false, false},
		{"https by http", false, true},
		{"http by https", true, false},
		{"https by https", true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachTransport(t, func(t *testing.T, transports []string) {
				proxy := newHTTPProxy(t, test.secureProxy)
				h := newHarness(t, ServerOptions{}, echoing)
				to := h.http.URL
				if test.secureTo {
					ts := httptest.NewTLSServer(h.Server)
					t.Cleanup(ts.Close)
					to = ts.URL
				}
				client := dialTo(t, to, DialOptions{
					Transports: transports,
					Proxy:      http.ProxyURL(proxy.url),
					TLSConfig:  &tls.Config{InsecureSkipVerify: true},
				})
				want(t, client.conn.Send([]byte("x"), [][]byte{{1, 2}}, Flags{}), nil)
				want(t, client.next(t), "x")
				last := transports[len(transports)-1]
				eventually(t, "the client is on "+last, func() bool { return client.conn.Transport() == last })
				want(t, client.conn.Send([]byte("y"), nil, Flags{}), nil)
				for client.next(t) != "y" { // echoing says more about binary
				}
				if tunnelled := test.secureTo || last == WebSocket; tunnelled != (proxy.tunnels.Load() > 0) {
					t.Errorf("%d tunnels", proxy.tunnels.Load())
				}
				if plain := !test.secureTo && transports[0] == Polling; plain != (proxy.requests.Load() > 0) {
					t.Errorf("%d requests", proxy.requests.Load())
				}
				client.conn.Close("done")
				client.wantClosed(t, "done")
				receive(t, client.conn.Done(), "end")
			})
		})
	}
}

func TestProxiesThatDoNotHelp(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	stranger := *newHTTPProxy(t, false).url
	stranger.User = nil
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	want(t, err, nil)
	defer silent.Close()
	talking := rawAnswer(t, "HTTP/1.1 200 OK\r\n\r\nand more %s")
	endless := fakeServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 2*maxResponseHeader))
	})
	unknown := errors.New("no idea")
	var refused *ProxyError
	for _, test := range []struct {
		name  string
		proxy func(*http.Request) (*url.URL, error)
		ok    func(error) bool
	}{
		{"wants a password", http.ProxyURL(&stranger), func(err error) bool { return errors.As(err, &refused) && refused.Status == 407 }},
		{"never answers", proxyAt("http://" + silent.Addr().String()), func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }},
		{"says too much", proxyAt(talking), func(err error) bool { return errors.Is(err, errProxyTalks) }},
		{"endless header", proxyAt(endless), func(err error) bool { return err != nil }},
		{"nobody listens", proxyAt("http://127.0.0.1:1"), func(err error) bool { var e *net.OpError; return errors.As(err, &e) }},
		{"another protocol", proxyAt("gopher://127.0.0.1:1"), func(err error) bool { return errors.Is(err, errProxyScheme) }},
		{"the function fails", func(*http.Request) (*url.URL, error) { return nil, unknown }, func(err error) bool { return errors.Is(err, unknown) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := DialOptions{Proxy: test.proxy, HandshakeTimeout: patience}
			if test.name == "never answers" {
				o.HandshakeTimeout = 50 * time.Millisecond
			}
			_, err := Dial(t.Context(), h.http.URL, o, func(*Conn) Handler { t.Error("handler was asked for"); return nil })
			if !test.ok(err) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
	want(t, (&ProxyError{Status: 407}).Error(), "proxy: 407 Proxy Authentication Required")
}

func proxyAt(rawURL string) func(*http.Request) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	return func(*http.Request) (*url.URL, error) { return u, err }
}

// Connections that the application opens itself are not sent through the
// environment's proxy.
func TestDialContextIsNotSentThroughTheEnvironmentsProxy(t *testing.T) {
	o := DialOptions{DialContext: new(net.Dialer).DialContext}
	proxy, err := o.proxyFor(&url.URL{Scheme: "http", Host: "example.com"})
	want(t, proxy == nil && err == nil, true)
}

// roundTripper counts requests.
type roundTripper struct {
	http.RoundTripper
	n atomic.Int32
}

func (r *roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	r.n.Add(1)
	return r.RoundTripper.RoundTrip(req)
}

func TestClientUsesTheApplicationsHTTPClient(t *testing.T) {
	h := newHarness(t, ServerOptions{PingInterval: 50 * time.Millisecond, Cookie: &Cookie{Name: "io"}}, echoing)
	network := &http.Transport{}
	defer network.CloseIdleConnections()
	counting := &roundTripper{RoundTripper: network}
	jar, err := cookiejar.New(nil)
	want(t, err, nil)
	own := &http.Client{Transport: counting, Jar: jar, Timeout: 10 * time.Millisecond}
	client := dialTo(t, h.http.URL, DialOptions{Transports: []string{Polling}, HTTPClient: own})
	time.Sleep(120 * time.Millisecond) // polls last longer than its Timeout
	want(t, client.conn.Send([]byte("x"), nil, Flags{}), nil)
	want(t, client.next(t), "x")
	if n := counting.n.Load(); n < 3 {
		t.Errorf("%d requests", n)
	}
	u, _ := url.Parse(h.http.URL)
	want(t, len(jar.Cookies(u)), 1)
	want(t, own.Timeout == 10*time.Millisecond && own.CheckRedirect == nil, true)
}
