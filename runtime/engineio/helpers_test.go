package engineio

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxzan/gws"
	"go.uber.org/goleak"
)

// patience bounds every wait of a test; it is no measure of speed.
const patience = 20 * time.Second

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// ended is what Handler.Closed got.
type ended struct {
	reason string
	err    error
}

// recorder is a Handler that notes what it gets.
type recorder struct {
	conn     *Conn
	messages chan string // binary ones as "b:" and the data
	closed   chan ended
	// onMessage, if not nil, runs before the message is noted.
	onMessage func(c *Conn, data []byte, binary bool)
}

func (r *recorder) Message(data []byte, binary bool) {
	if r.onMessage != nil {
		r.onMessage(r.conn, data, binary)
	}
	text := string(data)
	if binary {
		text = "b:" + text
	}
	select {
	case r.messages <- text:
	default:
	}
}

func (r *recorder) Closed(reason string, err error) { r.closed <- ended{reason, err} }

func (r *recorder) next(t *testing.T) string {
	t.Helper()
	return receive(t, r.messages, "message")
}

func (r *recorder) wantClosed(t *testing.T, reason string) error {
	t.Helper()
	e := receive(t, r.closed, "end of connection")
	if e.reason != reason {
		t.Fatalf("connection ended with %q (%v), want %q", e.reason, e.err, reason)
	}
	return e.err
}

func receive[T any](t *testing.T, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// harness is a Server under test.
type harness struct {
	*Server
	http  *httptest.Server
	conns chan *recorder
}

func newHarness(t *testing.T, o ServerOptions, setUp ...func(*recorder)) *harness {
	t.Helper()
	h := newUnstarted(t, o, setUp...)
	h.http.Start()
	return h
}

// newUnstarted is newHarness without starting h.http.
func newUnstarted(t *testing.T, o ServerOptions, setUp ...func(*recorder)) *harness {
	t.Helper()
	// Sessions that a test leaves without a poll would make Close wait for one.
	setDefault(&o.CloseTimeout, 100*time.Millisecond)
	h := &harness{conns: make(chan *recorder, 4096)}
	h.Server = NewServer(o, func(c *Conn) Handler {
		r := &recorder{conn: c, messages: make(chan string, 4096), closed: make(chan ended, 1)}
		for _, f := range setUp {
			f(r)
		}
		h.conns <- r
		return r
	})
	h.http = httptest.NewUnstartedServer(h.Server)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		http.DefaultClient.CloseIdleConnections()
		if err := h.Server.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		h.http.Close()
	})
	return h
}

func (h *harness) conn(t *testing.T) *recorder {
	t.Helper()
	return receive(t, h.conns, "connection")
}

func (h *harness) url(query string) string { return h.http.URL + "/engine.io/?" + query }

func (h *harness) wsURL(query string) string {
	return "ws" + strings.TrimPrefix(h.url(query), "http")
}

// answer is an HTTP answer.
type answer struct {
	status int
	body   string
	header http.Header
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.body) }

func do(t *testing.T, req *http.Request) answer {
	t.Helper()
	a, err := tryDo(req)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func tryDo(req *http.Request) (answer, error) {
	ctx, cancel := context.WithTimeout(req.Context(), patience)
	defer cancel()
	res, err := http.DefaultClient.Do(req.WithContext(ctx))
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, string(body), res.Header}, err
}

func newRequest(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// pollingSession is a raw polling client.
type pollingSession struct {
	h   *harness
	sid string
}

func (h *harness) openPolling(t *testing.T) *pollingSession {
	t.Helper()
	a := do(t, newRequest(t, "GET", h.url("EIO=4&transport=polling"), ""))
	return &pollingSession{h, openData(t, a.body).SID}
}

func openData(t *testing.T, packet string) handshakeData {
	t.Helper()
	var d handshakeData
	if !strings.HasPrefix(packet, "0") || json.Unmarshal([]byte(packet[1:]), &d) != nil || d.SID == "" {
		t.Fatalf("not an open packet: %q", packet)
	}
	return d
}

func (p *pollingSession) query() string { return "EIO=4&transport=polling&sid=" + p.sid }

func (p *pollingSession) get(t *testing.T) answer {
	t.Helper()
	return do(t, newRequest(t, "GET", p.h.url(p.query()), ""))
}

func (p *pollingSession) post(t *testing.T, body string) answer {
	t.Helper()
	return do(t, newRequest(t, "POST", p.h.url(p.query()), body))
}

// start opens a GET and returns once the server has it.
func (p *pollingSession) start(t *testing.T) <-chan answer {
	t.Helper()
	ch := make(chan answer, 1)
	req := newRequest(t, "GET", p.h.url(p.query()), "")
	go func() {
		a, err := tryDo(req)
		if err != nil {
			a.body = err.Error()
		}
		ch <- a
	}()
	c := p.h.session(p.sid)
	eventually(t, "the GET is open", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.poll.polling || len(ch) > 0
	})
	return ch
}

func want(t *testing.T, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("got  %.300v\nwant %.300v", got, want)
	}
}

// rawWS is a raw WebSocket client.
type rawWS struct {
	gws.BuiltinEventHandler
	*gws.Conn
	frames chan string // binary ones as "b:" and the data
	closed chan error
	done   sync.WaitGroup
}

func (w *rawWS) OnMessage(_ *gws.Conn, m *gws.Message) {
	text := m.Data.String()
	if m.Opcode == gws.OpcodeBinary {
		text = "b:" + text
	}
	w.frames <- text
}

func (w *rawWS) OnClose(_ *gws.Conn, err error) { w.closed <- err }

func tryDialRaw(url string, header http.Header) (*rawWS, error) {
	w := &rawWS{frames: make(chan string, 65536), closed: make(chan error, 1)}
	conn, _, err := gws.NewClient(w, &gws.ClientOption{Addr: url, RequestHeader: header})
	if err != nil {
		return nil, err
	}
	w.Conn = conn
	w.done.Go(conn.ReadLoop)
	return w, nil
}

func dialRaw(t *testing.T, url string) *rawWS {
	t.Helper()
	w, err := tryDialRaw(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = w.NetConn().Close()
		w.done.Wait()
	})
	return w
}

// openRaw opens a session on a WebSocket.
func (h *harness) openRaw(t *testing.T) *rawWS {
	t.Helper()
	w := dialRaw(t, h.wsURL("EIO=4&transport=websocket"))
	openData(t, w.next(t))
	return w
}

func (w *rawWS) next(t *testing.T) string {
	t.Helper()
	return receive(t, w.frames, "frame")
}

func (w *rawWS) send(t *testing.T, text string) {
	t.Helper()
	if err := w.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func (w *rawWS) wantClosed(t *testing.T) error {
	t.Helper()
	return receive(t, w.closed, "close")
}

func isCloseFrame(err error) bool {
	var e *gws.CloseError
	return errors.As(err, &e)
}

// rawAnswer returns the URL of a server that answers every WebSocket handshake
// with format, given the value of Sec-WebSocket-Accept.
func rawAnswer(t *testing.T, format string) string {
	t.Helper()
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nc, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer nc.Close()
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		fmt.Fprintf(nc, format, base64.StdEncoding.EncodeToString(sum[:]))
		_, _ = io.Copy(io.Discard, nc)
	}))
	t.Cleanup(ts.Close)
	return ts.URL
}
