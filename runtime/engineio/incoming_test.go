package engineio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// scriptedConn is a peer that has said everything already. Reads return it in
// pieces, then io.EOF.
type scriptedConn struct {
	in    []byte
	piece int // bytes for each read; 0: all
	// lastRead is the room for data in the read that found none.
	lastRead int

	mu     sync.Mutex
	out    []byte
	closed bool
}

func (c *scriptedConn) Read(p []byte) (int, error) {
	if len(c.in) == 0 {
		c.lastRead = len(p)
		return 0, io.EOF
	}
	if c.piece > 0 {
		p = p[:min(len(p), c.piece)]
	}
	n := copy(p, c.in)
	c.in = c.in[n:]
	return n, nil
}

func (c *scriptedConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	c.out = append(c.out, p...)
	return len(p), nil
}

func (c *scriptedConn) written() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.out)
}

func (c *scriptedConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return nil
}

func (c *scriptedConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *scriptedConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *scriptedConn) SetDeadline(time.Time) error      { return nil }
func (c *scriptedConn) SetReadDeadline(time.Time) error  { return nil }
func (c *scriptedConn) SetWriteDeadline(time.Time) error { return nil }

// readScript reads messages, those that are binary as "b:" and the data, up to
// the error that ends reading. It returns what was answered meanwhile.
func readScript(nc *scriptedConn, set *settings, deflate bool) (messages []string, out []byte, err error) {
	c := newConn(set, func() {}, func() {})
	w := newWSConn(c, nc, nil)
	w.deflate = deflate
	defer func() {
		_, _ = w.endOf(err)
		w.release()
		out = nc.written()
	}()
	for {
		data, binary, err := w.nextMessage()
		if err != nil {
			w.dropBuffer()
			return messages, nil, err
		}
		if binary {
			messages = append(messages, "b:"+string(data))
		} else {
			messages = append(messages, string(data))
		}
	}
}

// clientFrame is a frame as clients send it.
func clientFrame(first byte, payload string) string {
	return string(appendMaskedFrame(nil, first, nil, []byte(payload)))
}

func closeStatus(status uint16, reason string) string {
	return string(binary.BigEndian.AppendUint16(nil, status)) + reason
}

