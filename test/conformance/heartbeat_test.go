package conformance

import "testing"

// frequent has pings often and patience with their answers.
var frequent = options{PingInterval: 30, PingTimeout: 30_000}

func TestTheServerPingsAWebSocket(t *testing.T) {
	ws := engine(t, frequent).OpenWebSocket(t)
	for range 3 {
		ws.Want("2")
		ws.Send("3")
	}
}

func TestTheServerPingsByPolling(t *testing.T) {
	p := engine(t, frequent).OpenPolling(t)
	for range 3 {
		want(t, p.Get().String(), "200 2")
		p.Send("3")
	}
}

func TestMessagesAndPingsMix(t *testing.T) {
	ws := engine(t, frequent).OpenWebSocket(t)
	ws.AnswerPings = true
	for range 200 {
		ws.Send("4message")
		ws.Want("4message")
	}
}

func TestAMissingPongClosesAWebSocket(t *testing.T) {
	ws := engine(t, options{PingInterval: 30, PingTimeout: 30}).OpenWebSocket(t)
	ws.Want("2")
	ws.WantClosed()
}

func TestAMissingPongClosesASessionOnPolling(t *testing.T) {
	p := engine(t, options{PingInterval: 30, PingTimeout: 30}).OpenPolling(t)
	if a := p.Get(); a.String() != "200 2" && a.String() != "200 1" && a.String() != sessionUnknown {
		t.Fatal(a)
	}
	for p.Get().Status != 400 {
	}
	want(t, p.Get().String(), sessionUnknown)
}
