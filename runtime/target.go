package runtime

import (
	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// Target is where an emitted event goes: one socket, or a broadcast. Generated
// emitters embed it. The zero Target goes nowhere: Send returns ErrClosed.
type Target struct {
	to    sender
	flags driver.Flags
}

// sender is what a Target can point to.
type sender interface {
	send(enc *codec.Encoder, f driver.Flags) error
}

// Send sends an encoded event and frees enc. For generated code.
func (t Target) Send(enc *codec.Encoder) error {
	if t.to == nil {
		enc.Free()
		return ErrClosed
	}
	return t.to.send(enc, t.flags)
}

// WithVolatile returns the same target for events that are dropped, rather than
// queued, when the peer can't take them now. For generated code.
func (t Target) WithVolatile() Target {
	t.flags.Volatile = true
	return t
}

// WithCompress returns the same target with compression allowed or not. For
// generated code.
func (t Target) WithCompress(on bool) Target {
	t.flags.NoCompress = !on
	return t
}
