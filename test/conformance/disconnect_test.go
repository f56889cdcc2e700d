package conformance

import (
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/rawpeer"
)

func TestAClientLeavesANamespace(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	joined(t, ws, "40/custom,", "40/custom,")
	for _, leave := range []string{"41/custom,", "41/custom"} {
		ws.Send(leave, `42["message","no answer came before"]`)
		ws.Want(`42["message-back","no answer came before"]`)
		joined(t, ws, "40/custom,", "40/custom,")
	}
}

func TestAClientThatLeftTheLastNamespaceMayComeBack(t *testing.T) {
	differs(t, "the connection is closed")
	ws := connected(t, socket(t, options{}))
	ws.Send("41")
	joined(t, ws, "40", "40")
	ws.Send(`42["message"]`)
	ws.Want(`42["message-back"]`)
}

func TestTheServerMakesASocketLeave(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	joined(t, ws, "40/custom,", "40/custom,")
	ws.Send(`42/custom,["leave"]`)
	ws.Want("41/custom,")
	ws.Send(`42["message"]`)
	ws.Want(`42["message-back"]`)
	ws.Send(`42["leave"]`)
	ws.Want("41")
	joined(t, ws, "40", "40")
}

func TestTheServerClosesAConnection(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	ws.Send(`42["close"]`)
	ws.Want("41")
	ws.WantClosed()
}

func TestTheServerClosesAConnectionOnPolling(t *testing.T) {
	p := socket(t, options{}).OpenPolling(t)
	p.Send("40")
	accepted(t, p.Receive(1)[0], "40")
	p.Send(`42["close"]`)
	var packets []string
	for len(packets) < 2 {
		a := p.Get()
		want(t, a.Status, 200)
		for _, packet := range rawpeer.Packets(a.Body) {
			if packet != "6" { // the reference's way to end a GET
				packets = append(packets, packet)
			}
		}
	}
	want(t, strings.Join(packets, " "), "41 1")
	want(t, p.Get().Status, 400)
}
