package conformance

import (
	"fmt"
	"strings"
	"testing"
)

func TestEventsCarryAnyArguments(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	for _, args := range []string{
		``, `,1`, `,1,"2",{"3":[true]}`, `,null,false`, `,"€ ŝ 𝄞"`, `,"\"\\\n"`, `,{}`, `,[[[[]]]]`, `,""`, `,-0.5e-7`,
		`,{"_placeholder":"no"}`, `,"` + strings.Repeat("long ", 20_000) + `"`,
	} {
		back := strings.Replace(args, "-0.5e-7", "-5e-8", 1) // as JavaScript prints it
		if !reference {
			back = args
		}
		ws.Send(`42["message"` + args + `]`)
		ws.Want(`42["message-back"` + back + `]`)
	}
}

func TestEventsKeepTheirOrder(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	const n = 1000
	var events, back []string
	for i := range n {
		events = append(events, fmt.Sprintf(`42["message",%d]`, i))
		back = append(back, fmt.Sprintf(`42["message-back",%d]`, i))
	}
	ws.Send(events...)
	ws.Want(back...)
}

func TestAnEventThatNobodyHandlesIsIgnored(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	ws.Send(`42["unknown",1]`, `427["unknown",1]`, `42[""]`, `42["message"]`)
	ws.Want(`42["message-back"]`)
}

func TestAnInvalidEventClosesTheConnection(t *testing.T) {
	s := socket(t, options{})
	for _, test := range []struct{ packet, lax string }{
		{packet: "4abc"}, {packet: "47"}, {packet: "42{}"}, {packet: "42[]"}, {packet: `42"message"`},
		{packet: `42["message"`}, {packet: `42["message"]x`}, {packet: `42[null]`}, {packet: `42[{}]`}, {packet: `42[["message"]]`},
		{packet: `42abc["message-with-ack",1]`}, {packet: `42-1["message"]`}, {packet: `42/["message"]`},
		{packet: `42["connect"]`}, {packet: `42["connect_error"]`}, {packet: `42["disconnect"]`}, {packet: `42["disconnecting"]`},
		{packet: `42["newListener"]`}, {packet: `42["removeListener"]`},
		{`42`, "an event without a payload is ignored"},
		{`42[1]`, "an event may have a number for its name"},
		{`44{"message":"no"}`, "CONNECT_ERROR from a client is ignored"},
	} {
		t.Run(test.packet, func(t *testing.T) {
			if test.lax != "" {
				differs(t, test.lax)
			}
			ws := connected(t, s)
			ws.Send(test.packet)
			ws.WantClosed()
		})
	}
}
