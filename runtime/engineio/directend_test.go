package engineio

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// heldBack is a server that answers each request with the beginning of an answer.
func heldBack(t *testing.T, beginning string) *rawHTTP {
	t.Helper()
	return newRawHTTP(t, listen(t), func(_ int, _ *http.Request, nc net.Conn) bool {
		_, err := io.WriteString(nc, beginning)
		return err == nil
	})
}

// Whoever waits for an answer, or for the rest of it, is alone with that, and ends
// with the context. The connection is closed then.
func TestDirectWaitsEnd(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for name, beginning := range map[string]string{
		"before the answer": "",
		"in the header":     ok + "X: ",
		"after a hint":      "HTTP/1.1 103 Early Hints\r\n\r\n",
		"in the body":       ok + "Content-Length: 10\r\n\r\nhello",
		"in a chunk":        ok + "Transfer-Encoding: chunked\r\n\r\n10\r\nhello",
		"in gzip":           ok + "Content-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n" + zipped("hello")[:15],
	} {
		t.Run(name, func(t *testing.T) {
			s := heldBack(t, beginning)
			requesters(t, s.url, true, func(t *testing.T, r *requester) {
				ctx, cancel := context.WithCancel(t.Context())
				failed := make(chan error, 1)
				before := runtime.NumGoroutine()
				go func() {
					_, err := r.do(ctx, s.url, nil)
					failed <- err
				}()
				receive(t, s.asked, "request")
				time.Sleep(5 * time.Millisecond) // the beginning comes
				// Those of the dialing, and of what was before, may still be about to end.
				eventually(t, "there are who waits, and the server's for the connection", func() bool {
					return runtime.NumGoroutine() <= before+2
				})
				cancel()
				want(t, errors.Is(receive(t, failed, "end"), context.Canceled), true)
				receive(t, s.closed, "close of the connection")
			})
		})
	}
}

// So do requests that a server doesn't read.
func TestDirectWritesEnd(t *testing.T) {
	ln := listen(t)
	defer ln.Close()
	u := &url.URL{Scheme: "http", Host: ln.Addr().String(), Path: "/"}
	r := (&DialOptions{}).requester(u, 1000)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := r.do(ctx, u, make([]byte, 64<<20))
	want(t, errors.Is(err, context.DeadlineExceeded), true)
}

// An answer that never ends is given up at the limit.
func TestDirectEndlessAnswers(t *testing.T) {
	for name, header := range map[string]string{
		"length": "Content-Length: 1000000000000\r\n\r\n",
		"close":  "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := newRawHTTP(t, listen(t), func(_ int, _ *http.Request, nc net.Conn) bool {
				_, err := io.WriteString(nc, "HTTP/1.1 200 OK\r\n"+header)
				for err == nil {
					_, err = io.WriteString(nc, strings.Repeat("x", 1000))
				}
				return true // until it is closed
			})
			requesters(t, s.url, true, func(t *testing.T, r *requester) {
				_, err := r.do(t.Context(), s.url, nil)
				want(t, errors.Is(err, errBodyTooLong), true)
				receive(t, s.closed, "close of the connection")
			})
		})
	}
}

// A server may answer before it has read what is posted, and need not read it then.
func TestDirectAnswersToPostsThatAreNotRead(t *testing.T) {
	release := make(chan struct{})
	s := newRawHTTP(t, listen(t), func(_ int, _ *http.Request, nc net.Conn) bool {
		_, _ = io.WriteString(nc, "HTTP/1.1 413 Too Large\r\n"+sized("no"))
		<-release
		return false
	})
	defer close(release)
	r := (&DialOptions{}).requester(s.url, 1000)
	_, err := r.do(t.Context(), s.url, make([]byte, 64<<20))
	var refused *statusError
	want(t, errors.As(err, &refused), true)
	want(t, refused.status, 413)
}

// One that closes the connection instead costs an error.
func TestDirectPostsToServersThatClose(t *testing.T) {
	s := newRawHTTP(t, listen(t), func(_ int, _ *http.Request, nc net.Conn) bool { return false })
	r := (&DialOptions{}).requester(s.url, 1000)
	for _, size := range []int{1, 64 << 20} {
		_, err := r.do(t.Context(), s.url, make([]byte, size))
		if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%d bytes: %T %v", size, err, err)
		}
	}
}

