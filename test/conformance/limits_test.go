package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/rawpeer"
)

const maxPayload = 1000

// ofSize is a message packet of n bytes.
func ofSize(n int) string { return "4" + strings.Repeat("x", n-1) }

func TestMessagesMayBeAsLargeAsMaxPayload(t *testing.T) {
	s := engine(t, options{MaxPayload: maxPayload})
	ws := s.OpenWebSocket(t)
	want(t, ws.MaxPayload, maxPayload)
	ws.Send(ofSize(maxPayload))
	ws.Want(ofSize(maxPayload))
	ws.SendBinary(strings.Repeat("\x00", maxPayload))
	ws.Want("b:" + strings.Repeat("\x00", maxPayload))
	p := s.OpenPolling(t)
	want(t, p.MaxPayload, maxPayload)
	p.Send(ofSize(maxPayload))
	want(t, p.Get().Body, ofSize(maxPayload))
}

func TestALargerMessageClosesAWebSocket(t *testing.T) {
	s := engine(t, options{MaxPayload: maxPayload})
	head, tail := []byte(ofSize(maxPayload)), []byte("xx")
	for name, frames := range map[string][]rawpeer.Frame{
		"one frame": {rawpeer.TextFrame(ofSize(maxPayload + 1))},
		"fragments": {{Opcode: rawpeer.OpText, Data: head}, {Final: true, Opcode: rawpeer.OpContinuation, Data: tail}},
	} {
		t.Run(name, func(t *testing.T) {
			ws := s.OpenWebSocket(t)
			ws.Write(frames...)
			ws.WantClosed()
		})
	}
}

func TestALargerBodyIsRefusedWith413(t *testing.T) {
	s := engine(t, options{MaxPayload: maxPayload})
	body := ofSize(maxPayload + 1)
	for name, rest := range map[string]string{
		"by its length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body),
		"by its chunks": fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body),
	} {
		t.Run(name, func(t *testing.T) {
			p := s.OpenPolling(t)
			a := s.BeginRaw(t, "POST", fmt.Sprintf("POST %s?%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s", s.Path, p.Query(), s.Addr, rest)).Answer()
			want(t, a.Status, 413)
			p.Send("4still here")
			want(t, p.Get().String(), "200 4still here")
		})
	}
}

func TestALargeHeaderIsRefusedWith431(t *testing.T) {
	s := engine(t, options{})
	header := "Cookie: " + strings.Repeat("x", 20_000)
	want(t, s.Do(t, "GET", "EIO=4&transport=polling", "", header).Status, 431)
	ws, refused := s.TryWebSocket(t, "EIO=4&transport=websocket", []string{header})
	if ws != nil {
		t.Fatal("the WebSocket was accepted")
	}
	want(t, refused.Status, 431)
	want(t, s.Do(t, "GET", "EIO=4&transport=polling", "", "Cookie: "+strings.Repeat("x", 10_000)).Status, 200)
}