// TestFrames goes through RFC 6455, section 5, and RFC 7692, section 6.
func TestFrames(t *testing.T) {
	text, fragment := byte(frameText), byte(opText)
	last, ping, pong, closing := byte(finBit|opContinuation), byte(finBit|opPing), byte(framePong), byte(frameClose)
	deflated := func(s string) string { return string(deflate(nil, []byte(s))) }
	long := strings.Repeat("a", 200)
	const closed, eof = "close", "EOF"

	for _, test := range []struct {
		name     string
		frames   string
		messages []string
		end      string // closed, eof, or the status that the peer is told
		answer   string // control frames that are answered
	}{
		// 5.2 and 5.6: one frame, each form of length.
		{"text", clientFrame(text, "hello"), []string{"hello"}, eof, ""},
		{"binary", clientFrame(frameBinary, "\x00\xff"), []string{"b:\x00\xff"}, eof, ""},
		{"empty text", clientFrame(text, ""), []string{""}, eof, ""},
		{"empty binary", clientFrame(frameBinary, ""), []string{"b:"}, eof, ""},
		{"125 bytes", clientFrame(text, long[:125]), []string{long[:125]}, eof, ""},
		{"126 bytes", clientFrame(text, long[:126]), []string{long[:126]}, eof, ""},
		{"65,535 bytes", clientFrame(text, strings.Repeat("b", 65535)), []string{strings.Repeat("b", 65535)}, eof, ""},
		{"65,536 bytes", clientFrame(frameBinary, strings.Repeat("b", 65536)), []string{"b:" + strings.Repeat("b", 65536)}, eof, ""},
		{"as long as allowed", clientFrame(text, strings.Repeat("b", 100_000)), []string{strings.Repeat("b", 100_000)}, eof, ""},
		{"one byte more", clientFrame(text, strings.Repeat("b", 100_001)), nil, "1009", ""},
		{"more than there is memory", "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", nil, "1009", ""},
		{"length with its highest bit", "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", nil, "1002", ""},
		{"125 in 16 bits", "\x81\xfe\x00\x7d\x00\x00\x00\x00" + long[:125], nil, "1002", ""},
		{"65,535 in 64 bits", "\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x00\x00", nil, "1002", ""},
		{"several in one segment", clientFrame(text, "1") + clientFrame(text, "2") + clientFrame(text, "3"), []string{"1", "2", "3"}, eof, ""},
		{"cut in the header", clientFrame(text, "1") + "\x81", []string{"1"}, eof, ""},
		{"cut in the payload", clientFrame(text, "1") + clientFrame(text, "2")[:6], []string{"1"}, eof, ""},
		// 5.1: masks.
		{"not masked", "\x81\x01a", nil, "1002", ""},
		{"control frame not masked", "\x89\x00", nil, "1002", ""},
		// 5.2: reserved bits and opcodes.
		{"RSV1 without compression", clientFrame(text|0x40, "a"), nil, "1002", ""},
		{"RSV2", clientFrame(text|0x20, "a"), nil, "1002", ""},
		{"RSV3", clientFrame(text|0x10, "a"), nil, "1002", ""},
		{"opcode 3", clientFrame(0x83, "a"), nil, "1002", ""},
		{"opcode 7", clientFrame(0x87, "a"), nil, "1002", ""},
		{"opcode 11", clientFrame(0x8b, ""), nil, "1002", ""},
		{"opcode 15", clientFrame(0x8f, ""), nil, "1002", ""},
		// 5.4: fragments.
		{"two fragments", clientFrame(fragment, "he") + clientFrame(last, "llo"), []string{"hello"}, eof, ""},
		{"binary fragments", clientFrame(opBinary, "he") + clientFrame(opContinuation, "") + clientFrame(last, "llo"), []string{"b:hello"}, eof, ""},
		{"empty fragments", clientFrame(fragment, "") + clientFrame(opContinuation, "") + clientFrame(last, ""), []string{""}, eof, ""},
		{"a character in two", clientFrame(fragment, "\xc3") + clientFrame(last, "\xa4"), []string{"ä"}, eof, ""},
		{"ping between fragments", clientFrame(fragment, "he") + clientFrame(ping, "?") + clientFrame(last, "llo"), []string{"hello"}, eof, "\x8a\x01?"},
		{"continuation of nothing", clientFrame(last, "a"), nil, "1002", ""},
		{"continuation of what has ended", clientFrame(text, "a") + clientFrame(last, "a"), []string{"a"}, "1002", ""},
		{"message within a message", clientFrame(fragment, "a") + clientFrame(text, "b"), nil, "1002", ""},
		{"fragments of more than is allowed", clientFrame(fragment, strings.Repeat("b", 60_000)) + clientFrame(last, strings.Repeat("b", 40_001)), nil, "1009", ""},
		{"large fragments", clientFrame(fragment, strings.Repeat("b", 60_000)) + clientFrame(last, strings.Repeat("c", 40_000)), []string{strings.Repeat("b", 60_000) + strings.Repeat("c", 40_000)}, eof, ""},
		{"fragments of a message that never ends", clientFrame(fragment, "a") + clientFrame(opContinuation, "b"), nil, eof, ""},
		// 5.5: control frames.
		{"ping", clientFrame(ping, "still there?"), nil, eof, "\x8a\x0cstill there?"},
		{"empty ping", clientFrame(ping, ""), nil, eof, "\x8a\x00"},
		{"longest ping", clientFrame(ping, long[:125]), nil, eof, "\x8a\x7d" + long[:125]},
		{"too long a ping", clientFrame(ping, long[:126]), nil, "1002", ""},
		{"fragmented ping", clientFrame(opPing, ""), nil, "1002", ""},
		{"pong that nobody asked for", clientFrame(pong, "here") + clientFrame(text, "a"), []string{"a"}, eof, ""},
		{"close", clientFrame(closing, "") + clientFrame(text, "a"), nil, closed, "\x88\x00"},
		{"close with a status", clientFrame(closing, closeStatus(1001, "bye")), nil, closed, "\x88\x02\x03\xe9"},
		{"close with a status of the application's", clientFrame(closing, closeStatus(4999, "")), nil, closed, "\x88\x02\x13\x87"},
		{"close with half a status", clientFrame(closing, "\x03"), nil, "1002", ""},
		{"close with status 999", clientFrame(closing, closeStatus(999, "")), nil, "1002", ""},
		{"close with status 1005", clientFrame(closing, closeStatus(1005, "")), nil, "1002", ""},
		{"close with status 1006", clientFrame(closing, closeStatus(1006, "")), nil, "1002", ""},
		{"close with status 1015", clientFrame(closing, closeStatus(1015, "")), nil, "1002", ""},
		{"close with status 2999", clientFrame(closing, closeStatus(2999, "")), nil, "1002", ""},
		{"close with status 5000", clientFrame(closing, closeStatus(5000, "")), nil, "1002", ""},
		{"close with a reason that is not UTF-8", clientFrame(closing, closeStatus(1000, "\xff")), nil, "1007", ""},
		{"close between fragments", clientFrame(fragment, "a") + clientFrame(closing, ""), nil, closed, "\x88\x00"},
		// 8.1: UTF-8.
		{"not UTF-8", clientFrame(text, "a\xff"), nil, "1007", ""},
		{"a surrogate", clientFrame(text, "\xed\xa0\x80"), nil, "1007", ""},
		{"half a character", clientFrame(text, "\xc3"), nil, "1007", ""},
		{"not UTF-8, in fragments", clientFrame(fragment, "a") + clientFrame(last, "\xff"), nil, "1007", ""},
		{"binary need not be UTF-8", clientFrame(frameBinary, "\xff"), []string{"b:\xff"}, eof, ""},

		// RFC 7692.
		{"deflate: a message", clientFrame(text|rsv1, deflated(long)), []string{long}, eof, ""},
		{"deflate: not compressed", clientFrame(text, "a"), []string{"a"}, eof, ""},
		{"deflate: binary", clientFrame(frameBinary|rsv1, deflated(long)), []string{"b:" + long}, eof, ""},
		{"deflate: an empty message", clientFrame(text|rsv1, "\x00"), []string{""}, eof, ""},
		{"deflate: the RFC's example", clientFrame(text|rsv1, "\xf2\x48\xcd\xc9\xc9\x07\x00"), []string{"Hello"}, eof, ""},
		{"deflate: the RFC's example in two", clientFrame(fragment|rsv1, "\xf2\x48\xcd") + clientFrame(last, "\xc9\xc9\x07\x00"), []string{"Hello"}, eof, ""},
		{"deflate: the RFC's example of a last block", clientFrame(text|rsv1, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), []string{"Hello"}, eof, ""},
		{"deflate: the RFC's example of two blocks", clientFrame(text|rsv1, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), []string{"Hello"}, eof, ""},
		{"deflate: memory of earlier messages", clientFrame(text|rsv1, "\xf2\x48\xcd\xc9\xc9\x07\x00") + clientFrame(text|rsv1, "\xf2\x00\x11\x00\x00"), []string{"Hello"}, "1007", ""},
		{"deflate: RSV1 in a continuation", clientFrame(fragment|rsv1, "\xf2\x48\xcd") + clientFrame(last|rsv1, "\xc9\xc9\x07\x00"), nil, "1002", ""},
		{"deflate: RSV1 in a ping", clientFrame(ping|rsv1, ""), nil, "1002", ""},
		{"deflate: RSV2", clientFrame(text|rsv1|0x20, deflated(long)), nil, "1002", ""},
		{"deflate: RSV3", clientFrame(text|0x10, "a"), nil, "1002", ""},
		{"deflate: cut", clientFrame(text|rsv1, "\xf2\x48\xcd"), nil, "1007", ""},
		{"deflate: garbage", clientFrame(text|rsv1, "\xff\xff\xff\xff"), nil, "1007", ""},
		{"deflate: not UTF-8", clientFrame(text|rsv1, deflated(strings.Repeat("\xff", 200))), nil, "1007", ""},
		{"deflate: as long as allowed", clientFrame(text|rsv1, deflated(strings.Repeat("b", 100_000))), []string{strings.Repeat("b", 100_000)}, eof, ""},
		{"deflate: one byte more", clientFrame(text|rsv1, deflated(strings.Repeat("b", 100_001))), nil, "1009", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, piece := range []int{0, 1, 5, smallRead, smallRead + 1, 1000, readBufferSize} {
				nc := &scriptedConn{in: []byte(test.frames), piece: piece}
				set := newSettings(ServerOptions{MaxPayload: 100_000})
				messages, out, err := readScript(nc, set, strings.HasPrefix(test.name, "deflate"))
				if !slices.Equal(messages, test.messages) {
					t.Fatalf("in pieces of %d: got  %.200q\nwant %.200q", piece, messages, test.messages)
				}
				answer := test.answer
				var broken *frameError
				switch {
				case test.end == closed:
					want(t, err, errCloseFrame)
				case test.end == eof:
					want(t, err, io.EOF)
					want(t, bytes.HasPrefix(out, []byte(answer)), true)
				case !errors.As(err, &broken) || fmt.Sprint(broken.status) != test.end:
					t.Fatalf("in pieces of %d: ended with %v, want %s", piece, err, test.end)
				default:
					answer = string(appendFrameHeader(nil, frameClose, 2)) + closeStatus(broken.status, "")
				}
				want(t, fmt.Sprintf("%q", out), fmt.Sprintf("%q", answer))
			}
		})
	}
}

