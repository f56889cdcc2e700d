package conformance

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/rawpeer"
)

// joined sends a CONNECT packet, which must be accepted, and returns the
// socket's id.
func joined(t *testing.T, ws *rawpeer.WebSocket, packet, prefix string) string {
	t.Helper()
	ws.Send(packet)
	return accepted(t, ws.Next(), prefix)
}

// accepted reads the answer to CONNECT: its payload has the id and nothing else.
func accepted(t *testing.T, answer, prefix string) string {
	t.Helper()
	var data map[string]string
	rest, ok := strings.CutPrefix(answer, prefix)
	if !ok || json.Unmarshal([]byte(rest), &data) != nil || len(data) != 1 || data["sid"] == "" {
		t.Fatalf("answer to CONNECT: %q", answer)
	}
	return data["sid"]
}

// connected opens a session and joins "/".
func connected(t *testing.T, s rawpeer.Server) *rawpeer.WebSocket {
	t.Helper()
	ws := s.OpenWebSocket(t)
	joined(t, ws, "40", "40")
	return ws
}

func TestAClientJoinsNamespaces(t *testing.T) {
	s := socket(t, options{})
	for _, test := range []struct{ name, packet, prefix, event, auth string }{
		{"main", "40", "40", `42["auth"]`, `42["auth",{}]`},
		{"main with a slash", "40/,", "40", `42["auth"]`, `42["auth",{}]`},
		{"main with auth", `40{"token":"123"}`, "40", `42["auth"]`, `42["auth",{"token":"123"}]`},
		{"custom", "40/custom,", "40/custom,", `42/custom,["auth"]`, `42/custom,["auth",{}]`},
		{"custom without a comma", "40/custom", "40/custom,", `42/custom,["auth"]`, `42/custom,["auth",{}]`},
		{"custom with auth", `40/custom,{"a":[1,"€"]}`, "40/custom,", `42/custom,["auth"]`, `42/custom,["auth",{"a":[1,"€"]}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			ws := s.OpenWebSocket(t)
			if id := joined(t, ws, test.packet, test.prefix); id == ws.SID {
				t.Error("the socket's id is the secret id of the session")
			}
			ws.Send(test.event)
			ws.Want(test.auth)
		})
	}
}

// TestAQueryIsNoPartOfANamespace: some clients send one.
func TestAQueryIsNoPartOfANamespace(t *testing.T) {
	differs(t, "it is a part of the name")
	ws := socket(t, options{}).OpenWebSocket(t)
	joined(t, ws, "40/custom?a=b,", "40/custom,")
	ws.Send(`42/custom,["message"]`)
	ws.Want(`42/custom,["message-back"]`)
}

func TestAClientJoinsByPolling(t *testing.T) {
	p := socket(t, options{}).OpenPolling(t)
	p.Send("40")
	accepted(t, p.Receive(1)[0], "40")
	p.Send(`42["message",1]`, `42["message",2]`)
	want(t, strings.Join(p.Receive(2), " "), `42["message-back",1] 42["message-back",2]`)
}

func TestAnUnknownNamespaceIsRefused(t *testing.T) {
	ws := socket(t, options{}).OpenWebSocket(t)
	ws.Send("40/random,")
	ws.Want(`44/random,{"message":"Invalid namespace"}`)
	joined(t, ws, "40", "40")
}

func TestAMiddlewareRefusesWithData(t *testing.T) {
	s := socket(t, options{})
	ws := s.OpenWebSocket(t)
	ws.Send(`40{"refuse":"Not authorized"}`)
	ws.Want(`44{"message":"Not authorized","data":{"code":401}}`)
	ws.Send(`40/custom,{"refuse":"Nor here"}`)
	ws.Want(`44/custom,{"message":"Nor here","data":{"code":401}}`)
	joined(t, ws, "40", "40")
}

func TestNamespacesShareAConnection(t *testing.T) {
	ws := socket(t, options{}).OpenWebSocket(t)
	one, other := joined(t, ws, "40", "40"), joined(t, ws, "40/custom,", "40/custom,")
	if one == other {
		t.Error("both sockets have one id")
	}
	ws.Send(`42["message",1]`)
	ws.Want(`42["message-back",1]`)
	ws.Send(`42/custom,["message",2]`)
	ws.Want(`42/custom,["message-back",2]`)
}

func TestThereIsNoImplicitMainNamespace(t *testing.T) {
	s := socket(t, options{})
	for _, packet := range []string{`42["message"]`, `42/custom,["message"]`, "41", "430[]"} {
		t.Run(packet, func(t *testing.T) {
			ws := s.OpenWebSocket(t)
			ws.Send(packet)
			ws.WantClosed()
		})
	}
}

func TestAnEventForAnotherNamespaceClosesTheConnection(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	ws.Send(`42/custom,["message"]`)
	ws.WantClosed()
}

func TestJoiningTwiceClosesTheConnection(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	ws.Send("40")
	ws.WantClosed()
}

func TestAConnectionWithoutANamespaceIsClosed(t *testing.T) {
	s := socket(t, options{ConnectTimeout: 50})
	s.OpenWebSocket(t).WantClosed()
	// Nor does it help to be refused, which on a busy machine may come too late.
	ws := s.OpenWebSocket(t)
	_ = ws.TrySend("40/random,")
	if f, err := ws.ReadFrame(); err == nil && f.Opcode != rawpeer.OpClose {
		want(t, f.String(), `44/random,{"message":"Invalid namespace"}`)
		ws.WantClosed()
	}
}

func TestAnInvalidConnectClosesTheConnection(t *testing.T) {
	s := socket(t, options{})
	for _, packet := range []string{"4abc", "4", `40[]x`, `40{"a"`, `40"text"`, "401"} {
		t.Run(packet, func(t *testing.T) {
			if packet == "401" {
				differs(t, "the id of an acknowledgement is ignored")
			}
			ws := s.OpenWebSocket(t)
			ws.Send(packet)
			ws.WantClosed()
		})
	}
}
