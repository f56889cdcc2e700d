package engineio

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// rawHTTP is a server whose answers are bytes.
type rawHTTP struct {
	url     *url.URL
	conns   atomic.Int32  // that were opened
	asked   chan string   // a line for each request
	closed  chan struct{} // a value for each connection that the client closed
	serving sync.WaitGroup
}

// newRawHTTP has answer answer each request, given its number, from 1, on its
// connection; then the connection is closed unless it returned true.
func newRawHTTP(t *testing.T, ln net.Listener, answer func(i int, r *http.Request, nc net.Conn) bool) *rawHTTP {
	t.Helper()
	s := &rawHTTP{asked: make(chan string, 1024), closed: make(chan struct{}, 1024)}
	var requests atomic.Int32
	s.serving.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			s.conns.Add(1)
			s.serving.Go(func() {
				defer nc.Close()
				for br := bufio.NewReader(nc); ; {
					r, err := http.ReadRequest(br)
					if err != nil {
						s.closed <- struct{}{}
						return
					}
					s.asked <- fmt.Sprint(r.Method, " ", r.Header.Get("Accept-Encoding"), " ", r.Header.Get("Connection"))
					if !answer(int(requests.Add(1)), r, nc) {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		s.serving.Wait()
	})
	s.url = &url.URL{Scheme: "http", Host: ln.Addr().String(), Path: "/"}
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	want(t, err, nil)
	return ln
}

// rawAnswers has each request answered with the same.
func rawAnswers(t *testing.T, answer string, goOn bool) *rawHTTP {
	t.Helper()
	return newRawHTTP(t, listen(t), func(_ int, _ *http.Request, nc net.Conn) bool {
		_, err := io.WriteString(nc, answer)
		return goOn && err == nil
	})
}

// requesters are the ways in which a client makes requests that are direct. The
// application's transport is direct once the handshake was answered.
func requesters(t *testing.T, base *url.URL, handshake bool, test func(t *testing.T, r *requester)) {
	t.Run("default", func(t *testing.T) {
		r := (&DialOptions{}).requester(base, 1000)
		defer r.closeIdle()
		test(t, r)
	})
	t.Run("HTTPClient", func(t *testing.T) {
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		r := (&DialOptions{HTTPClient: &http.Client{Transport: transport}}).requester(base, 1000)
		defer r.closeIdle()
		if handshake {
			split := r.client.Transport.(*split)
			split.known, split.polls = true, directLike(transport)
		}
		test(t, r)
	})
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

func chunked(text string) string {
	half := len(text) / 2
	return fmt.Sprintf("%x\r\n%s\r\n%x;ext=1\r\n%s\r\n0\r\nTrailer: x\r\n\r\n", half, text[:half], len(text)-half, text[half:])
}

func sized(text string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(text), text) }

// A connection has the next request when the answer is whole and both ends would
// have it, and is closed else.
func TestDirectAnswers(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	long := strings.Repeat("long ", 1000)
	status := func(code int) func(error) bool {
		return func(err error) bool {
			var e *statusError
			return errors.As(err, &e) && e.status == code
		}
	}
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	some := func(err error) bool { return err != nil }
	for _, test := range []struct {
		name, answer string
		body         string
		fails        func(error) bool
		again        bool // on the same connection
	}{
		{"length", ok + sized("hello"), "hello", nil, true},
		{"longer than any buffer", ok + sized(long), long, nil, true},
		{"empty", ok + sized(""), "", nil, true},
		{"chunks", ok + "Transfer-Encoding: chunked\r\n\r\n" + chunked(long), long, nil, true},
		{"no chunk", ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", nil, true},
		{"gzip", ok + "Content-Encoding: gzip\r\n" + sized(zipped("hello")), "hello", nil, true},
		{"gzip in chunks", ok + "Content-Encoding: GZIP\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(zipped(long)), long, nil, true},
		{"another coding", ok + "Content-Encoding: br\r\n" + sized("as it is"), "as it is", nil, true},
		{"announced", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok + sized("hello"), "hello", nil, true},
		{"refusal", "HTTP/1.1 400 Bad Request\r\n" + sized(`{"message":"no"}`), "", status(400), true},
		{"long refusal", "HTTP/1.1 502 Bad Gateway\r\n" + sized(long), "", status(502), false},
		{"no content", "HTTP/1.1 204 No Content\r\n\r\n", "", status(204), true},
		{"redirect", "HTTP/1.1 307 Temporary Redirect\r\nLocation: /\r\n" + sized(""), "", status(307), true},
		{"switch", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "", status(101), false},
		{"close", ok + "Connection: close\r\n" + sized("hello"), "hello", nil, false},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\n" + sized("hello"), "hello", nil, false},
		{"HTTP/1.0, again", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + sized("hello"), "hello", nil, true},
		{"more than asked for", ok + sized("hello") + ok + sized("more"), "hello", nil, false},
		{"too long", ok + sized(strings.Repeat("x", 17_000)), "", is(errBodyTooLong), false},
		{"too long in gzip", ok + "Content-Encoding: gzip\r\n" + sized(zipped(strings.Repeat("x", 1<<20))), "", is(errBodyTooLong), true},
		{"not gzip", ok + "Content-Encoding: gzip\r\n" + sized("hello, hello, hello"), "", some, true},
		{"half of gzip", ok + "Content-Encoding: gzip\r\n" + sized(zipped(long)[:20]), "", is(io.ErrUnexpectedEOF), true},
		{"bad chunk", ok + "Transfer-Encoding: chunked\r\n\r\nz\r\n", "", some, false},
		{"bad header", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "", some, false},
		{"no HTTP", "SSH-2.0-x\r\n\r\n", "", some, false},
		{"two lengths", ok + "Content-Length: 1\r\n" + sized("hello"), "", some, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := rawAnswers(t, test.answer, true)
			requesters(t, s.url, true, func(t *testing.T, r *requester) {
				before := s.conns.Load()
				for range 3 {
					body, err := r.do(t.Context(), s.url, nil)
					switch {
					case test.fails == nil && err != nil, test.fails != nil && !test.fails(err):
						t.Fatalf("%T %v", err, err)
					case err == nil:
						want(t, string(body), test.body)
					}
					want(t, <-s.asked, "GET gzip ")
				}
				want(t, s.conns.Load()-before, map[bool]int32{true: 1, false: 3}[test.again])
			})
		})
	}
}

// Answers that end in the middle are errors, and the request is not made again: what
// was lost would not come a second time.
func TestDirectAnswersThatEndEarly(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for name, answer := range map[string]string{
		"at once":              "",
		"in the status":        "HTTP/1.",
		"in the header":        ok + "Content-Length: 1",
		"before the body":      ok + "Content-Length: 10\r\n\r\n",
		"in the body":          ok + "Content-Length: 10\r\n\r\nhello",
		"in a chunk":           ok + "Transfer-Encoding: chunked\r\n\r\n10\r\nhello",
		"before the last":      ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
		"in gzip":              ok + "Content-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n" + zipped("hello")[:15],
		"after what announces": "HTTP/1.1 103 Early Hints\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := rawAnswers(t, answer, false)
			requesters(t, s.url, true, func(t *testing.T, r *requester) {
				_, err := r.do(t.Context(), s.url, nil)
				if err == nil || name != "in the status" && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("%T %v", err, err)
				}
				want(t, len(s.asked), 1)
				<-s.asked
			})
		})
	}
}

