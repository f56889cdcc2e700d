package engineio

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkEcho echoes runs of eight messages that were sent together.
func BenchmarkEcho(b *testing.B) {
	server := NewServer(ServerOptions{}, func(c *Conn) Handler { return echoer{c} })
	ts := httptest.NewServer(server)
	defer ts.Close()
	nc, err := net.Dial("tcp", ts.Listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	_, _ = io.WriteString(nc, "GET /?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	br := bufio.NewReader(nc)
	if _, err := http.ReadResponse(br, nil); err != nil {
		b.Fatal(err)
	}
	var head [2]byte
	if _, err := io.ReadFull(br, head[:]); err != nil {
		b.Fatal(err)
	}
	_, _ = br.Discard(int(head[1])) // the handshake

	const together = 8
	message := make([]byte, 120)
	var frames []byte
	for range together {
		frames = appendMaskedFrame(frames, frameText, []byte("4"), message)
	}
	replies := together * (2 + 1 + len(message))
	b.ReportAllocs()
	for n := 0; n < b.N; n += together {
		if _, err := nc.Write(frames); err != nil {
			b.Fatal(err)
		}
		if _, err := br.Discard(replies); err != nil {
			b.Fatal(err)
		}
	}
}

type echoer struct{ c *Conn }

func (e echoer) Message(data []byte, _ bool) { _ = e.c.Send(data, nil, Flags{}) }
func (e echoer) Closed(string, error)        {}
