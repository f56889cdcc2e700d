package conformance

import (
	"testing"

	"github.com/siogen/siogen/internal/rawpeer"
)

func TestTheServerAcknowledges(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	joined(t, ws, "40/custom,", "40/custom,")
	for event, ack := range map[string]string{
		`42456["message-with-ack",1,"2",{"3":[false]}]`: `43456[1,"2",{"3":[false]}]`,
		`420["message-with-ack"]`:                       `430[]`,
		`429007199254740991["message-with-ack",1]`:      `439007199254740991[1]`,
		`42/custom,12["message-with-ack","foo"]`:        `43/custom,12["foo"]`,
	} {
		ws.Send(event)
		ws.Want(ack)
	}
}

func TestAckIDsMayComeAgain(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	for range 3 {
		ws.Send(`421["message-with-ack","again"]`)
		ws.Want(`431["again"]`)
	}
}

func TestAClientAcknowledges(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	ws.Send(`42["ask",1,"two"]`)
	ws.Want(`420["question",1,"two"]`)
	ws.Send(`430["answer",{"a":null}]`)
	ws.Want(`42["answered","answer",{"a":null}]`)

	ws.Send(`42["ask"]`)
	ws.Want(`421["question"]`)
	ws.Send(`431[]`)
	ws.Want(`42["answered"]`)
}

func TestAcknowledgementsMayComeInAnyOrder(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	ws.Send(`42["ask","a"]`, `42["ask","b"]`)
	ws.Want(`420["question","a"]`, `421["question","b"]`)
	ws.Send(`431["for b"]`, `430["for a"]`)
	ws.Want(`42["answered","for b"]`, `42["answered","for a"]`)
}

func TestAnAcknowledgementThatNobodyWaitsForIsIgnored(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	ws.Send(`42["ask"]`)
	ws.Want(`420["question"]`)
	ws.Send(`43999["unknown"]`, `430["first"]`, `430["second"]`, `42["message"]`)
	ws.Want(`42["answered","first"]`, `42["message-back"]`)
}

func TestAnInvalidAcknowledgementClosesTheConnection(t *testing.T) {
	for _, test := range []struct{ packet, lax string }{
		{packet: `430{}`}, {packet: `430"text"`}, {packet: `430[`}, {packet: `43abc[]`},
		{`430`, "an acknowledgement without a payload is an empty one"},
		{`43[]`, "an acknowledgement without an id is ignored"},
	} {
		t.Run(test.packet, func(t *testing.T) {
			if test.lax != "" {
				differs(t, test.lax)
			}
			ws := connected(t, socket(t, options{}))
			ws.Send(`42["ask"]`)
			ws.Want(`420["question"]`)
			ws.Send(test.packet)
			ws.WantClosed()
		})
	}
}

func TestAcknowledgementsCarryAttachments(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	ws.Write(
		rawpeer.TextFrame(`452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`),
		rawpeer.BinaryFrame("\x01\x02\x03"), rawpeer.BinaryFrame("\x04\x05\x06"),
	)
	ws.Want(`462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "b:\x01\x02\x03", "b:\x04\x05\x06")

	ws.Send(`42["ask"]`)
	ws.Want(`420["question"]`)
	ws.Write(rawpeer.TextFrame(`461-0["bar",{"_placeholder":true,"num":0}]`), rawpeer.BinaryFrame("\x01\x02"))
	ws.Want(`451-["answered","bar",{"_placeholder":true,"num":0}]`, "b:\x01\x02")
}
