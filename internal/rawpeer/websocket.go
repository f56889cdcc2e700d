package rawpeer

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
)

// Opcodes of WebSocket frames (RFC 6455, section 5.2).
const (
	OpContinuation = 0x0
	OpText         = 0x1
	OpBinary       = 0x2
	OpClose        = 0x8
	OpPing         = 0x9
	OpPong         = 0xA
)

// Frame is one WebSocket frame.
type Frame struct {
	Final  bool
	RSV    byte // the three reserved bits
	Opcode byte
	Data   []byte
}

// String shows a text frame as its text, and others with their kind before it.
func (f Frame) String() string {
	switch {
	case !f.Final || f.RSV != 0:
		return fmt.Sprintf("fin=%v rsv=%d op=%d:%s", f.Final, f.RSV, f.Opcode, f.Data)
	case f.Opcode == OpText:
		return string(f.Data)
	case f.Opcode == OpBinary:
		return "b:" + string(f.Data)
	case f.Opcode == OpClose && len(f.Data) >= 2:
		return fmt.Sprintf("close:%d", binary.BigEndian.Uint16(f.Data))
	case f.Opcode == OpClose:
		return "close:"
	}
	return fmt.Sprintf("op=%d:%s", f.Opcode, f.Data)
}

// mask is the key of every frame that is sent. Servers must not care which.
var mask = [4]byte{0x12, 0x34, 0x56, 0x78}

// Append appends the frame as a client sends it.
func (f Frame) Append(dst []byte) []byte {
	first := f.RSV<<4 | f.Opcode
	if f.Final {
		first |= 0x80
	}
	dst = append(dst, first)
	switch n := len(f.Data); {
	case n < 126:
		dst = append(dst, 0x80|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 0x80|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 0x80|127), uint64(n))
	}
	dst = append(dst, mask[:]...)
	for i, b := range f.Data {
		dst = append(dst, b^mask[i%4])
	}
	return dst
}

// TextFrame and BinaryFrame are whole messages.
func TextFrame(text string) Frame   { return Frame{Final: true, Opcode: OpText, Data: []byte(text)} }
func BinaryFrame(data string) Frame { return Frame{Final: true, Opcode: OpBinary, Data: []byte(data)} }

