package faults

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/rawpeer"
	"github.com/siogen/siogen/runtime"
)

// A client that reads nothing is ended by the limit of its queue, and no broadcast
// waits for it.
func TestAReaderThatStops(t *testing.T) {
	a := serve(t, runtime.ServerOptions{MaxQueue: 64 << 10})
	other := a.bystander(t)
	ws, m := a.join(t)
	text := strings.Repeat("x", 32<<10)
	for deadline := time.Now().Add(rawpeer.Patience); len(m.gone) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("the client was not disconnected")
		}
		_ = m.AsTarget().Send(event("news", text)) // fails at the end
	}
	m.wantGone(t, runtime.TransportError)
	other.wantUnaffected(t)
	ws.Close()
}

// So is one that polls no more.
func TestAClientThatStopsPolling(t *testing.T) {
	a := serve(t, runtime.ServerOptions{MaxQueue: 64 << 10})
	other := a.bystander(t)
	p, m := a.joinPolling(t)
	text := strings.Repeat("x", 10<<10)
	for range 64<<10/len(text) + 1 { // the last one is too much
		_ = m.AsTarget().Send(event("news", text))
	}
	m.wantGone(t, runtime.TransportError)
	if got := p.Get(); got.Status != 400 {
		t.Errorf("GET: %v", got)
	}
	other.wantUnaffected(t)
}

// A client that vanishes says nothing, not even that its connection is closed.
func TestAClientThatVanishes(t *testing.T) {
	t.Parallel()
	a := serve(t, shortHeartbeat)
	other := a.bystander(t)
	_, byWebSocket := a.join(t)
	_, byPolling := a.joinPolling(t)
	answer := make(chan error, 1)
	go func() {
		_, err := runtime.Emit(context.Background(), byWebSocket.Socket, event("question", ""), oneString)
		answer <- err
	}()
	byWebSocket.wantGone(t, runtime.PingTimeout)
	byPolling.wantGone(t, runtime.PingTimeout)
	if err := wait(t, answer, "end of the wait for an answer"); err == nil {
		t.Error("the question was answered")
	}
	other.wantUnaffected(t)
}

func TestAHandlerThatPanics(t *testing.T) {
	a := serve(t, runtime.ServerOptions{})
	other := a.bystander(t)
	ws, m := a.join(t)
	ws.Send(`42["panic"]`, `420["ask","after it"]`)
	ws.Want(`430["after it"]`)
	if len(m.gone) > 0 {
		t.Error("the panic disconnected the socket")
	}
	other.wantUnaffected(t)
}

// While a handler is blocked its socket still gets pings and acknowledgements, and
// what comes behind the event waits.
func TestAHandlerThatBlocks(t *testing.T) {
	a := serve(t, runtime.ServerOptions{PingInterval: 100 * time.Millisecond, PingTimeout: time.Minute})
	other := a.bystander(t)
	ws, m := a.join(t)
	ws.Send(`42["block"]`, `427["ask","behind it"]`)
	wait(t, m.blocked, "call of the handler")
	ws.AnswerPings = false
	for range 3 {
		ws.Want("2")
		ws.Send("3")
	}
	ws.AnswerPings = true
	answer := make(chan error, 1)
	go func() {
		_, err := runtime.Emit(context.Background(), m.Socket, event("question", ""), oneString)
		answer <- err
	}()
	ws.Want(`420["question",""]`)
	ws.Send(`430["answer"]`)
	if err := wait(t, answer, "answer"); err != nil {
		t.Errorf("the question: %v", err)
	}
	other.wantUnaffected(t)
	close(m.release)
	ws.Want(`437["behind it"]`)
	other.wantUnaffected(t)
}

func TestADisconnectEndsAHandlerThatBlocks(t *testing.T) {
	for name, test := range map[string]struct {
		leave  func(ws *rawpeer.WebSocket)
		reason runtime.DisconnectReason
	}{
		"leaving":           {func(ws *rawpeer.WebSocket) { ws.Send("41") }, runtime.ClientNamespaceDisconnect},
		"a closed TCP":      {func(ws *rawpeer.WebSocket) { ws.Close() }, runtime.TransportClose},
		"a packet of dirt":  {func(ws *rawpeer.WebSocket) { ws.Send("4x") }, runtime.ParseError},
		"a close packet":    {func(ws *rawpeer.WebSocket) { ws.Send("1") }, runtime.TransportClose},
		"an unmasked frame": {func(ws *rawpeer.WebSocket) { ws.WriteBytes([]byte{0x81, 1, 'x'}) }, runtime.TransportError},
	} {
		t.Run(name, func(t *testing.T) {
			a := serve(t, runtime.ServerOptions{})
			other := a.bystander(t)
			ws, m := a.join(t)
			ws.Send(`42["block"]`)
			wait(t, m.blocked, "call of the handler")
			test.leave(ws)
			wait(t, m.left, "end of the handler's context")
			m.wantGone(t, test.reason)
			other.wantUnaffected(t)
		})
	}
}
