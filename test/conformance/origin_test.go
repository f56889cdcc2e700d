package conformance

import (
	"testing"

	"github.com/siogen/siogen/internal/rawpeer"
)

const (
	elsewhere = "Origin: http://elsewhere.example"
	forbidden = `403 {"code":4,"message":"Forbidden"}`
)

// own is the origin of the server's own pages.
func own(s rawpeer.Server) string { return "Origin: http://" + s.Addr }

func TestPagesOfOtherOriginsOpenNoSession(t *testing.T) {
	s := engine(t, options{})
	for _, origin := range []string{elsewhere, "Origin: null", own(s) + ".elsewhere.example", "Origin: http://127.0.0.1"} {
		a := s.Do(t, "GET", "EIO=4&transport=polling", "", origin)
		want(t, a.String(), forbidden)
		want(t, a.Header.Get("Content-Type"), "application/json")
		want(t, a.Header.Get("Access-Control-Allow-Origin"), "")
		ws, refused := s.TryWebSocket(t, "EIO=4&transport=websocket", []string{origin})
		if ws != nil {
			t.Fatalf("a WebSocket from %s was accepted", origin)
		}
		if reference { // which answers every WebSocket so
			want(t, refused.String(), "400 Forbidden")
			continue
		}
		want(t, refused.String(), forbidden)
	}
}

func TestOwnPagesOpenSessions(t *testing.T) {
	s := engine(t, options{})
	want(t, s.Do(t, "GET", "EIO=4&transport=polling", "", own(s)).Status, 200)
	ws, refused := s.TryWebSocket(t, "EIO=4&transport=websocket", []string{own(s)})
	if ws == nil {
		t.Fatalf("WebSocket: %v", refused)
	}
	rawpeer.ParseOpen(t, ws.Next())
}

// TestPagesOfOtherOriginsCannotUseASession, whose id they would have to know: its
// own client does not notice.
func TestPagesOfOtherOriginsCannotUseASession(t *testing.T) {
	differs(t, "only the request that opens a session is decided about")
	s := engine(t, options{})
	p := s.OpenPolling(t)
	get := p.BeginGet()
	want(t, s.Do(t, "GET", p.Query(), "", elsewhere).String(), forbidden)
	want(t, s.Do(t, "POST", p.Query(), "4intruder", elsewhere).String(), forbidden)
	if ws, refused := s.TryWebSocket(t, "EIO=4&transport=websocket&sid="+p.SID, []string{elsewhere}); ws != nil {
		t.Error("the upgrade was accepted")
	} else {
		want(t, refused.String(), forbidden)
	}
	p.Send("4still here")
	want(t, get.Answer().String(), "200 4still here")
	probing(t, s, p).Send("5")
}