// WebSocket is a WebSocket connection.
type WebSocket struct {
	Handshake // of a session that was opened on it

	// AnswerPings answers pings of Engine.IO instead of returning them.
	AnswerPings bool

	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

// upgradeRequest returns the bytes of a WebSocket handshake.
func (s Server) upgradeRequest(query string, header ...string) []byte {
	head := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", s.target(query), s.Addr)
	for _, line := range header {
		head += line + "\r\n"
	}
	return []byte(head + "\r\n")
}

// acceptKey is what the handshake's key must be answered with (RFC 6455,
// section 1.3).
const acceptKey = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

// TryWebSocket opens a WebSocket, whose handshake may be refused: ws is nil
// then. What early frames there are leaves in the segment of the handshake.
func (s Server) TryWebSocket(t testing.TB, query string, header []string, early ...Frame) (ws *WebSocket, refused Answer) {
	t.Helper()
	ws = &WebSocket{t: t, conn: s.dial(t)}
	ws.r = bufio.NewReader(ws.conn)
	bytes := s.upgradeRequest(query, header...)
	for _, f := range early {
		bytes = f.Append(bytes)
	}
	// A refusal may come before everything is written.
	_, _ = ws.conn.Write(bytes)
	res, err := http.ReadResponse(ws.r, &http.Request{Method: http.MethodGet})
	if err != nil {
		t.Fatalf("WebSocket handshake: %v", err)
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(res.Body)
		return nil, Answer{res.StatusCode, res.Header, string(body)}
	}
	if got := res.Header.Get("Sec-WebSocket-Accept"); got != acceptKey {
		t.Fatalf("Sec-WebSocket-Accept %q", got)
	}
	return ws, Answer{res.StatusCode, res.Header, ""}
}

// WebSocket opens a WebSocket.
func (s Server) WebSocket(t testing.TB, query string, early ...Frame) *WebSocket {
	t.Helper()
	ws, refused := s.TryWebSocket(t, query, nil, early...)
	if ws == nil {
		t.Fatalf("WebSocket refused: %v", refused)
	}
	return ws
}

// OpenWebSocket opens a session on a WebSocket.
func (s Server) OpenWebSocket(t testing.TB, early ...Frame) *WebSocket {
	t.Helper()
	ws := s.WebSocket(t, "EIO=4&transport=websocket", early...)
	ws.Handshake = ParseOpen(t, ws.Next())
	return ws
}

// Write sends frames in one write.
func (w *WebSocket) Write(frames ...Frame) {
	w.t.Helper()
	var bytes []byte
	for _, f := range frames {
		bytes = f.Append(bytes)
	}
	w.WriteBytes(bytes)
}

// WriteBytes sends bytes, whatever they are.
func (w *WebSocket) WriteBytes(bytes []byte) {
	w.t.Helper()
	if _, err := w.conn.Write(bytes); err != nil {
		w.t.Fatalf("writing: %v", err)
	}
}

// Send sends text messages in one write.
func (w *WebSocket) Send(texts ...string) {
	w.t.Helper()
	frames := make([]Frame, len(texts))
	for i, text := range texts {
		frames[i] = TextFrame(text)
	}
	w.Write(frames...)
}

// TryWriteBytes is WriteBytes where the connection may have ended: it returns the
// error.
func (w *WebSocket) TryWriteBytes(bytes []byte) error {
	_, err := w.conn.Write(bytes)
	return err
}

// TrySend is Send where the connection may have ended: it returns the error.
func (w *WebSocket) TrySend(text string) error {
	_, err := w.conn.Write(TextFrame(text).Append(nil))
	return err
}

// SendBinary sends a binary message.
func (w *WebSocket) SendBinary(data string) {
	w.t.Helper()
	w.Write(BinaryFrame(data))
}

// ReadFrame returns the next frame, or io.EOF after the last one.
func (w *WebSocket) ReadFrame() (Frame, error) {
	var head [2]byte
	if _, err := io.ReadFull(w.r, head[:]); err != nil {
		return Frame{}, err
	}
	if head[1]&0x80 != 0 {
		return Frame{}, errors.New("the server masks its frames")
	}
	n := uint64(head[1])
	var long [8]byte
	switch n {
	case 126:
		_, err := io.ReadFull(w.r, long[6:])
		if err != nil {
			return Frame{}, err
		}
		n = binary.BigEndian.Uint64(long[:])
	case 127:
		if _, err := io.ReadFull(w.r, long[:]); err != nil {
			return Frame{}, err
		}
		n = binary.BigEndian.Uint64(long[:])
	}
	f := Frame{Final: head[0]&0x80 != 0, RSV: head[0] >> 4 & 7, Opcode: head[0] & 0xF, Data: make([]byte, n)}
	_, err := io.ReadFull(w.r, f.Data)
	return f, err
}

// Next returns the next frame as Frame.String shows it.
func (w *WebSocket) Next() string {
	w.t.Helper()
	for {
		f, err := w.ReadFrame()
		if err != nil {
			w.t.Fatalf("no frame: %v", err)
		}
		if w.AnswerPings && f.Opcode == OpText && string(f.Data) == "2" {
			w.Send("3")
			continue
		}
		return f.String()
	}
}

// Want checks the next frames.
func (w *WebSocket) Want(frames ...string) {
	w.t.Helper()
	for _, want := range frames {
		if got := w.Next(); got != want {
			w.t.Fatalf("got frame  %.300q\nwant frame %.300q", got, want)
		}
	}
}

// WantClosed checks that no message comes any more and that the connection
// ends, with a close frame before it or without.
func (w *WebSocket) WantClosed() {
	w.t.Helper()
	for {
		f, err := w.ReadFrame()
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout():
			w.t.Fatal("the connection is still open")
		case err != nil:
			return
		case f.Opcode == OpClose:
			return
		case w.AnswerPings && f.String() == "2":
		default:
			w.t.Fatalf("got frame %.300q, want the connection closed", f)
		}
	}
}

// Close cuts the connection.
func (w *WebSocket) Close() { _ = w.conn.Close() }
