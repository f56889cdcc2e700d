package engineio

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lxzan/gws"
)

func TestDeflateNegotiation(t *testing.T) {
	const accepted = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	for _, test := range []struct{ name, offer, answer string }{
		{"nothing offered", "", ""},
		{"the official client's offer", "permessage-deflate; client_max_window_bits", accepted},
		{"no parameters", "permessage-deflate", accepted},
		{"no memory of earlier messages", "permessage-deflate; server_no_context_takeover; client_no_context_takeover", accepted},
		{"a window of the client", "permessage-deflate; client_max_window_bits=10", accepted},
		{"the largest window", `permessage-deflate; server_max_window_bits="15"`, accepted},
		{"a window that is too small for us", "permessage-deflate; server_max_window_bits=10", ""},
		{"the second offer", "permessage-deflate; server_max_window_bits=10, permessage-deflate", accepted},
		{"another extension first", "x-webkit-deflate-frame, Permessage-Deflate", accepted},
		{"another extension", "x-webkit-deflate-frame", ""},
		{"a longer name", "permessage-deflate2", ""},
		{"an unknown parameter", "permessage-deflate; frobnicate", ""},
		{"a parameter twice", "permessage-deflate; client_max_window_bits; client_max_window_bits", ""},
		{"a value where none belongs", "permessage-deflate; server_no_context_takeover=1", ""},
		{"a window out of range", "permessage-deflate; client_max_window_bits=16", ""},
		{"a window without a number", "permessage-deflate; server_max_window_bits", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t, ServerOptions{PerMessageDeflate: true})
			want(t, h.offer(t, test.offer), test.answer)
			off := newHarness(t, ServerOptions{})
			want(t, off.offer(t, test.offer), "")
		})
	}
}

// offer opens a WebSocket and returns what the server answers to the offer.
func (h *harness) offer(t *testing.T, extensions string) string {
	t.Helper()
	nc, err := net.Dial("tcp", h.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if extensions != "" {
		extensions = "Sec-WebSocket-Extensions: " + extensions + "\r\n"
	}
	fmt.Fprint(nc, "GET /?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"+extensions+"\r\n")
	res, err := http.ReadResponse(bufio.NewReader(nc), nil)
	if err != nil {
		t.Fatal(err)
	}
	want(t, res.StatusCode, http.StatusSwitchingProtocols)
	return res.Header.Get("Sec-WebSocket-Extensions")
}

// meter counts what a client's connections carry.
type meter struct{ in, out atomic.Int64 }

type meteredConn struct {
	net.Conn
	m *meter
}

func (c meteredConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.m.in.Add(int64(n))
	return n, err
}

func (c meteredConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.m.out.Add(int64(n))
	return n, err
}

func (m *meter) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	nc, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return meteredConn{nc, m}, nil
}

func TestWhatIsCompressed(t *testing.T) {
	text := []byte(strings.Repeat("all work and no play ", 5000))
	noise := make([]byte, 100_000)
	_, _ = rand.Read(noise)
	size := int64(len(text))
	for _, test := range []struct {
		name         string
		server       ServerOptions
		client       bool
		text, binary []byte
		flags        Flags
		compressed   bool
	}{
		{"both agree", ServerOptions{PerMessageDeflate: true}, true, text, nil, Flags{}, true},
		{"binary messages", ServerOptions{PerMessageDeflate: true}, true, []byte("x"), text, Flags{}, true},
		{"off on the server", ServerOptions{}, true, text, nil, Flags{}, false},
		{"off on the client", ServerOptions{PerMessageDeflate: true}, false, text, nil, Flags{}, false},
		{"NoCompress", ServerOptions{PerMessageDeflate: true}, true, text, nil, Flags{NoCompress: true}, false},
		{"below the threshold", ServerOptions{PerMessageDeflate: true, CompressionThreshold: len(text) + 2}, true, text, nil, Flags{}, false},
		{"at the threshold", ServerOptions{PerMessageDeflate: true, CompressionThreshold: len(text) + 1}, true, text, nil, Flags{}, true},
		{"noise", ServerOptions{PerMessageDeflate: true}, true, []byte("x"), noise, Flags{}, false},
	} {
		for _, way := range []string{"Send", "SendFramed", "client's Send", "client's SendFramed"} {
			t.Run(test.name+", "+way, func(t *testing.T) {
				var m meter
				h := newHarness(t, test.server)
				client, server := h.connect(t, DialOptions{PerMessageDeflate: test.client,
					CompressionThreshold: test.server.CompressionThreshold, DialContext: m.dial})
				from, to, carried := server, client, &m.in
				if strings.HasPrefix(way, "client") {
					from, to, carried = client, server, &m.out
				}
				var binary [][]byte
				if test.binary != nil {
					binary = [][]byte{test.binary}
				}
				before := carried.Load()
				var err error
				if strings.HasSuffix(way, "SendFramed") {
					err = from.conn.SendFramed(Frame(test.text, binary), test.flags, nil)
				} else {
					err = from.conn.Send(test.text, binary, test.flags)
				}
				want(t, err, nil)
				want(t, to.next(t) == string(test.text), true)
				if binary != nil {
					want(t, to.next(t) == "b:"+string(test.binary), true)
				}
				n := carried.Load() - before
				if compressed := n < size/2; compressed != test.compressed {
					t.Errorf("%d bytes on the wire", n)
				}
			})
		}
	}
}

