package conformance

import (
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/rawpeer"
)

func TestEachPacketIsAFrameOfItsOwn(t *testing.T) {
	ws := engine(t, options{}).OpenWebSocket(t)
	for _, text := range []string{"4hello", "4", "4€ ŝ 𝄞 \x00\x1e", "4" + strings.Repeat("x", 125), "4" + strings.Repeat("y", 70_000)} {
		ws.Send(text)
		ws.Want(text)
	}
	ws.Send("4one", "4two", "4three")
	ws.Want("4one", "4two", "4three")
}

func TestBinaryMessagesAreBareFrames(t *testing.T) {
	ws := engine(t, options{}).OpenWebSocket(t)
	for _, data := range []string{"\x01\x02\x03\x04", "4no packet type", "", strings.Repeat("\x00\xff", 50_000)} {
		ws.SendBinary(data)
		ws.Want("b:" + data)
	}
}

func TestAMessageMayComeInFragments(t *testing.T) {
	ws := engine(t, options{}).OpenWebSocket(t)
	ws.Write(
		rawpeer.Frame{Opcode: rawpeer.OpText, Data: []byte("4frag")},
		rawpeer.Frame{Final: true, Opcode: rawpeer.OpPing, Data: []byte("between")},
		rawpeer.Frame{Opcode: rawpeer.OpContinuation, Data: []byte("men")},
		rawpeer.Frame{Final: true, Opcode: rawpeer.OpContinuation, Data: []byte("ted")},
	)
	ws.Want("op=10:between", "4fragmented")
}

func TestAWebSocketPingIsAnswered(t *testing.T) {
	ws := engine(t, options{}).OpenWebSocket(t)
	ws.Write(rawpeer.Frame{Final: true, Opcode: rawpeer.OpPing, Data: []byte("are you there")})
	ws.Want("op=10:are you there")
}

func TestWhatAWebSocketIsClosedFor(t *testing.T) {
	s := engine(t, options{})
	for name, send := range map[string]func(*rawpeer.WebSocket){
		"a malformed packet":   func(ws *rawpeer.WebSocket) { ws.Send("abc") },
		"an unknown type":      func(ws *rawpeer.WebSocket) { ws.Send("7") },
		"a close packet":       func(ws *rawpeer.WebSocket) { ws.Send("1") },
		"a ping of the client": func(ws *rawpeer.WebSocket) { ws.Send("2") },
		"a close frame": func(ws *rawpeer.WebSocket) {
			ws.Write(rawpeer.Frame{Final: true, Opcode: rawpeer.OpClose, Data: []byte{3, 232}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "a close packet" {
				differs(t, "a close packet on a WebSocket is ignored")
			}
			ws := s.OpenWebSocket(t)
			send(ws)
			ws.WantClosed()
		})
	}
}

func TestPacketsThatOnlyAServerSendsAreIgnored(t *testing.T) {
	s := engine(t, options{})
	ws := s.OpenWebSocket(t)
	ws.Send("0", "3", "5", "6", "4still here")
	ws.Want("4still here")
	p := s.OpenPolling(t)
	p.Send("0", "3", "5", "6", "4still here")
	want(t, p.Get().String(), "200 4still here")
}

func TestMessagesBehindTheHandshakeAreHandled(t *testing.T) {
	differs(t, "messages in the segment of the handshake are lost")
	s := engine(t, options{})
	for range 20 {
		ws := s.OpenWebSocket(t, rawpeer.TextFrame("4early"), rawpeer.BinaryFrame("bird"))
		ws.Want("4early", "b:bird")
	}
}