// Headers have a limit, those that announce another answer included.
func TestDirectHeadersThatAreTooLong(t *testing.T) {
	for name, line := range map[string]string{
		"lines":         "X: " + strings.Repeat("x", 1000) + "\r\n",
		"one line":      strings.Repeat("x", 1000),
		"announcements": "\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: x",
	} {
		t.Run(name, func(t *testing.T) {
			s := newRawHTTP(t, listen(t), func(_ int, _ *http.Request, nc net.Conn) bool {
				_, err := io.WriteString(nc, "HTTP/1.1 103 Early Hints\r\nX: x")
				for err == nil {
					_, err = io.WriteString(nc, line)
				}
				return false
			})
			r := (&DialOptions{}).requester(s.url, 1000)
			_, err := r.do(t.Context(), s.url, nil)
			want(t, errors.Is(err, errHeaderTooLong), true)
		})
	}
}

// A body that has come does not count as header.
func TestDirectLimitIsTheHeaders(t *testing.T) {
	body := strings.Repeat("x", 3000)
	s := rawAnswers(t, "HTTP/1.1 200 OK\r\n"+sized(body), true)
	transport := &http.Transport{MaxResponseHeaderBytes: 100}
	client := http.Client{Transport: directLike(transport)}
	res, err := client.Get(s.url.String())
	want(t, err, nil)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	want(t, err, nil)
	want(t, string(b), body)
	client.Transport.(*direct).closeIdle()
}