func TestBroadcastIsCompressedOnce(t *testing.T) {
	h := newHarness(t, ServerOptions{PerMessageDeflate: true})
	text := strings.Repeat("to everybody ", 1000)
	m := Frame([]byte(text), nil)
	for range 5 {
		client, server := h.connect(t, DialOptions{PerMessageDeflate: true})
		want(t, server.conn.SendFramed(m, Flags{}, nil), nil)
		want(t, client.next(t) == text, true)
	}
	plain, server := h.connect(t, DialOptions{})
	want(t, server.conn.SendFramed(m, Flags{}, nil), nil)
	want(t, plain.next(t) == text, true)

	first, second := m.wireFor(true, DefaultCompressionThreshold), m.wireFor(true, DefaultCompressionThreshold)
	want(t, &first[0] == &second[0], true)
	if len(first) > len(text)/2 {
		t.Errorf("%d bytes for %d", len(first), len(text))
	}
}

func TestOrderHoldsAmongCompressedAndOtherMessages(t *testing.T) {
	h := newHarness(t, ServerOptions{PerMessageDeflate: true}, echoing)
	client, _ := h.connect(t, DialOptions{PerMessageDeflate: true})
	long := strings.Repeat("long ", 2000)
	const messages = 300
	for i := range messages {
		text := fmt.Sprint(i)
		if i%2 == 0 {
			text += long
		}
		want(t, client.conn.Send([]byte(text), nil, Flags{}), nil)
	}
	for i := range messages {
		text := fmt.Sprint(i)
		if i%2 == 0 {
			text += long
		}
		want(t, client.next(t) == text, true)
	}
}

func TestNoCompressHoldsOverTheUpgrade(t *testing.T) {
	h := newHarness(t, ServerOptions{PerMessageDeflate: true})
	p := h.openPolling(t)
	c := h.conn(t).conn
	text := strings.Repeat("x", 10_000)
	want(t, c.Send([]byte(text), nil, Flags{NoCompress: true}), nil)
	want(t, c.SendFramed(Frame([]byte(text), nil), Flags{NoCompress: true}, nil), nil)
	want(t, c.Send([]byte(text), nil, Flags{}), nil)
	nc := h.openDeflating(t, "&sid="+p.sid)
	_, _ = nc.Write(appendMaskedFrame(nil, frameText, nil, []byte("2probe")))
	_, _ = nc.Write(appendMaskedFrame(nil, frameText, nil, []byte("5")))
	_ = nc.SetReadDeadline(time.Now().Add(patience))
	r := bufio.NewReader(nc)
	if _, err := http.ReadResponse(r, nil); err != nil {
		t.Fatal(err)
	}
	for _, first := range []byte{frameText, frameText, frameText, frameText | rsv1} { // 3probe first
		want(t, skipFrame(t, r), first)
	}
}

// skipFrame reads a frame of a server and returns its first byte.
func skipFrame(t *testing.T, r *bufio.Reader) byte {
	t.Helper()
	var header [2]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		t.Fatal(err)
	}
	n := int(header[1])
	if n == 126 {
		var long [2]byte
		if _, err := io.ReadFull(r, long[:]); err != nil {
			t.Fatal(err)
		}
		n = int(binary.BigEndian.Uint16(long[:]))
	}
	if _, err := r.Discard(n); err != nil {
		t.Fatal(err)
	}
	return header[0]
}

// deflatedFrame is a compressed message as a client sends it.
func deflatedFrame(payload []byte) []byte {
	return appendMaskedFrame(nil, frameText|rsv1, nil, payload)
}

// openDeflating opens a session on a raw connection that negotiated compression.
func (h *harness) openDeflating(t *testing.T, query string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", h.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	fmt.Fprint(nc, "GET /?EIO=4&transport=websocket"+query+" HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
	return nc
}

