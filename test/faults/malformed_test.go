package faults

import (
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/rawpeer"
	"github.com/siogen/siogen/runtime"
)

// secret stands in packets where nobody may log it.
const secret = "hunter2"

// malformed are packets of Engine.IO that end a connection.
var malformed = []struct {
	name, packet string
	reason       runtime.DisconnectReason
	// why is what the log says, and refused that a payload with it gets status 400.
	why     string
	refused bool
}{
	{"an unknown type", "x" + secret, runtime.ParseError, "engineio: unknown packet type 'x'", true},
	{"nothing", "", runtime.ParseError, "engineio: empty packet", true},
	{"broken base64", "b" + secret + "!", runtime.ParseError, "engineio: binary packet is not base64", true},
	{"a ping of the client's", "2" + secret, runtime.TransportError, "engineio: invalid heartbeat direction", false},
	{"no packet of Socket.IO", "4x" + secret, runtime.ParseError, "unknown packet type", false},
	{"nothing of Socket.IO", "4", runtime.ParseError, "empty packet", false},
	{"no JSON", `42["ask","` + secret + `"`, runtime.ParseError, "invalid JSON", false},
	{"no array", `42{"ask":"` + secret + `"}`, runtime.ParseError, "the arguments are not an array", false},
	{"no name", `42[{"name":"` + secret + `"}]`, runtime.ParseError, "the event's name is not a string", false},
	{"a reserved name", `42["connect","` + secret + `"]`, runtime.ParseError, "reserved event name", false},
	{"ten thousand levels", `42["ask",` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "]", runtime.ParseError, "nested deeper than 128 levels", false},
	{"ten thousand levels in an acknowledgement", `430[` + strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000) + "]", runtime.ParseError, "nested deeper than 128 levels", false},
	{"a million attachments", `451000000-["ask","` + secret + `"]`, runtime.ParseError, "too many attachments", false},
	{"a number of an attachment that is not there", `451-["ask",{"_placeholder":true,"num":1}]`, runtime.ParseError, "placeholders and attachments do not match", false},
	{"a packet in place of an attachment", `451-["ask",{"_placeholder":true,"num":0}]` + "\x1e" + `42["ask","` + secret + `"]`, runtime.ParseError, "text message while attachments are missing", false},
	{"binary that nothing announced", "bAQID", runtime.ParseError, "binary message without a packet", false},
	{"an id that is no number", `421x["ask","` + secret + `"]`, runtime.ParseError, "the arguments are not an array", false},
	{"an id of a hundred digits", `42` + strings.Repeat("9", 100) + `["ask"]`, runtime.ParseError, "illegal acknowledgement id", false},
	{"an event elsewhere", `42/` + secret + `,["ask"]`, runtime.ForcedServerClose, "packet for a namespace that the connection has not joined", false},
	{"a second CONNECT", `40{"token":"` + secret + `"}`, runtime.ForcedServerClose, "connection to a namespace that the connection has joined", false},
	{"what only a server sends", `44{"message":"` + secret + `"}`, runtime.ForcedServerClose, "packet that only a server sends", false},
}

func TestMalformedPackets(t *testing.T) {
	for _, test := range malformed {
		t.Run(test.name, func(t *testing.T) {
			a := serve(t, runtime.ServerOptions{})
			other := a.bystander(t)
			ws, m := a.join(t)
			ws.Send(strings.Split(test.packet, "\x1e")...)
			wantCut(t, ws)
			m.wantGone(t, test.reason)
			a.wantNoted(t, test.why)
			other.wantUnaffected(t)
		})
	}
}

func TestMalformedPacketsByPolling(t *testing.T) {
	for _, test := range malformed {
		t.Run(test.name, func(t *testing.T) {
			a := serve(t, runtime.ServerOptions{})
			other := a.bystander(t)
			p, m := a.joinPolling(t)
			get := p.BeginGet()
			// A payload that is none is refused; of others something was taken.
			if answer := p.Post(strings.Split(test.packet, "\x1e")...); (answer.Status == 400) != test.refused {
				t.Errorf("POST: %v", answer)
			}
			m.wantGone(t, test.reason)
			if got := get.Answer().String(); got != "200 1" && !strings.HasPrefix(got, "400 ") {
				t.Errorf("GET: %s", got)
			}
			a.wantNoted(t, test.why)
			other.wantUnaffected(t)
		})
	}
}

func TestMalformedFrames(t *testing.T) {
	for _, test := range []struct{ name, bytes, why string }{
		{"not masked", "\x81\x02" + `42`, "mask of the wrong end"},
		{"reserved bits", "\xf1\x80\x00\x00\x00\x00", "reserved bits"},
		{"compression that nobody agreed to", "\xc1\x80\x00\x00\x00\x00", "compression that was not negotiated"},
		{"an unknown opcode", "\x85\x80\x00\x00\x00\x00", "unknown opcode"},
		{"a continuation of nothing", "\x80\x80\x00\x00\x00\x00", "continuation of nothing"},
		{"a ping in fragments", "\x09\x80\x00\x00\x00\x00", "fragmented, compressed or long control frame"},
		{"a long ping", "\x89\xfe\x01\x00\x00\x00\x00\x00", "fragmented, compressed or long control frame"},
		{"half a status", "\x88\x81\x00\x00\x00\x00x", "close frame with half a status"},
		{"a message within a message", "\x01\x81\x00\x00\x00\x004\x81\x81\x00\x00\x00\x004", "message within a message"},
		{"no UTF-8", "\x81\x82\x00\x00\x00\x004\xff", "text that is not UTF-8"},
		{"a message that is too large", "\x81\xfe\x10\x00\x00\x00\x00\x00", "message of more than 1000 bytes"},
		{"a message of 2⁶³ bytes", "\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "length that is not in its shortest form"},
		{"fragments that are too large", "\x01\xfe\x03\x00\x00\x00\x00\x00" + strings.Repeat("4", 768) + "\x80\xfe\x03\x00\x00\x00\x00\x00", "message of more than 1000 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := serve(t, runtime.ServerOptions{MaxPayload: 1000})
			other := a.bystander(t)
			ws, m := a.join(t)
			ws.WriteBytes([]byte(test.bytes))
			wantCut(t, ws)
			m.wantGone(t, runtime.TransportError)
			a.wantNoted(t, "engineio: invalid WebSocket frame: "+test.why)
			other.wantUnaffected(t)
		})
	}
}

// wantNoted checks that the application gets a counter and a line that says why,
// and no secret.
func (a *app) wantNoted(t *testing.T, why string) {
	t.Helper()
	for deadline := time.Now().Add(rawpeer.Patience); a.invalid.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the packet was not counted")
		}
	}
	if n := a.invalid.Load(); n != 1 {
		t.Errorf("%d invalid packets were counted", n)
	}
	log := a.log.String()
	if !strings.Contains(log, "invalid packet, closing the connection") || !strings.Contains(log, `reason="`+why) || !strings.Contains(log, "remote=127.0.0.1:") {
		t.Errorf("the log does not say %q:\n%s", why, log)
	}
	if strings.Contains(log, secret) {
		t.Errorf("a secret was logged:\n%s", log)
	}
}
