package engineio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/lxzan/gws"
)

// gwsRequest is a handshake for gws to answer.
const gwsRequest = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
	"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"

// gwsReader notes what gws makes of a stream.
type gwsReader struct {
	gws.BuiltinEventHandler
	messages []string
	err      error
}

func (r *gwsReader) OnPing(*gws.Conn, []byte) {}

func (r *gwsReader) OnMessage(_ *gws.Conn, m *gws.Message) {
	text := string(m.Bytes())
	if m.Opcode == gws.OpcodeBinary {
		text = "b:" + text
	}
	r.messages = append(r.messages, text)
}

func (r *gwsReader) OnClose(_ *gws.Conn, err error) { r.err = err }

// readByGWS reads the same as readScript. bad: gws refused it.
func readByGWS(t *testing.T, stream []byte, limit int, deflate bool) (messages []string, bad bool) {
	reader := &gwsReader{}
	nc := &scriptedConn{in: append([]byte(gwsRequest), stream...)}
	br := bufio.NewReader(nc)
	r, err := http.ReadRequest(br)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := gws.NewUpgrader(reader, &gws.ServerOption{
		ReadMaxPayloadSize: limit,
		CheckUtf8Enabled:   true,
		PermessageDeflate:  gws.PermessageDeflate{Enabled: deflate, PoolSize: 1},
		Logger:             gwsSilence{},
	}).UpgradeFromConn(nc, br, r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() != nil { // gws trusts the sign of a 64-bit length
			messages, bad = reader.messages, true
		}
	}()
	conn.ReadLoop()
	var closed *gws.CloseError
	bad = !errors.Is(reader.err, io.EOF) && !errors.Is(reader.err, io.ErrUnexpectedEOF) && !errors.As(reader.err, &closed)
	return reader.messages, bad
}

type gwsSilence struct{}

func (gwsSilence) Error(v ...any) { slog.New(slog.DiscardHandler).Error(fmt.Sprint(v...)) }

// FuzzFrames reads streams in pieces of any size and compares what comes out with
// what gws makes of them. gws lets pass some that the RFC does not: what it is
// stricter about than we are is a fault, and so is any other message.
func FuzzFrames(f *testing.F) {
	for _, stream := range []string{
		clientFrame(frameText, "hello") + clientFrame(frameBinary, "\x00\x01"),
		clientFrame(opText, "he") + clientFrame(0x89, "?") + clientFrame(0x80, "llo"),
		clientFrame(frameText, strings.Repeat("x", 300)) + clientFrame(frameClose, closeStatus(1000, "bye")),
		clientFrame(frameText|rsv1, string(deflate(nil, []byte(strings.Repeat("all work ", 50))))),
		clientFrame(frameText|rsv1, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00") + clientFrame(frameText, "a"),
		clientFrame(frameText|rsv1, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"),
		clientFrame(frameBinary, strings.Repeat("x", 9000)),
		"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		clientFrame(0xb1, "reserved bits"),
		clientFrame(frameText, "\xff"),
	} {
		for _, deflated := range []bool{false, true} {
			f.Add([]byte(stream), uint16(0), deflated)
			f.Add([]byte(stream), uint16(3), deflated)
		}
	}
	const limit = 10_000
	f.Fuzz(func(t *testing.T, stream []byte, piece uint16, deflated bool) {
		if len(stream) > 1<<16 {
			t.Skip("nothing new at that length")
		}
		expected, bad := readByGWS(t, stream, limit, deflated)
		nc := &scriptedConn{in: stream, piece: int(piece)}
		messages, _, err := readScript(nc, newSettings(ServerOptions{MaxPayload: limit}), deflated)
		for i, m := range messages {
			if i >= len(expected) || expected[i] != m {
				t.Fatalf("message %d: %.100q; gws has %.100q", i, m, expected)
			}
			if len(m) > limit+len("b:") {
				t.Fatalf("message of %d bytes", len(m))
			}
		}
		var broken *frameError
		if errors.As(err, &broken) {
			return
		}
		if bad || len(messages) < len(expected) {
			t.Fatalf("accepted (%v), with %d messages; gws: bad %v, %d messages", err, len(messages), bad, len(expected))
		}
	})
}
