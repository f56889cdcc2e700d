package conformance

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/rawpeer"
)

// guest is a client of a server with connection state recovery.
type guest struct {
	*rawpeer.WebSocket
	id, pid string
	offset  string // of the last event that it received
}

// recovering serves with connection state recovery.
func recovering(t *testing.T) rawpeer.Server {
	t.Helper()
	return socket(t, options{Recovery: &recovery{}})
}

// enter joins "/" with this auth payload. What comes before the answer is returned,
// too: the reference replays there.
func enter(t *testing.T, s rawpeer.Server, auth string) (g *guest, before []string) {
	t.Helper()
	g = &guest{WebSocket: s.OpenWebSocket(t)}
	g.Send("40" + auth)
	for {
		frame := g.Next()
		answer, ok := strings.CutPrefix(frame, "40")
		if !ok {
			before = append(before, frame)
			continue
		}
		var data map[string]string
		if err := json.Unmarshal([]byte(answer), &data); err != nil || len(data) != 2 || data["sid"] == "" || data["pid"] == "" {
			t.Fatalf("answer to CONNECT: %q", frame)
		}
		g.id, g.pid = data["sid"], data["pid"]
		return g, before
	}
}

// wantEvent checks an event: its arguments, such as `"message-back",1`, and behind
// them an offset.
func (g *guest) wantEvent(t *testing.T, frame, args string) {
	t.Helper()
	rest, ok := strings.CutPrefix(frame, "42["+args+`,"`)
	offset, closed := strings.CutSuffix(rest, `"]`)
	if !ok || !closed || offset == "" || offset == g.offset {
		t.Fatalf("got %q, want the event [%s] with an offset", frame, args)
	}
	g.offset = offset
}

// vanish cuts the connection, and waits until the server knows: other sees so.
func (g *guest) vanish(t *testing.T, other *guest) {
	t.Helper()
	g.Close()
	for deadline := time.Now().Add(rawpeer.Patience); ; time.Sleep(time.Millisecond) {
		other.Send(`421["count"]`)
		if other.Next() == "431[1]" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the server does not notice that a client is gone")
		}
	}
}

// ticket is the payload by which a client comes back.
func ticket(pid, offset string) string { return fmt.Sprintf(`{"pid":%q,"offset":%q}`, pid, offset) }

// changed returns an id with another last letter.
func changed(id string) string {
	last := "A"
	if strings.HasSuffix(id, last) {
		last = "B"
	}
	return id[:len(id)-1] + last
}

func TestEventsCarryOffsets(t *testing.T) {
	s := recovering(t)
	g, _ := enter(t, s, "")
	if g.pid == g.id {
		t.Error("the private id is the public one")
	}
	for _, args := range []string{`"message-back"`, `"message-back",1,"2"`, `"message-back",{"a":[]}`} {
		g.Send("42[" + strings.Replace(args, "-back", "", 1) + "]")
		g.wantEvent(t, g.Next(), args)
	}
	// But not those that must be acknowledged, nor acknowledgements.
	g.Send(`42["ask",1]`, `427["message-with-ack",2]`)
	g.Want(`420["question",1]`, `437[2]`)
}

func TestAClientComesBack(t *testing.T) {
	s := recovering(t)
	other, _ := enter(t, s, "")
	g, _ := enter(t, s, "")
	g.Send(`42["enter"]`, `42["message","seen"]`)
	g.wantEvent(t, g.Next(), `"message-back","seen"`)
	g.vanish(t, other)

	const missed = 3
	for i := range missed {
		other.Send(fmt.Sprintf(`42["tell",%d]`, i))
	}
	other.Send(`42["message","not for the other"]`)
	other.wantEvent(t, other.Next(), `"message-back","not for the other"`)

	back, frames := enter(t, s, ticket(g.pid, g.offset))
	want(t, back.id, g.id)
	want(t, back.pid, g.pid)
	back.offset = g.offset
	for i := range missed {
		if i == len(frames) {
			frames = append(frames, back.Next())
		}
		back.wantEvent(t, frames[i], fmt.Sprintf(`"told",%d`, i))
	}
	// It is in its room again, and what it gets now goes on.
	other.Send(`42["tell","live"]`)
	back.wantEvent(t, back.Next(), `"told","live"`)
	back.vanish(t, other)
	again, frames := enter(t, s, ticket(back.pid, back.offset))
	want(t, again.id, g.id)
	want(t, len(frames), 0)
	again.Send(`421["message-with-ack","nothing was replayed"]`)
	again.Want(`431["nothing was replayed"]`)
}

func TestWhoIsANewClientAllTheSame(t *testing.T) {
	for name, test := range map[string]struct {
		leave  func(*testing.T, *guest, *guest)
		ticket func(g *guest) string
	}{
		"an unknown pid":    {nil, func(g *guest) string { return ticket(changed(g.pid), g.offset) }},
		"an unknown offset": {nil, func(g *guest) string { return ticket(g.pid, "unknown") }},
		"no pid":            {nil, func(g *guest) string { return fmt.Sprintf(`{"offset":%q}`, g.offset) }},
		"a number as pid":   {nil, func(g *guest) string { return fmt.Sprintf(`{"pid":1,"offset":%q}`, g.offset) }},
		"one that had left": {
			func(t *testing.T, g, other *guest) { g.Send("41"); g.vanish(t, other) },
			func(g *guest) string { return ticket(g.pid, g.offset) },
		},
		"one that was made to leave": {
			func(t *testing.T, g, other *guest) { g.Send(`42["leave"]`); g.Want("41"); g.vanish(t, other) },
			func(g *guest) string { return ticket(g.pid, g.offset) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := recovering(t)
			other, _ := enter(t, s, "")
			g, _ := enter(t, s, "")
			g.Send(`42["enter"]`, `42["message"]`)
			g.wantEvent(t, g.Next(), `"message-back"`)
			if test.leave == nil {
				test.leave = func(t *testing.T, g, other *guest) { g.vanish(t, other) }
			}
			test.leave(t, g, other)
			other.Send(`42["tell","missed"]`)

			back, frames := enter(t, s, test.ticket(g))
			if back.id == g.id || back.pid == g.pid {
				t.Error("it was taken for the one before")
			}
			want(t, len(frames), 0)
			back.Send(`421["message-with-ack","nothing was replayed"]`)
			back.Want(`431["nothing was replayed"]`)
		})
	}
}

func TestWithoutRecoveryAPidMeansNothing(t *testing.T) {
	ws := socket(t, options{}).OpenWebSocket(t)
	joined(t, ws, `40{"pid":"abc","offset":"def"}`, "40")
	ws.Send(`42["auth"]`, `42["message",1]`)
	ws.Want(`42["auth",{"pid":"abc","offset":"def"}]`, `42["message-back",1]`)
}
