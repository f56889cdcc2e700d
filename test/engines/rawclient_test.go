package engines

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/internal/rawpeer"
	"github.com/siogen/siogen/runtime/zishang520"
	"github.com/siogen/siogen/testdata/golden/everything"
)

// servers runs a test with each engine's server, which answers "chat message" with
// its text.
func servers(t *testing.T, test func(t *testing.T, peer rawpeer.Server)) {
	t.Helper()
	for _, engine := range []string{native, library, foreign} {
		t.Run(engine, func(t *testing.T) {
			h := newHost(t, pairing{server: engine})
			srv := everything.NewServer(h.Server)
			srv.OnConnection(func(_ context.Context, s *everything.ServerSocket) error {
				s.OnChatMessage(func(_ context.Context, _ everything.Room, text string) (string, error) { return text, nil })
				return nil
			})
			test(t, rawpeer.At(h.url, "/socket.io/"))
		})
	}
}

func text(s string) rawpeer.Frame {
	return rawpeer.Frame{Final: true, Opcode: rawpeer.OpText, Data: []byte(s)}
}

// wantConnected reads the answer to CONNECT, and has an event answered.
func wantConnected(t *testing.T, ws *rawpeer.WebSocket, id int) {
	t.Helper()
	if got := ws.Next(); !strings.HasPrefix(got, `40{"sid":`) {
		t.Fatalf("answer to CONNECT: %s", got)
	}
	ws.Send(fmt.Sprintf(`42%d["chat message","r","text"]`, id))
	ws.Want(fmt.Sprintf(`43%d["text"]`, id))
}

// TestConnectInTheSegmentOfTheHandshake: a client need not wait with its CONNECT.
func TestConnectInTheSegmentOfTheHandshake(t *testing.T) {
	servers(t, func(t *testing.T, peer rawpeer.Server) {
		for i := range 50 {
			ws := peer.OpenWebSocket(t, text(`40{"token":"t"}`))
			wantConnected(t, ws, i)
			ws.Close()
		}
	})
}

// TestProbeInTheSegmentOfTheUpgrade: nor with the probe of an upgrade.
func TestProbeInTheSegmentOfTheUpgrade(t *testing.T) {
	servers(t, func(t *testing.T, peer rawpeer.Server) {
		for i := range 50 {
			session := peer.OpenPolling(t)
			ws := peer.WebSocket(t, "EIO=4&transport=websocket&sid="+session.SID, text("2probe"))
			ws.Want("3probe")
			ws.Send("5")
			ws.Send(`40{"token":"t"}`)
			wantConnected(t, ws, i)
			ws.Close()
		}
	})
}

// TestASecondPollEndsTheSession: both get an answer, which is an error.
func TestASecondPollEndsTheSession(t *testing.T) {
	servers(t, func(t *testing.T, peer rawpeer.Server) {
		session := peer.OpenPolling(t)
		session.Send(`40{"token":"t"}`)
		session.Receive(1)
		for _, r := range []*rawpeer.Request{session.BeginGet(), session.BeginGet()} {
			if a, ok := r.TryAnswer(); ok && a.Status != http.StatusBadRequest && a.Body != "1" && a.Body != "6" {
				t.Errorf("a poll of two: %v", a)
			}
		}
		if a := session.Get(); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, `"code":1`) {
			t.Errorf("the session afterwards: %v", a)
		}
	})
}

// TestEventsRightBehindTheAnswerToConnect: of a client that is told that it has joined
// before the library has noted that.
func TestEventsRightBehindTheAnswerToConnect(t *testing.T) {
	for _, engine := range []string{library, foreign} {
		t.Run(engine, func(t *testing.T) {
			h := newHost(t, pairing{server: engine})
			everything.NewServer(h.Server).OnConnection(func(_ context.Context, s *everything.ServerSocket) error {
				s.OnChatMessage(func(_ context.Context, _ everything.Room, text string) (string, error) { return text, nil })
				return nil
			})
			_ = h.io.Use(func(s *socket.Socket, next func(*socket.ExtendedError)) {
				_ = s.Conn().On("drain", func(...any) { time.Sleep(20 * time.Millisecond) }) // CONNECT has been sent
				next(nil)
			})
			peer := rawpeer.At(h.url, "/socket.io/")
			ws := peer.OpenWebSocket(t)
			ws.Send(`40{"token":"t"}`)
			wantConnected(t, ws, 0)
			upgraded := peer.OpenPolling(t)
			ws = peer.WebSocket(t, "EIO=4&transport=websocket&sid="+upgraded.SID)
			ws.Send("2probe")
			ws.Want("3probe")
			ws.Send("5")
			ws.Send(`40{"token":"t"}`)
			wantConnected(t, ws, 0)

			polling := peer.OpenPolling(t)
			polling.Send(`40{"token":"t"}`)
			polling.Receive(1)
			polling.Send(`427["chat message","r","text"]`)
			if got := polling.Receive(1)[0]; got != `437["text"]` {
				t.Errorf("on polling: %s", got)
			}
		})
	}
}

// TestAClientThatDoesNotReadIsDisconnected, before what waits for it has filled the
// server's memory: of emits to it, and of broadcasts.
func TestAClientThatDoesNotReadIsDisconnected(t *testing.T) {
	const tooMuch = 4 * zishang520.MaxQueue
	for _, engine := range []string{native, library, foreign} {
		for _, way := range []string{"emit", "broadcast"} {
			t.Run(engine+", "+way, func(t *testing.T) {
				h := newHost(t, pairing{server: engine})
				srv := everything.NewServer(h.Server)
				sockets := make(chan *everything.ServerSocket, 1)
				srv.OnConnection(func(_ context.Context, s *everything.ServerSocket) error { sockets <- s; return nil })
				ws := rawpeer.At(h.url, "/socket.io/").OpenWebSocket(t)
				ws.Send(`40{"token":"t"}`)
				s := receive(t, sockets)
				emit := s.EmitBasicEmit
				if way == "broadcast" {
					emit = srv.EmitBasicEmit
				}
				block := make([]byte, 1<<16)
				for sent := 0; sent < tooMuch && s.Context().Err() == nil; sent += len(block) {
					_ = emit(1, "block", block) // fails once it is disconnected
				}
				select {
				case <-s.Context().Done():
				case <-time.After(waitLimit):
					t.Error("it is still connected")
				}
			})
		}
	}
}

// TestOneMessageMayBeLargerThanTheQueue: it is not a client that does not read.
func TestOneMessageMayBeLargerThanTheQueue(t *testing.T) {
	for _, engine := range []string{native, library, foreign} {
		t.Run(engine, func(t *testing.T) {
			h := newHost(t, pairing{server: engine})
			everything.NewServer(h.Server).OnConnection(func(_ context.Context, s *everything.ServerSocket) error {
				return s.EmitBasicEmit(1, "large", make([]byte, zishang520.MaxQueue+1))
			})
			ws := rawpeer.At(h.url, "/socket.io/").OpenWebSocket(t)
			ws.Send(`40{"token":"t"}`)
			if got := ws.Next(); !strings.HasPrefix(got, "40") {
				t.Fatalf("answer to CONNECT: %s", got)
			}
			ws.Want(`451-["basicEmit",1,"large",{"_placeholder":true,"num":0}]`)
			if f, err := ws.ReadFrame(); err != nil || len(f.Data) != zishang520.MaxQueue+1 {
				t.Errorf("%d bytes, %v", len(f.Data), err)
			}
		})
	}
}
