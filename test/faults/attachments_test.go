package faults

import (
	"testing"
	"time"

	"github.com/siogen/siogen/internal/rawpeer"
	"github.com/siogen/siogen/runtime"
)

const twoAttachments = `452-["ask",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`

func TestAttachmentsThatNeverCome(t *testing.T) {
	for name, frames := range map[string][]rawpeer.Frame{
		"none of them":    {rawpeer.TextFrame(twoAttachments)},
		"one of them":     {rawpeer.TextFrame(twoAttachments), rawpeer.BinaryFrame("first")},
		"half of the one": {rawpeer.TextFrame(twoAttachments), {Opcode: rawpeer.OpBinary, Data: []byte("fir")}},
	} {
		t.Run(name, func(t *testing.T) {
			a := serve(t, runtime.ServerOptions{Limits: runtime.Limits{AttachmentTimeout: 50 * time.Millisecond}})
			other := a.bystander(t)
			ws, m := a.join(t)
			ws.Write(frames...)
			ws.WantClosed()
			m.wantGone(t, runtime.ParseError)
			other.wantUnaffected(t)
		})
	}
}

func TestAttachmentsThatNeverComeByPolling(t *testing.T) {
	a := serve(t, runtime.ServerOptions{Limits: runtime.Limits{AttachmentTimeout: 50 * time.Millisecond}})
	other := a.bystander(t)
	p, m := a.joinPolling(t)
	p.Send(twoAttachments, "bAQID")
	m.wantGone(t, runtime.ParseError)
	if got := p.Get(); got.Status != 400 {
		t.Errorf("GET afterwards: %v", got)
	}
	other.wantUnaffected(t)
}