// A poll and a post have a connection each; both are kept for the next ones, and
// closed when there was none for a while, in the time of a bubble, too.
func TestDirectConnectionsAreKeptForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var opened, closed atomic.Int32
		dial := func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			opened.Add(1)
			go func() {
				defer closed.Add(1)
				_ = http.Serve(&oneConn{conn: server, done: make(chan struct{})}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					if r.Method == http.MethodGet {
						time.Sleep(time.Second)
					}
					_, _ = io.WriteString(w, "hello")
				}))
			}()
			return client, nil
		}
		u := &url.URL{Scheme: "http", Host: "memory", Path: "/"}
		r := (&DialOptions{DialContext: dial}).requester(u, 1000)
		for range 3 {
			polled := make(chan error, 1)
			go func() {
				_, err := r.do(t.Context(), u, nil)
				polled <- err
			}()
			synctest.Wait()
			_, err := r.do(t.Context(), u, []byte("x"))
			want(t, err, nil)
			want(t, <-polled, nil)
		}
		want(t, opened.Load(), 2)
		time.Sleep(idleConnTime - time.Millisecond)
		synctest.Wait()
		want(t, closed.Load(), 1) // the last post was a second before
		time.Sleep(time.Millisecond)
		synctest.Wait()
		want(t, closed.Load(), 2)
		_, err := r.do(t.Context(), u, []byte("x"))
		want(t, err, nil)
		want(t, opened.Load(), 3)
		r.closeIdle()
		synctest.Wait()
		want(t, closed.Load(), 3)
		_, err = r.do(t.Context(), u, []byte("x"))
		want(t, err, nil)
		synctest.Wait()
		want(t, closed.Load(), 4) // for none is kept any more
	})
}

// oneConn is a net.Listener with one connection, which ends when that is closed.
type oneConn struct {
	conn net.Conn
	done chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	if l.conn == nil {
		<-l.done
		return nil, net.ErrClosed
	}
	nc := l.conn
	l.conn = nil
	return &tellingConn{nc, l.done}, nil
}
func (l *oneConn) Close() error   { return nil }
func (l *oneConn) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

type tellingConn struct {
	net.Conn
	done chan struct{}
}

func (c *tellingConn) Close() error {
	err := c.Conn.Close()
	select {
	case <-c.done:
	default:
		close(c.done)
	}
	return err
}

// Connections of the application need not know deadlines.
func TestDirectConnectionsWithoutDeadlines(t *testing.T) {
	s := heldBack(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
	r := (&DialOptions{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		nc, err := new(net.Dialer).DialContext(ctx, network, addr)
		return timeless{nc}, err
	}}).requester(s.url, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-s.asked
		cancel()
	}()
	_, err := r.do(ctx, s.url, nil)
	want(t, errors.Is(err, context.Canceled), true)
	receive(t, s.closed, "close of the connection")
}

type timeless struct{ net.Conn }

func (timeless) SetDeadline(time.Time) error     { return errors.ErrUnsupported }
func (timeless) SetReadDeadline(time.Time) error { return errors.ErrUnsupported }

// Headers that would be sent otherwise than they are given are refused.
func TestDirectHeadersThatAreNone(t *testing.T) {
	s := rawAnswers(t, "HTTP/1.1 200 OK\r\n"+sized("hello"), true)
	for _, header := range []http.Header{
		{"X Y": {"z"}}, {"": {"z"}}, {"X:": {"z"}}, {"Ä": {"z"}}, {"X": {"a\r\nY: z"}}, {"X": {"\x00"}},
	} {
		r := (&DialOptions{Header: header}).requester(s.url, 1000)
		_, err := r.do(t.Context(), s.url, nil)
		want(t, errors.Is(err, errBadHeader), true)
	}
	r := (&DialOptions{Header: http.Header{"X-Y!": {"a\tä"}}}).requester(s.url, 1000)
	_, err := r.do(t.Context(), s.url, nil)
	want(t, err, nil)
	r.closeIdle()
}
