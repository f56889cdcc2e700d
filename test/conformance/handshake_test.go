package conformance

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/internal/rawpeer"
)

func TestPollingHandshakeAnswersWithAnOpenPacket(t *testing.T) {
	s := engine(t, options{})
	a := s.Do(t, "GET", "EIO=4&transport=polling", "")
	want(t, a.Status, 200)
	want(t, a.Header.Get("Content-Type"), "text/plain; charset=UTF-8")
	h := rawpeer.ParseOpen(t, a.Body)
	expected := rawpeer.Handshake{
		SID: h.SID, Upgrades: []string{"websocket"}, PingInterval: 25000, PingTimeout: 20000, MaxPayload: 1_000_000,
	}
	if diff := cmp.Diff(expected, h); diff != "" {
		t.Error(diff)
	}
}

func TestWebSocketHandshakeOffersNoUpgrades(t *testing.T) {
	ws := engine(t, options{}).OpenWebSocket(t)
	expected := rawpeer.Handshake{
		SID: ws.SID, Upgrades: []string{}, PingInterval: 25000, PingTimeout: 20000, MaxPayload: 1_000_000,
	}
	if diff := cmp.Diff(expected, ws.Handshake); diff != "" {
		t.Error(diff)
	}
}

func TestEverySessionHasAnIDOfItsOwn(t *testing.T) {
	s := engine(t, options{})
	seen := map[string]bool{}
	for range 20 {
		seen[s.OpenPolling(t).SID] = true
		seen[s.OpenWebSocket(t).SID] = true
	}
	want(t, len(seen), 40)
	for id := range seen {
		if len(id) < 20 {
			t.Errorf("%q is short", id)
		}
	}
}

// TestOtherParametersOfTheQueryDoNotMatter: browsers add "t" against caches.
func TestOtherParametersOfTheQueryDoNotMatter(t *testing.T) {
	s := engine(t, options{})
	want(t, s.Do(t, "GET", "t=abc&transport=polling&EIO=4&b64=1", "").Status, 200)
}
