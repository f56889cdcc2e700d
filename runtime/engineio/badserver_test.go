package engineio

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// hijacked is a server that says what a test wants on the network connection of each
// request, after the header of the answer, for as long as somebody listens.
func hijacked(t *testing.T, speak func(w io.Writer, closed <-chan struct{}) error) string {
	t.Helper()
	return fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
		nc, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer nc.Close()
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			_, _ = io.Copy(io.Discard, nc)
		}()
		_ = speak(nc, closed)
		_ = nc.Close()
		<-closed
	})
}

// drip says one byte after the other, without end.
func drip(start string) func(w io.Writer, closed <-chan struct{}) error {
	return func(w io.Writer, closed <-chan struct{}) error {
		_, err := io.WriteString(w, start)
		for err == nil {
			select {
			case <-time.After(time.Millisecond):
				_, err = io.WriteString(w, "x")
			case <-closed:
				return nil
			}
		}
		return err
	}
}

// Servers that never finish what they begin, or never stop, cost an error.
func TestHandshakesThatNeverEnd(t *testing.T) {
	var redirects atomic.Int32
	for _, test := range []struct{ name, url string }{
		{"dripping header", hijacked(t, drip("HTTP/1.1 101 Switching Protocols\r\nX: "))},
		{"dripping body", hijacked(t, drip("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n0"))},
		{"garbage", hijacked(t, func(w io.Writer, _ <-chan struct{}) error {
			_, err := io.WriteString(w, strings.Repeat("\x00\xff garbage \r\n\r\n", 1000))
			return err
		})},
		{"redirects to itself", fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
			redirects.Add(1)
			http.Redirect(w, r, r.URL.String(), http.StatusTemporaryRedirect)
		})},
		{"only a header", hijacked(t, func(w io.Writer, closed <-chan struct{}) error {
			_, err := io.WriteString(w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
			<-closed
			return err
		})},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachTransport(t, func(t *testing.T, transports []string) {
				o := DialOptions{Transports: transports, HandshakeTimeout: 200 * time.Millisecond}
				start := time.Now()
				_, err := Dial(t.Context(), test.url, o, func(*Conn) Handler { t.Error("handler was asked for"); return nil })
				if err == nil || time.Since(start) > patience {
					t.Errorf("after %v: %v", time.Since(start), err)
				}
			})
		})
	}
	want(t, redirects.Load(), 3) // one for each way to connect: none is followed
}

// An answer that unpacks to much more than it may be is not unpacked.
func TestGzipBomb(t *testing.T) {
	const size, chunk = 1 << 30, 1 << 20
	var small bytes.Buffer // gzip may be in several parts
	zip := gzip.NewWriter(&small)
	_, _ = zip.Write(make([]byte, chunk))
	_ = zip.Close()
	bomb := func(w http.ResponseWriter) {
		w.Header().Set("Content-Encoding", "gzip")
		for range size / chunk {
			if _, err := w.Write(small.Bytes()); err != nil {
				return
			}
		}
	}
	for _, at := range []string{"handshake", "poll"} {
		t.Run(at, func(t *testing.T) {
			url := fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case at == "poll" && r.URL.Query().Get("sid") == "":
					_, _ = io.WriteString(w, fakeOpen)
				case r.Method == http.MethodGet:
					bomb(w)
				}
			})
			o := byPolling
			o.MaxPayload = 100_000
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if at == "handshake" {
				_, err := Dial(t.Context(), url, o, func(*Conn) Handler { t.Error("handler was asked for"); return nil })
				if !errors.Is(err, errBodyTooLong) {
					t.Error(err)
				}
			} else {
				err := dialTo(t, url, o).wantClosed(t, ReasonTransportError)
				want(t, errors.Is(err, errBodyTooLong), true)
			}
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 100<<20 {
				t.Errorf("%d MiB were allocated", grown>>20)
			}
		})
	}
}

// Messages that are larger than MaxPayload end the connection before they are
// received as a whole.
func TestServerWhoseMessagesAreTooLarge(t *testing.T) {
	eachTransport(t, func(t *testing.T, transports []string) {
		h := newHarness(t, ServerOptions{})
		o := DialOptions{Transports: transports, MaxPayload: 10_000}
		client, server := h.connect(t, o)
		last := transports[len(transports)-1]
		eventually(t, "both are on "+last, func() bool {
			return client.conn.Transport() == last && server.conn.Transport() == last
		})
		_ = server.conn.Send([]byte("fine"), nil, Flags{})
		want(t, client.next(t), "fine")
		_ = server.conn.Send(make([]byte, 1_000_000), nil, Flags{})
		e := receive(t, client.closed, "end of connection")
		if e.reason != ReasonTransportError && e.reason != ReasonParseError && e.reason != ReasonTransportClose {
			t.Errorf("ended with %q", e.reason)
		}
		want(t, len(client.messages), 0)
	})
}

// A server may forget a session, or take another's id for it.
func TestServerThatForgetsTheSession(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter){
		"unknown": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"code":1,"message":"Session ID unknown"}`)
		},
		"opens another": func(w http.ResponseWriter) { _, _ = io.WriteString(w, strings.Replace(fakeOpen, "fake", "other", 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			var polls atomic.Int32
			url := fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Query().Get("sid") == "":
					_, _ = io.WriteString(w, fakeOpen)
				case r.Method == http.MethodGet:
					polls.Add(1)
					answer(w)
				}
			})
			client := dialTo(t, url, byPolling)
			client.wantClosed(t, map[string]string{"unknown": ReasonTransportError, "opens another": ReasonParseError}[name])
			want(t, client.conn.ID(), "fake")
			want(t, len(client.messages), 0)
			want(t, polls.Load(), 1)
		})
	}
}
