package faults

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/rawpeer"
	"github.com/siogen/siogen/runtime"
)

// shortHeartbeat has a client that answers no ping found out soon. The timeout is
// long enough for those that do answer, on a busy machine.
var shortHeartbeat = runtime.ServerOptions{PingInterval: 100 * time.Millisecond, PingTimeout: 3 * time.Second}

func TestBodiesThatAreTooLarge(t *testing.T) {
	const limit = 1000
	tooLarge := "4" + strings.Repeat("x", limit)
	for name, body := range map[string]string{
		"by Content-Length":                fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(tooLarge), tooLarge),
		"by Content-Length, before it all": "Content-Length: 1000000000000\r\n\r\n4x",
		"by its chunks":                    fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(tooLarge), tooLarge),
		"by a chunk that never ends":       fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\nfffffff\r\n%s", tooLarge),
	} {
		t.Run(name, func(t *testing.T) {
			a := serve(t, runtime.ServerOptions{MaxPayload: limit})
			other := a.bystander(t)
			p, m := a.joinPolling(t)
			answer := post(t, p, body).Answer()
			if answer.Status != http.StatusRequestEntityTooLarge {
				t.Errorf("answer %v", answer)
			}
			// As with the reference, the request was refused, not the session.
			p.Send(`420["ask","still here"]`)
			if got := p.Receive(1)[0]; got != `430["still here"]` {
				t.Errorf("afterwards: %s", got)
			}
			if len(m.gone) > 0 {
				t.Error("the application was told of a disconnect")
			}
			other.wantUnaffected(t)
		})
	}
}

// post begins a POST whose header ends with, and whose body is, what is given.
func post(t *testing.T, p *rawpeer.Polling, rest string) *rawpeer.Request {
	t.Helper()
	return p.BeginRaw(t, http.MethodPost, fmt.Sprintf("POST %s?%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n"+
		"Content-Type: text/plain;charset=UTF-8\r\n%s", p.Path, p.Query(), p.Addr, rest))
}

// A body that takes for ever ends with its session, at the latest when no pong
// came.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	a := serve(t, shortHeartbeat)
	other := a.bystander(t)
	p, m := a.joinPolling(t)
	slow := post(t, p, "Content-Length: 100\r\n\r\n4slow")
	m.wantGone(t, runtime.PingTimeout)
	if got := slow.Answer(); got.Status != http.StatusBadRequest {
		t.Errorf("the answer: %v", got)
	}
	other.wantUnaffected(t)
}

// What comes byte by byte is not there, and keeps nobody alive.
func TestOneByteAtATime(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	trickle := func(write func([]byte) error) (stopped <-chan struct{}) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			for write([]byte("x")) == nil {
				time.Sleep(5 * time.Millisecond)
			}
		}()
		return done
	}
	t.Run("of a frame", func(t *testing.T) {
		t.Parallel()
		a := serve(t, shortHeartbeat)
		other := a.bystander(t)
		ws, m := a.join(t)
		ws.WriteBytes(rawpeer.TextFrame(long).Append(nil)[:20])
		done := trickle(ws.TryWriteBytes)
		m.wantGone(t, runtime.PingTimeout)
		wantCut(t, ws)
		wait(t, done, "end of the connection")
		other.wantUnaffected(t)
	})
	t.Run("of a body", func(t *testing.T) {
		t.Parallel()
		a := serve(t, shortHeartbeat)
		other := a.bystander(t)
		p, m := a.joinPolling(t)
		slow := post(t, p, "Content-Length: 100000\r\n\r\n4")
		done := trickle(slow.TryWrite)
		m.wantGone(t, runtime.PingTimeout)
		slow.TryAnswer() // 400, or lost because more came
		wait(t, done, "end of the connection")
		other.wantUnaffected(t)
	})
}

func TestHalfAFrame(t *testing.T) {
	t.Parallel()
	whole := rawpeer.TextFrame(`42["ask","` + strings.Repeat("x", 1000) + `"]`).Append(nil)
	for name, n := range map[string]int{"half of the head": 1, "the length without the mask": 4, "half of the data": len(whole) / 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, shortHeartbeat)
			other := a.bystander(t)
			ws, m := a.join(t)
			ws.AnswerPings = false // it could not: it is in the middle of a frame
			ws.WriteBytes(whole[:n])
			m.wantGone(t, runtime.PingTimeout)
			wantCut(t, ws)
			other.wantUnaffected(t)
		})
	}
}