// A connection that the server has closed, or says something on, while it waits for
// a request is not used: there is another one.
func TestDirectConnectionsThatWentAway(t *testing.T) {
	answer := "HTTP/1.1 200 OK\r\n" + sized("hello")
	for name, end := range map[string]func(nc net.Conn){
		"closed": func(nc net.Conn) { _ = nc.Close() },
		"reset": func(nc net.Conn) {
			if nc, ok := nc.(*net.TCPConn); ok {
				_ = nc.SetLinger(0)
			}
			_ = nc.Close()
		},
		"timeout": func(nc net.Conn) { _, _ = io.WriteString(nc, "HTTP/1.1 408 Request Timeout\r\n\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			ends := make(chan net.Conn, 100)
			ln := listen(t)
			s := newRawHTTP(t, ln, func(_ int, _ *http.Request, nc net.Conn) bool {
				_, err := io.WriteString(nc, answer)
				ends <- nc
				return err == nil
			})
			for _, network := range []string{"socket", "in memory"} {
				t.Run(network, func(t *testing.T) {
					o := &DialOptions{}
					if network != "socket" {
						o.DialContext = wrapped
					}
					r := o.requester(s.url, 1000)
					defer r.closeIdle()
					before := s.conns.Load()
					for range 3 {
						body, err := r.do(t.Context(), s.url, nil)
						want(t, err, nil)
						want(t, string(body), "hello")
						end(<-ends)
						time.Sleep(2 * freshTime) // the network is not instantaneous
					}
					want(t, s.conns.Load()-before, 3)
				})
			}
		})
	}
}

// wrapped opens a connection that can't be looked at without reading.
func wrapped(ctx context.Context, network, addr string) (net.Conn, error) {
	nc, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return struct{ net.Conn }{nc}, nil
}

// One that can't be looked at, and that nothing has come on, is used however long it
// has waited.
func TestDirectConnectionsThatWait(t *testing.T) {
	s := rawAnswers(t, "HTTP/1.1 200 OK\r\n"+sized("hello"), true)
	for _, dial := range []func(context.Context, string, string) (net.Conn, error){nil, wrapped} {
		before := s.conns.Load()
		r := (&DialOptions{DialContext: dial}).requester(s.url, 1000)
		for range 3 {
			body, err := r.do(t.Context(), s.url, nil)
			want(t, err, nil)
			want(t, string(body), "hello")
			time.Sleep(2 * freshTime)
		}
		r.closeIdle()
		want(t, s.conns.Load()-before, 1)
		receive(t, s.closed, "close")
	}
	t.Run("TLS", func(t *testing.T) {
		ts := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
		defer ts.Close()
		base, _ := url.Parse(ts.URL)
		for _, dial := range []func(context.Context, string, string) (net.Conn, error){new(net.Dialer).DialContext, wrapped} {
			dials := 0
			r := (&DialOptions{TLSConfig: &tls.Config{InsecureSkipVerify: true}, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				dials++
				return dial(ctx, network, addr)
			}}).requester(base, 1000)
			for range 3 {
				body, err := r.do(t.Context(), base, nil)
				want(t, err, nil)
				want(t, string(body), "hello")
				time.Sleep(2 * freshTime)
			}
			want(t, dials, 1)
			ts.CloseClientConnections()
			time.Sleep(2 * freshTime)
			_, err := r.do(t.Context(), base, nil)
			want(t, err, nil)
			want(t, dials, 2)
			r.closeIdle()
		}
	})
}
