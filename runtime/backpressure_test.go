package runtime_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
)

// more than the events of one socket that may wait for a handler
const floodBytes = 3 << 20

// flood sends events until so many bytes were sent that the server, whose handler
// is blocked, has stopped reading.
func flood(t *testing.T, c *client) {
	t.Helper()
	big := strings.Repeat("x", 100_000)
	for range floodBytes / len(big) {
		if err := c.emit("flood", big); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(50 * time.Millisecond) // until the server has read what it takes
}

// untilDone serves sockets whose handler waits for its context.
func untilDone(s *server) (entered, left chan *socket) {
	entered, left = make(chan *socket, 100), make(chan *socket, 100)
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.On("flood", func(ctx context.Context, _ *runtime.Call) error {
			if ctx.Err() == nil {
				entered <- sock
				<-ctx.Done()
				left <- sock
			}
			return nil
		})
		return nil
	})
	return entered, left
}

func TestCloseEndsHandlersBehindWhichTheQueueIsFull(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	entered, left := untilDone(s)
	c := newClientAt(t, s.url, runtime.ClientOptions{NoReconnection: true}).connect(t)
	flood(t, c)
	wait(t, entered, "handler")
	if err := s.base.Close(testContext(t)); err != nil {
		t.Errorf("Close: %v", err)
	}
	wait(t, left, "end of the handler's context")
}

func TestDisconnectEndsHandlersBehindWhichTheQueueIsFull(t *testing.T) {
	for _, closeConn := range []bool{false, true} {
		s := newServer(t, runtime.ServerOptions{})
		entered, left := untilDone(s)
		c := newClientAt(t, s.url, runtime.ClientOptions{NoReconnection: true}).connect(t)
		flood(t, c)
		wait(t, entered, "handler").Disconnect(closeConn)
		wait(t, left, "end of the handler's context")
	}
}

func TestAClientThatVanishesEndsHandlersBehindWhichTheQueueIsFull(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{PingInterval: 200 * time.Millisecond, PingTimeout: 2 * time.Second})
	entered, left := untilDone(s)
	p := newPipe(t, s.url)
	c := newClientAt(t, p.url, runtime.ClientOptions{NoReconnection: true}).connect(t)
	flood(t, c)
	wait(t, entered, "handler")
	p.cut()
	wait(t, left, "end of the handler's context")
}

func TestAPollingClientThatVanishesEndsHandlersBehindWhichTheQueueIsFull(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	entered, left := untilDone(s)
	posted := make(chan struct{}, 100)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			r.Body = &readBody{ReadCloser: r.Body, read: func() { posted <- struct{}{} }}
		}
		s.base.ServeHTTP(w, r)
	}))
	defer web.Close()
	url := web.URL + "/socket.io/?EIO=4&transport=polling"
	open := mustGet(t, url)
	url += "&sid=" + strings.Split(open, `"`)[3]
	post := func(ctx context.Context, body string) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			res.Body.Close()
		}
		return err
	}
	if err := post(t.Context(), `40{"token":"secret"}`); err != nil {
		t.Fatal(err)
	}
	mustGet(t, url) // CONNECT's answer
	<-posted
	big := `42["flood","` + strings.Repeat("x", 900_000) + `"]`
	if err := post(t.Context(), big); err != nil {
		t.Fatal(err)
	}
	<-posted
	wait(t, entered, "handler")
	// The server has all of the request that is given up, and handles it: how soon that
	// is depends on the machine.
	floodOnce := func() error {
		ctx, vanish := context.WithCancel(testContext(t))
		defer vanish()
		seen := make(chan struct{})
		go func() {
			defer close(seen)
			select {
			case <-posted:
			case <-ctx.Done():
				return
			}
			select {
			case <-time.After(300 * time.Millisecond):
				vanish()
			case <-ctx.Done():
			}
		}()
		err := post(ctx, big)
		vanish()
		<-seen
		return err
	}
	for floodOnce() == nil {
	}
	wait(t, left, "end of the handler's context")
	http.DefaultClient.CloseIdleConnections()
}

// readBody calls read once it has been read.
type readBody struct {
	io.ReadCloser
	read func()
}

func (b *readBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF && b.read != nil {
		b.read()
		b.read = nil
	}
	return n, err
}

func mustGet(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, body, err)
	}
	return string(body)
}

func TestAClientClosesWhileItsQueueIsFull(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	sockets := make(chan *socket, 1)
	s.OnConnection(func(_ context.Context, sock *socket) error { sockets <- sock; return nil })
	c := newClient(t, s)
	entered, left := make(chan struct{}, 1), make(chan struct{}, 100)
	c.On("flood", func(ctx context.Context, _ *runtime.Call) error {
		select {
		case entered <- struct{}{}:
		default:
		}
		<-ctx.Done()
		left <- struct{}{}
		return nil
	})
	c.connect(t)
	sock := wait(t, sockets, "socket")
	for range 30 {
		if err := sock.emit("flood", strings.Repeat("x", 100_000)); err != nil {
			t.Fatal(err)
		}
	}
	wait(t, entered, "handler")
	time.Sleep(50 * time.Millisecond)
	closed := make(chan error, 1)
	go func() { closed <- c.Close() }()
	if err := wait(t, closed, "end of Close"); err != nil {
		t.Errorf("Close: %v", err)
	}
	wait(t, left, "end of the handler's context")
}

func TestAClientDisconnectsInAHandlerWhileItsQueueIsFull(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	sockets := make(chan *socket, 1)
	s.OnConnection(func(_ context.Context, sock *socket) error { sockets <- sock; return nil })
	c := newClient(t, s)
	full := make(chan struct{})
	done := make(chan error, 100)
	c.On("flood", func(ctx context.Context, _ *runtime.Call) error {
		<-full
		done <- c.Disconnect()
		return nil
	})
	gone := make(chan runtime.DisconnectReason, 1)
	c.OnDisconnect(func(_ context.Context, r runtime.DisconnectReason) { gone <- r })
	c.connect(t)
	sock := wait(t, sockets, "socket")
	for range 2 { // the second fills the queue, and no third makes the reader wait
		if err := sock.emit("flood", strings.Repeat("x", 900_000)); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(100 * time.Millisecond)
	close(full)
	if err := wait(t, done, "end of Disconnect"); err != nil {
		t.Errorf("Disconnect: %v", err)
	}
	wait(t, gone, "OnDisconnect")
}