// wantCut checks that nothing but pings comes before the connection ends.
func wantCut(t *testing.T, ws *rawpeer.WebSocket) {
	t.Helper()
	for {
		f, err := ws.ReadFrame()
		switch {
		case err != nil || f.Opcode == rawpeer.OpClose:
			ws.Close() // for which the server waits a while
			return
		case f.String() != "2" && f.String() != "1":
			t.Fatalf("got %.100q before the end", f)
		}
	}
}

// A handshake that is never finished holds nothing but its TCP connection, which
// is the http.Server's to limit.
func TestHalfAHandshake(t *testing.T) {
	a := serve(t, runtime.ServerOptions{})
	other := a.bystander(t)
	half := a.at.BeginRaw(t, http.MethodGet, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: webs")
	defer half.Cancel()
	other.wantUnaffected(t)
	a.close(t) // which does not wait for it
	if len(a.members) > 0 {
		t.Error("somebody was connected")
	}
}

func TestGuessedIDs(t *testing.T) {
	const unknown = `400 {"code":1,"message":"Session ID unknown"}`
	a := serve(t, runtime.ServerOptions{})
	ws, m := a.join(t)
	p, polling := a.joinPolling(t)
	for name, sid := range map[string]string{
		"the id of a socket": m.ID(), "one letter changed": changed(p.SID), "the beginning of one": p.SID[:len(p.SID)-1],
		"an id in other case": strings.ToUpper(p.SID) + strings.ToLower(p.SID), "very long": strings.Repeat("A", 4000),
	} {
		query := "EIO=4&transport=polling&sid=" + sid
		for _, got := range []rawpeer.Answer{
			a.at.Do(t, http.MethodGet, query, ""),
			a.at.Do(t, http.MethodPost, query, `42["panic"]`),
		} {
			if got.String() != unknown {
				t.Errorf("%s: %v", name, got)
			}
		}
		if _, refused := a.at.TryWebSocket(t, "EIO=4&transport=websocket&sid="+sid, nil); refused.String() != unknown {
			t.Errorf("%s, WebSocket: %v", name, refused)
		}
	}
	// Whoever they belong to did not notice.
	ws.Send(`420["ask","a"]`)
	ws.Want(`430["a"]`)
	p.Send(`420["ask","b"]`)
	if got := p.Receive(1)[0]; got != `430["b"]` {
		t.Errorf("afterwards: %s", got)
	}
	if len(m.gone) > 0 || len(polling.gone) > 0 {
		t.Error("the application was told of a disconnect")
	}
}

// Whoever guesses the id of an acknowledgement has it for events to itself only.
func TestGuessedAcknowledgements(t *testing.T) {
	a := serve(t, runtime.ServerOptions{})
	ws, m := a.join(t)
	intruder, other := a.join(t)
	answer := make(chan string, 1)
	go func() {
		got, err := runtime.Emit(context.Background(), m.Socket, event("question", ""), oneString)
		if err != nil {
			got = err.Error()
		}
		answer <- got
	}()
	ws.Want(`420["question",""]`)
	for id := range 100 {
		intruder.Send(fmt.Sprintf(`43%d["guessed"]`, id))
	}
	intruder.Send(`420["ask","harmless"]`)
	intruder.Want(`430["harmless"]`)
	if len(answer) > 0 {
		t.Errorf("answered by somebody else: %q", <-answer)
	}
	ws.Send(`430["my own"]`)
	if got := wait(t, answer, "answer"); got != "my own" {
		t.Errorf("answer %q", got)
	}
	if len(m.gone) > 0 || len(other.gone) > 0 {
		t.Error("somebody was disconnected")
	}
}

// changed returns an id with another last letter.
func changed(id string) string {
	if strings.HasSuffix(id, "A") {
		return id[:len(id)-1] + "B"
	}
	return id[:len(id)-1] + "A"
}
