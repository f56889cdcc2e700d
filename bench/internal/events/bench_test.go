package events

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
)

// These benchmarks are of generated code, from and to the bytes of frames on
// loopback sockets. Their clients allocate nothing, so that what is reported is the
// server's.

// waitTime bounds what is waited for.
const waitTime = 10 * time.Second

// harness is a server with its sockets and their clients.
type harness struct {
	server  *Server
	web     *httptest.Server
	ticked  chan struct{}
	joined  chan *ServerSocket
	sockets []*ServerSocket
	clients []net.Conn
}

func newHarness(b *testing.B, clients int) *harness {
	b.Helper()
	// A capacity, so that a handler never waits for the benchmark.
	h := &harness{ticked: make(chan struct{}, 1), joined: make(chan *ServerSocket, clients)}
	base := runtime.NewServer(runtime.ServerOptions{})
	h.server = NewServer(base)
	h.server.Handle(handler{ticked: h.ticked})
	h.server.OnConnection(func(_ context.Context, s *ServerSocket) error {
		h.joined <- s
		return nil
	})
	h.web = httptest.NewServer(base)
	b.Cleanup(func() {
		for _, c := range h.clients {
			_ = c.Close()
		}
		h.web.Close()
		ctx, cancel := context.WithTimeout(context.Background(), waitTime)
		defer cancel()
		if err := base.Close(ctx); err != nil {
			b.Error(err)
		}
	})
	for range clients {
		h.join(b)
	}
	return h
}

// handler counts the event "tick", and answers "blob".
type handler struct {
	UnimplementedServerHandler
	ticked chan struct{}
}

func (t handler) Tick(_ context.Context, _ *ServerSocket, n int, on bool) error {
	if n == 12345 && on {
		t.ticked <- struct{}{}
	}
	return nil
}

func (handler) Blob(_ context.Context, s *ServerSocket, data []byte) error { return s.EmitBlob(data) }

// join connects a client.
func (h *harness) join(b *testing.B) {
	b.Helper()
	addr := h.web.Listener.Addr().String()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	h.clients = append(h.clients, conn)
	_ = conn.SetDeadline(time.Now().Add(waitTime))
	write(b, conn, []byte("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: "+addr+"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"))
	for head := ""; !strings.HasSuffix(head, "\r\n\r\n"); {
		var c [1]byte
		read(b, conn, c[:])
		head += string(c[:])
	}
	message(b, conn) // the open packet
	write(b, conn, frame("40"))
	if got := message(b, conn); !strings.HasPrefix(got, `40{"sid":`) {
		b.Fatalf("joining answered with %q", got)
	}
	select {
	case s := <-h.joined:
		h.sockets = append(h.sockets, s)
	case <-time.After(waitTime):
		b.Fatal("nobody joined")
	}
	_ = conn.SetDeadline(time.Time{})
}

func write(b *testing.B, w io.Writer, data []byte) {
	if _, err := w.Write(data); err != nil {
		b.Fatal(err)
	}
}

func read(b *testing.B, r io.Reader, data []byte) {
	if _, err := io.ReadFull(r, data); err != nil {
		b.Fatal(err)
	}
}

// frame is a text frame of a client, whose mask changes nothing.
func frame(text string) []byte {
	return append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)
}

// message reads a text frame of the server.
func message(b *testing.B, conn net.Conn) string {
	b.Helper()
	var head [4]byte
	read(b, conn, head[:2])
	n := int(head[1])
	if n == 126 {
		read(b, conn, head[2:4])
		n = int(binary.BigEndian.Uint16(head[2:]))
	}
	text := make([]byte, n)
	read(b, conn, text)
	return string(text)
}

// sample is the message of the benchmark of servers.
func sample() Msg {
	return Msg{ID: 1000000, User: "alice", Text: "The quick brown fox jumps over the lazy dog, as it did yesterday", Tags: []string{"a", "bb", "ccc"}}
}

func BenchmarkEncode(b *testing.B) {
	msg := sample()
	b.ReportAllocs()
	for b.Loop() {
		enc := codec.NewEvent(`["echo"`)
		encodeMsg(enc.Elem(), msg)
		if _, _, err := enc.Finish(); err != nil {
			b.Fatal(err)
		}
		enc.Free()
	}
}

// BenchmarkDecode includes what is checked before a handler is chosen. Its
// allocations are the strings of the message.
func BenchmarkDecode(b *testing.B) {
	enc := codec.NewEvent(`["echo"`)
	encodeMsg(enc.Elem(), sample())
	data, _, err := enc.Finish()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.ValidateEvent(data, 0, codec.Limits{}); err != nil {
			b.Fatal(err)
		}
		dec := codec.NewDecoder(data, nil)
		dec.SkipName()
		var msg Msg
		if dec.Arg("msg") {
			msg = decodeMsg(dec)
		}
		if err := dec.End(); err != nil || msg.ID != 1000000 {
			b.Fatal(msg, err)
		}
		dec.Free()
	}
}

// BenchmarkDispatch is from the frame of an event with scalar arguments to its
// handler.
func BenchmarkDispatch(b *testing.B) {
	h := newHarness(b, 1)
	event := frame(`42["tick",12345,true]`)
	b.ReportAllocs()
	for b.Loop() {
		write(b, h.clients[0], event)
		<-h.ticked
	}
}

// BenchmarkEmit is from the call to the frame of an event with scalar arguments.
func BenchmarkEmit(b *testing.B) {
	h := newHarness(b, 1)
	got := make([]byte, len(`42["tick",12345,true]`)+2)
	b.ReportAllocs()
	for b.Loop() {
		if err := h.sockets[0].EmitTick(12345, true); err != nil {
			b.Fatal(err)
		}
		read(b, h.clients[0], got)
	}
}

// BenchmarkBinary is an echo of 64 KiB. What is allocated is above all the bytes
// themselves, which the handler may keep.
func BenchmarkBinary(b *testing.B) {
	const size = 64 << 10
	h := newHarness(b, 1)
	header := frame(`451-["blob",{"_placeholder":true,"num":0}]`)
	data := binary.BigEndian.AppendUint64([]byte{0x82, 0x80 | 127}, size)
	event := append(append(header, data...), make([]byte, 4+size)...)
	got := make([]byte, len(header)-4+len(data)+size) // a server's frames have no mask
	b.ReportAllocs()
	for b.Loop() {
		write(b, h.clients[0], event)
		read(b, h.clients[0], got)
	}
}

// BenchmarkBroadcast is from one call to the frames of all receivers.
func BenchmarkBroadcast(b *testing.B) {
	for _, receivers := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(receivers), func(b *testing.B) {
			h := newHarness(b, receivers)
			msg := sample()
			if err := h.server.EmitMsg(msg); err != nil {
				b.Fatal(err)
			}
			var length int
			for _, c := range h.clients {
				length = len(message(b, c)) + longHead
			}
			var delivered sync.WaitGroup
			for _, c := range h.clients {
				go receive(c, make([]byte, length), &delivered)
			}
			b.ReportAllocs()
			for b.Loop() {
				delivered.Add(receivers)
				if err := h.server.EmitMsg(msg); err != nil {
					b.Fatal(err)
				}
				delivered.Wait()
			}
		})
	}
}

// longHead is the length of a frame's head whose payload has 126 bytes and more.
const longHead = 4

// receive counts the messages of a client, all as long as got, until it is closed.
func receive(c net.Conn, got []byte, delivered *sync.WaitGroup) {
	for {
		if _, err := io.ReadFull(c, got); err != nil {
			return
		}
		delivered.Done()
	}
}