// TestClientFrames is what is different for a client.
func TestClientFrames(t *testing.T) {
	set := newSettings(ServerOptions{})
	set.client = true
	messages, _, err := readScript(&scriptedConn{in: []byte("\x81\x05hello")}, set, false)
	want(t, messages, []string{"hello"})
	want(t, err, io.EOF)
	_, _, err = readScript(&scriptedConn{in: []byte(clientFrame(frameText, "hello"))}, set, false)
	var broken *frameError
	want(t, errors.As(err, &broken) && broken.status == statusProtocolError, true)
}

// TestAnnouncedLengthTakesNoMemory: a peer that announces long messages and does
// not send them costs what it has sent.
// Memory is pooled while a message comes; what the application gets is its own.
func TestBinaryMessagesBelongToTheirReader(t *testing.T) {
	var frames string
	sizes := []int{1, 5_000, 20_000, maxPooledMessage, maxPooledMessage + 1, 90_000}
	for i, size := range sizes {
		payload := strings.Repeat(string(rune('a'+i)), size)
		frames += clientFrame(frameBinary, payload)
		frames += clientFrame(opBinary, payload[:size/2]) + clientFrame(finBit|opContinuation, payload[size/2:])
		frames += clientFrame(frameText, strings.Repeat("t", size)) // out of the same pool
	}
	w := newWSConn(newConn(newSettings(ServerOptions{}), func() {}, func() {}), &scriptedConn{in: []byte(frames), piece: 4000}, nil)
	defer w.release()
	var kept [][]byte
	for range 3 * len(sizes) {
		data, binary, err := w.nextMessage()
		if err != nil {
			t.Fatal(err)
		}
		if binary {
			kept = append(kept, data)
		}
	}
	w.dropBuffer()
	if len(kept) != 2*len(sizes) {
		t.Fatalf("%d binary messages, want %d", len(kept), 2*len(sizes))
	}
	for i, data := range kept {
		if want := strings.Repeat(string(rune('a'+i/2)), sizes[i/2]); string(data) != want {
			t.Errorf("message %d of %d bytes has changed: %.20q…", i, sizes[i/2], data)
		}
		if cap(data) > 2*len(data)+16 {
			t.Errorf("message %d of %d bytes keeps %d", i, sizes[i/2], cap(data))
		}
	}
}

