package conformance

import (
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/rawpeer"
)

func TestAttachmentsFollowTheirPacket(t *testing.T) {
	ws := connected(t, socket(t, options{}))
	joined(t, ws, "40/custom,", "40/custom,")
	for _, test := range []struct {
		event, back string
		attachments []string
	}{
		{`451-["message",{"_placeholder":true,"num":0}]`, `451-["message-back",{"_placeholder":true,"num":0}]`, []string{"\x01\x02\x03"}},
		{`451-/custom,["message",{"_placeholder":true,"num":0}]`, `451-/custom,["message-back",{"_placeholder":true,"num":0}]`, []string{"x"}},
		{
			`453-["message",{"a":[{"_placeholder":true,"num":0},1]},{"_placeholder":true,"num":1},[{"_placeholder":true,"num":2}]]`,
			`453-["message-back",{"a":[{"_placeholder":true,"num":0},1]},{"_placeholder":true,"num":1},[{"_placeholder":true,"num":2}]]`,
			[]string{"one", "", strings.Repeat("three", 20_000)},
		},
	} {
		frames := []rawpeer.Frame{rawpeer.TextFrame(test.event)}
		back := []string{test.back}
		for _, a := range test.attachments {
			frames = append(frames, rawpeer.BinaryFrame(a))
			back = append(back, "b:"+a)
		}
		ws.Write(frames...)
		ws.Want(back...)
	}
}

func TestAttachmentsByPolling(t *testing.T) {
	p := socket(t, options{}).OpenPolling(t)
	p.Send("40")
	accepted(t, p.Receive(1)[0], "40")
	// The attachments may come in a payload of their own.
	p.Send(`452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "bAQID")
	p.Send("bBAUG")
	want(t, strings.Join(p.Receive(3), " "), `452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}] bAQID bBAUG`)
}

func TestWhatIsWrongWithAttachmentsClosesTheConnection(t *testing.T) {
	s := socket(t, options{})
	const one = `{"_placeholder":true,"num":0}`
	for _, test := range []struct {
		name   string
		frames []rawpeer.Frame
		lax    string
	}{
		{"a text packet before the attachment", []rawpeer.Frame{
			rawpeer.TextFrame(`451-["message",` + one + `]`), rawpeer.TextFrame(`42["message"]`)}, ""},
		{"an attachment without a packet", []rawpeer.Frame{rawpeer.BinaryFrame("x")}, ""},
		{"an attachment too many", []rawpeer.Frame{
			rawpeer.TextFrame(`451-["unknown",` + one + `]`), rawpeer.BinaryFrame("x"), rawpeer.BinaryFrame("y")}, ""},
		{"no count", []rawpeer.Frame{rawpeer.TextFrame(`45-["message",` + one + `]`)}, ""},
		{"no dash", []rawpeer.Frame{rawpeer.TextFrame(`451["message",` + one + `]`)}, ""},
		{"no number", []rawpeer.Frame{rawpeer.TextFrame(`45x-["message",` + one + `]`)}, ""},
		{"a number out of range", []rawpeer.Frame{
			rawpeer.TextFrame(`451-["message",{"_placeholder":true,"num":1}]`), rawpeer.BinaryFrame("x")}, ""},
		{"a negative number", []rawpeer.Frame{
			rawpeer.TextFrame(`451-["message",{"_placeholder":true,"num":-1}]`), rawpeer.BinaryFrame("x")}, ""},
		{"a number that is none", []rawpeer.Frame{
			rawpeer.TextFrame(`451-["message",{"_placeholder":true,"num":"0"}]`), rawpeer.BinaryFrame("x")}, ""},
		{"a number twice", []rawpeer.Frame{
			rawpeer.TextFrame(`452-["message",` + one + `,` + one + `]`), rawpeer.BinaryFrame("x"), rawpeer.BinaryFrame("y")},
			"attachments may be used twice or not at all"},
		{"an attachment that is not used", []rawpeer.Frame{
			rawpeer.TextFrame(`451-["message"]`), rawpeer.BinaryFrame("x")},
			"attachments may be used twice or not at all"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.lax != "" {
				differs(t, test.lax)
			}
			ws := connected(t, s)
			ws.Write(test.frames...)
			ws.WantClosed()
		})
	}
}
