package runtime_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
)

// How a fuzzed server speaks before it says what is made up.
const (
	fuzzRaw       = iota // not at all: that is the answer to the handshake
	fuzzFrames           // it has opened a WebSocket: those are its bytes
	fuzzMessages         // and here the WebSocket's messages, each ended by U+001E
	fuzzPoll             // it has opened a session on polling: that is the answer to a poll
	fuzzWaysCount        // how many there are
)

// FuzzServer: whatever a server says, a client gets an error or goes on, and ends
// when it is closed.
func FuzzServer(f *testing.F) {
	for way, said := range map[uint8]string{
		fuzzRaw:      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n0{}",
		fuzzFrames:   "\x81\x1240{\"sid\":\"socket\"}\x89\x00\x88\x00",
		fuzzMessages: accepted + "\x1e" + `421["question","x"]` + "\x1e" + `451-["said",{"_placeholder":true,"num":0}]` + "\x1eb123\x1e2\x1e41\x1e1",
		fuzzPoll:     accepted + "\x1e" + `42["said","x"]` + "\x1ebAQID\x1e6\x1e44{\"message\":\"no\"}",
	} {
		f.Add(way, []byte(said))
	}
	f.Fuzz(func(t *testing.T, way uint8, said []byte) {
		s := &fuzzedServer{way: int(way) % fuzzWaysCount, said: said, asked: make(chan struct{}, 1)}
		transports := byWebSocket
		if s.way == fuzzPoll || way >= fuzzWaysCount && s.way == fuzzRaw {
			transports = byPolling
		}
		m := runtime.NewManager("http://memory", runtime.ClientOptions{
			Logger:         slog.New(slog.DiscardHandler),
			NoReconnection: true,
			AckTimeout:     time.Millisecond,
			Dial:           engineio.DialOptions{Transports: transports, DialContext: s.dial, CloseTimeout: 10 * time.Millisecond},
		})
		c := runtime.NewManagedClient(m, "/")
		c.AsListener().On("question", onAsk(func(_ context.Context, text string) (string, error) { return text, nil }))
		c.AsListener().On("said", onString(func(context.Context, string) error { return nil }))
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		if err := c.Connect(ctx); errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Connect hangs: %v", err)
		}
		if err := m.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// fuzzedServer says what is made up once, when the client has asked for the
// namespace, and then closes the connection.
type fuzzedServer struct {
	way   int
	said  []byte
	asked chan struct{} // gets a value when the server was asked by polling
	// polled: a poll is answered, or will be.
	polled atomic.Bool
}

func (s *fuzzedServer) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	go func() {
		defer server.Close()
		in := bufio.NewReader(server)
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		switch s.way {
		case fuzzRaw:
			go func() { _, _ = io.Copy(io.Discard, in) }()
			_, _ = server.Write(s.said)
		case fuzzPoll:
			body, _ := io.ReadAll(req.Body)
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				_, _ = io.Copy(io.Discard, in)
			}()
			s.poll(server, req, body, gone)
		default:
			s.webSocket(server, in, req)
		}
	}()
	return client, nil
}

// poll answers a request of polling, unless the client is gone before.
func (s *fuzzedServer) poll(w io.Writer, req *http.Request, body []byte, gone <-chan struct{}) {
	answer := []byte("ok")
	switch {
	case !req.URL.Query().Has("sid"):
		answer = fmt.Appendf(nil, openPacket, "session")
	case req.Method == http.MethodPost && bytes.HasPrefix(body, []byte("40")):
		select {
		case s.asked <- struct{}{}:
		default:
		}
	case req.Method == http.MethodGet:
		if s.polled.Swap(true) {
			return
		}
		select {
		case <-s.asked:
		case <-gone:
		}
		answer = s.said
	}
	_, _ = fmt.Fprintf(w, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(answer), answer)
}

// webSocket opens a WebSocket.
func (s *fuzzedServer) webSocket(w io.Writer, in *bufio.Reader, req *http.Request) {
	sum := sha1.Sum([]byte(req.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	_, _ = fmt.Fprintf(w, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n%s",
		base64.StdEncoding.EncodeToString(sum[:]), fuzzFrame(fmt.Appendf(nil, openPacket, "session")))
	if _, err := in.Peek(1); err != nil {
		return
	}
	go func() { _, _ = io.Copy(io.Discard, in) }()
	if s.way == fuzzFrames {
		_, _ = w.Write(s.said)
		return
	}
	var out []byte
	for text := range bytes.SplitSeq(s.said, []byte{0x1e}) {
		out = append(out, fuzzFrame(text[:min(len(text), 1<<16-1)])...)
	}
	_, _ = w.Write(out)
}

// fuzzFrame returns a frame of less than 64 KiB: a binary one of what begins with b.
func fuzzFrame(payload []byte) []byte {
	frame := []byte{0x81, 126}
	if bytes.HasPrefix(payload, []byte("b")) {
		frame[0] = 0x82
	}
	return append(binary.BigEndian.AppendUint16(frame, uint16(len(payload))), payload...)
}
