package runtime_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
)

const (
	openPacket     = `0{"sid":"%s","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000}`
	accepted       = `40{"sid":"socket"}`
	anotherSession = "another session"
	// badPayload is what clients of bad servers accept, in bytes.
	badPayload = 100_000
)

// badAnswers are those of servers, gateways and portals that are not what they
// should be. Those that last end when nobody listens any more.
var badAnswers = map[string]http.HandlerFunc{
	"HTML":   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Please log in</html>") },
	"empty":  func(http.ResponseWriter, *http.Request) {},
	"status": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) },
	"never":  func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"hung up": func(w http.ResponseWriter, _ *http.Request) {
		panic(http.ErrAbortHandler)
	},
	"redirects without end": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.String(), http.StatusTemporaryRedirect)
	},
	"body without end": func(w http.ResponseWriter, _ *http.Request) { pour(w, strings.Repeat("4x\x1e", 10_000), 0) },
	"dripping body":    func(w http.ResponseWriter, _ *http.Request) { pour(w, "4", time.Millisecond) },
	"gzip bomb": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb())
	},
	anotherSession:       func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintf(w, openPacket, "another") },
	"garbage":            onTheWire(strings.Repeat("\x00\xff garbage\r\n\r\n", 100)),
	"header without end": onTheWire("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20)),
	"frames without end": onTheWire("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" +
		strings.Repeat("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 100)),
}

// bomb is little that unpacks to much.
var bomb = sync.OnceValue(func() []byte {
	var small bytes.Buffer
	zip := gzip.NewWriter(&small)
	for range 20 { // a poll may have 16
		_, _ = zip.Write(bytes.Repeat([]byte{'4'}, badPayload))
	}
	_ = zip.Close()
	return small.Bytes()
})

// pour writes without end, while somebody reads.
func pour(w io.Writer, text string, pause time.Duration) {
	for err := error(nil); err == nil; time.Sleep(pause) {
		_, err = io.WriteString(w, text)
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
	}
}

// onTheWire says what is no answer in HTTP.
func onTheWire(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		nc, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer nc.Close()
		_, _ = io.WriteString(nc, text)
	}
}

// badServer is a server on polling that is good but for the requests of one kind.
type badServer struct {
	stage    string
	bad      http.HandlerFunc
	requests atomic.Int32
	// asked gets a value when the client has asked for the namespace.
	asked chan struct{}
}

const (
	atHandshake = "handshake"
	atPoll      = "poll"
	atPost      = "post"
	atUpgrade   = "upgrade"
)

func (s *badServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	stage := atPoll
	switch q := r.URL.Query(); {
	case !q.Has("sid"):
		stage = atHandshake
	case q.Get("transport") == "websocket":
		stage = atUpgrade
	case r.Method == http.MethodPost:
		stage = atPost
	}
	body, _ := io.ReadAll(r.Body) // also that the client's end is noticed
	if stage == s.stage {
		s.bad(w, r)
		return
	}
	switch stage {
	case atHandshake:
		_, _ = fmt.Fprintf(w, openPacket, "session")
	case atUpgrade:
		w.WriteHeader(http.StatusBadRequest)
	case atPost:
		if string(body) == "40" || strings.HasPrefix(string(body), "40{") {
			s.asked <- struct{}{}
		}
		_, _ = io.WriteString(w, "ok")
	case atPoll:
		select {
		case <-s.asked:
			_, _ = io.WriteString(w, accepted)
		case <-r.Context().Done():
		}
	}
}

// A bad server costs an error: nothing hangs, panics or polls without end, and
// nothing is left when the client has been closed.
func TestBadServers(t *testing.T) {
	for name, bad := range badAnswers {
		for _, test := range []struct {
			stage      string
			transports []string
		}{
			{atHandshake, byWebSocket},
			{atHandshake, byPolling},
			{atPoll, byPolling},
			{atPost, byPolling},
			{atUpgrade, byBoth},
		} {
			if name == anotherSession && test.stage == atHandshake {
				continue // it is as good as any
			}
			t.Run(fmt.Sprintf("%s at %s by %s", name, test.stage, strings.Join(test.transports, "+")), func(t *testing.T) {
				t.Parallel()
				s := &badServer{stage: test.stage, bad: bad, asked: make(chan struct{}, 1)}
				web := httptest.NewServer(s)
				defer web.Close()
				testBadServer(t, web.URL, test.stage, test.transports)
				if n := s.requests.Load(); n > 20 {
					t.Errorf("%d requests", n)
				}
			})
		}
	}
}

func testBadServer(t *testing.T, url, stage string, transports []string) {
	limit := 200 * time.Millisecond
	if stage == atUpgrade {
		limit = 20 * time.Second // of what the server does well
	}
	c := newClientAt(t, url, runtime.ClientOptions{
		Dial: engineio.DialOptions{
			Transports:       transports,
			HandshakeTimeout: limit,
			UpgradeTimeout:   200 * time.Millisecond,
			CloseTimeout:     100 * time.Millisecond,
			MaxPayload:       badPayload,
		},
		NoReconnection: true,
		AttemptTimeout: limit,
		AckTimeout:     100 * time.Millisecond,
	})
	start := time.Now()
	err := c.Connect(testContext(t))
	switch {
	case stage == atUpgrade && err != nil:
		t.Errorf("polling was good enough: %v", err)
	case (stage == atHandshake || stage == atPoll) && err == nil:
		t.Error("connected")
	}
	if _, err := ask(t.Context(), c, "anything"); err == nil {
		t.Error("the server has answered what it can't")
	}
	if stage == atUpgrade && !c.Connected() {
		t.Error("an upgrade that failed cost the connection")
	}
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if took := time.Since(start); took > runtime.CloseTimeout {
		t.Errorf("took %v", took)
	}
}
