package conformance

import (
	"testing"

	"github.com/siogen/siogen/internal/rawpeer"
)

// probing opens a WebSocket for a session and has it probed.
func probing(t *testing.T, s rawpeer.Server, p *rawpeer.Polling) *rawpeer.WebSocket {
	t.Helper()
	ws := s.WebSocket(t, "EIO=4&transport=websocket&sid="+p.SID)
	ws.Send("2probe")
	ws.Want("3probe")
	return ws
}

func TestAnUpgradeReleasesTheOpenGet(t *testing.T) {
	s := engine(t, options{})
	p := s.OpenPolling(t)
	get := p.BeginGet()
	ws := probing(t, s, p)
	want(t, get.Answer().String(), "200 6")
	ws.Send("5", "4hello")
	ws.Want("4hello")
}

func TestAnUpgradeReleasesALaterGet(t *testing.T) {
	s := engine(t, options{})
	p := s.OpenPolling(t)
	ws := probing(t, s, p)
	want(t, p.Get().String(), "200 6")
	ws.Send("5", "4hello")
	ws.Want("4hello")
}

func TestUntilTheUpgradePacketsGoByPolling(t *testing.T) {
	s := engine(t, options{})
	p := s.OpenPolling(t)
	ws := probing(t, s, p)
	p.Send("4by polling")
	want(t, p.Get().String(), "200 4by polling")
	ws.Send("5", "4by websocket")
	ws.Want("4by websocket")
}

func TestWhatWaitsForAGetGoesByTheWebSocketFirst(t *testing.T) {
	s := engine(t, options{})
	p := s.OpenPolling(t)
	ws := probing(t, s, p)
	p.Send("4one", "bdHdv", "4three")
	ws.Send("5", "4four")
	ws.Want("4one", "b:two", "4three", "4four")
}

func TestAfterTheUpgradePollingIsRefused(t *testing.T) {
	s := engine(t, options{})
	p := s.OpenPolling(t)
	ws := probing(t, s, p)
	ws.Send("5", "4upgraded")
	ws.Want("4upgraded")
	want(t, p.Get().String(), badRequest)
	want(t, p.Post("4hello").String(), badRequest)
	ws.Send("4still here")
	ws.Want("4still here")
}

// TestAPollIsNotFasterThanTheUpgrade: both come on connections of their own, so that
// the last word about the upgrade may be read after a poll that was sent later.
func TestAPollIsNotFasterThanTheUpgrade(t *testing.T) {
	s := engine(t, options{})
	for range 20 {
		p := s.OpenPolling(t)
		ws := s.WebSocket(t, "EIO=4&transport=websocket&sid="+p.SID)
		ws.Send("2probe", "5")
		want(t, p.Get().String(), badRequest)
		ws.Want("3probe")
	}
}

func TestASessionHasOneWebSocket(t *testing.T) {
	s := engine(t, options{})
	p := s.OpenPolling(t)
	ws := probing(t, s, p)
	ws.Send("5", "4upgraded")
	ws.Want("4upgraded")
	s.WebSocket(t, "EIO=4&transport=websocket&sid="+p.SID).WantClosed()
	ws.Send("4still here")
	ws.Want("4still here")
}

func TestAFailedProbeLeavesPollingUntouched(t *testing.T) {
	s := engine(t, options{})
	for name, fail := range map[string]func(*rawpeer.WebSocket){
		"another packet": func(ws *rawpeer.WebSocket) { ws.Send("4no probe") },
		"another ping":   func(ws *rawpeer.WebSocket) { ws.Send("2other") },
		"vanishing":      func(ws *rawpeer.WebSocket) { ws.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			p := s.OpenPolling(t)
			fail(s.WebSocket(t, "EIO=4&transport=websocket&sid="+p.SID))
			p.Send("4still here")
			want(t, p.Get().String(), "200 4still here")
		})
	}
}