func TestDecompressionIsBoundedByMaxPayload(t *testing.T) {
	const limit = 100_000
	h := newHarness(t, ServerOptions{PerMessageDeflate: true, MaxPayload: limit})
	nc := h.openDeflating(t, "")
	r := h.conn(t)
	_, _ = nc.Write(deflatedFrame(deflate(messageHead, make([]byte, limit-1))))
	want(t, len(r.next(t)), limit-1)

	bomb := deflate(messageHead, make([]byte, 50<<20))
	if len(bomb) >= limit { // it must be the decompressed size that is refused
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	_, _ = nc.Write(deflatedFrame(bomb))
	if r.wantClosed(t, ReasonTransportError) == nil {
		t.Error("no error given")
	}
	want(t, len(r.messages), 0)
}

func TestBrokenDeflateEndsOnlyItsConnection(t *testing.T) {
	for name, payload := range map[string][]byte{
		"empty":     {},
		"cut":       deflate(messageHead, bytes.Repeat([]byte("cut off "), 1000))[:20],
		"garbage":   bytes.Repeat([]byte{0xfe}, 1000),
		"not UTF-8": deflate(messageHead, bytes.Repeat([]byte{0xff}, 2000)),
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, ServerOptions{PerMessageDeflate: true}, echoing)
			nc := h.openDeflating(t, "")
			r := h.conn(t)
			_, _ = nc.Write(deflatedFrame(payload))
			e := receive(t, r.closed, "end of connection")
			if e.err == nil {
				t.Error("no error given")
			}
			want(t, len(r.messages), 0)
			w := h.openRaw(t)
			w.send(t, "4hello")
			want(t, w.next(t), "4hello")
		})
	}
}

func TestCompressedFrameWithoutNegotiationEndsTheConnection(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	nc := h.openDeflating(t, "")
	r := h.conn(t)
	_, _ = nc.Write(deflatedFrame(deflate(messageHead, make([]byte, 5000))))
	r.wantClosed(t, ReasonTransportError)
}

func TestServerThatRemembersIsUnderstoodByOthers(t *testing.T) {
	// gws's client asks for memory of earlier messages; it gets none and must
	// still understand.
	h := newHarness(t, ServerOptions{PerMessageDeflate: true}, echoing)
	w := &rawWS{frames: make(chan string, 100), closed: make(chan error, 1)}
	conn, _, err := gws.NewClient(w, &gws.ClientOption{Addr: h.wsURL("EIO=4&transport=websocket"),
		PermessageDeflate: gws.PermessageDeflate{Enabled: true, ServerContextTakeover: true, ClientContextTakeover: true}})
	if err != nil {
		t.Fatal(err)
	}
	w.Conn = conn
	w.done.Go(conn.ReadLoop)
	defer func() {
		_ = w.NetConn().Close()
		w.done.Wait()
	}()
	openData(t, w.next(t))
	long := "4" + strings.Repeat("long ", 5000)
	for range 3 {
		w.send(t, long)
		want(t, w.next(t) == long, true)
	}
}

func TestClientRefusesAnAnswerThatDoesNotFitItsOffer(t *testing.T) {
	for answer, ok := range map[string]bool{
		"": true,
		"permessage-deflate; server_no_context_takeover":                                                        true,
		"permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=15": true,
		"permessage-deflate": false,
		"permessage-deflate; server_no_context_takeover; client_max_window_bits=10": false,
		"permessage-deflate; server_no_context_takeover; frobnicate":                false,
		"x-other": false,
		"permessage-deflate; server_no_context_takeover, permessage-deflate; server_no_context_takeover": false,
	} {
		header := http.Header{}
		if answer != "" {
			header.Set("Sec-WebSocket-Extensions", answer)
		}
		on, got := acceptedDeflate(header)
		if got != ok || on != (ok && answer != "") {
			t.Errorf("%q: %v, %v", answer, on, got)
		}
	}
	ts := rawAnswer(t, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Accept: %s\r\n\r\n")
	_, err := Dial(t.Context(), ts, DialOptions{PerMessageDeflate: true}, nil)
	want(t, errors.Is(err, errExtension), true)
}

func TestOfficialClientWithDeflate(t *testing.T) {
	for _, offer := range []string{"offer", "none"} {
		t.Run(offer, func(t *testing.T) {
			h := newHarness(t, ServerOptions{PerMessageDeflate: true}, socketIOEcho)
			runScript(t, "deflate-client.mjs", h.http.URL, offer)
		})
	}
}

func TestOfficialServerWithDeflate(t *testing.T) {
	long := strings.Repeat("long and repetitive, ", 10_000)
	for _, test := range []struct {
		options    string
		compressed bool
	}{
		{`{"perMessageDeflate": true}`, true},
		{`{}`, false},
	} {
		t.Run(test.options, func(t *testing.T) {
			var m meter
			client := newClientRecorder()
			c, err := Dial(t.Context(), officialServer(t, test.options), DialOptions{PerMessageDeflate: true, DialContext: m.dial}, client.handler)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				c.Abort("end of test")
				<-c.Done()
			}()
			for range 3 {
				want(t, c.Send([]byte(long), nil, Flags{}), nil)
				want(t, client.next(t) == long, true)
			}
			for _, n := range []int64{m.in.Load(), m.out.Load()} {
				if compressed := n < int64(len(long)); compressed != test.compressed {
					t.Errorf("%d bytes on the wire", n)
				}
			}
		})
	}
}