func TestAnnouncedLengthTakesNoMemory(t *testing.T) {
	const limit = 64 << 20
	for name, first := range map[string]byte{"text": frameText, "binary": frameBinary, "fragment": opText} {
		t.Run(name, func(t *testing.T) {
			frame := binary.BigEndian.AppendUint64([]byte{first, maskBit | 127}, limit)
			frame = append(frame, make([]byte, 4+20_000)...)
			set := newSettings(ServerOptions{MaxPayload: limit})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := readScript(&scriptedConn{in: frame}, set, false)
			runtime.ReadMemStats(&after)
			want(t, err, io.EOF)
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
				t.Errorf("%d bytes were allocated", n)
			}
		})
	}
}

// TestIdleConnectionHoldsNoReadBuffer: what is no plain socket, TLS above all, is
// waited for with a few bytes in the connection itself.
func TestIdleConnectionHoldsNoReadBuffer(t *testing.T) {
	for _, size := range []int{0, 1, smallRead, 1000, 3 * readBufferSize} {
		for _, piece := range []int{0, 7} {
			nc := &scriptedConn{in: []byte(clientFrame(frameText, strings.Repeat("x", size))), piece: piece}
			messages, _, err := readScript(nc, newSettings(ServerOptions{}), false)
			want(t, len(messages), 1)
			want(t, err, io.EOF)
			if nc.lastRead > smallRead {
				t.Errorf("after %d bytes: waited with a buffer of %d bytes", size, nc.lastRead)
			}
		}
	}
}
