package runtime

import (
	"errors"
	"sync"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// Call is one received event on its way to a handler. It is valid until the
// EventFunc returns. For generated code.
type Call struct {
	peer     *peer
	name     []byte
	payload  driver.Payload
	handler  eventHandler // the socket's own
	dec      *codec.Decoder
	ackID    int64
	replied  bool
	declared func(enc *codec.Encoder, err error) bool

	served  bool // the handler was called
	unknown bool // there was none
	refused bool // the handler is called only for what it declares
}

var calls = sync.Pool{New: func() any { return new(Call) }}

func newCall(p *peer, name []byte, payload driver.Payload, ackID int64) *Call {
	c := calls.Get().(*Call)
	*c = Call{
		peer: p, name: name, payload: payload, ackID: ackID,
		dec: codec.NewDecoder(payload.JSON, payload.Attachments),
	}
	return c
}

func (c *Call) free() {
	c.dec.Free()
	*c = Call{}
	calls.Put(c)
}

// Args returns the decoder, placed before the first argument.
func (c *Call) Args() *codec.Decoder {
	c.dec.SkipName()
	if c.refused {
		c.dec.Fail("the event is refused")
	}
	return c.dec
}

// WantsAck reports whether the peer waits for an acknowledgement.
func (c *Call) WantsAck() bool { return c.ackID != driver.NoAck && !c.replied }

// Reply sends the acknowledgement and frees enc. It does nothing when the peer
// did not ask for one.
func (c *Call) Reply(enc *codec.Encoder) error {
	defer enc.Free()
	if !c.WantsAck() {
		return nil
	}
	json, attachments, err := enc.Finish()
	if err != nil {
		return err
	}
	c.replied = true
	err = c.peer.emitter.Ack(c.ackID, driver.Payload{JSON: json, Attachments: attachments})
	if errors.Is(err, driver.ErrClosed) {
		return nil // nobody is left to be told
	}
	return err
}

// Declare says how the event's declared error goes on the wire: encode writes
// err as one value if it is (or wraps) that error, and else reports false.
func (c *Call) Declare(encode func(enc *codec.Encoder, err error) bool) { c.declared = encode }

// invalid reports whether err is about this call's payload, and not a
// DecodeError that a handler got elsewhere.
func (c *Call) invalid(err *DecodeError) bool {
	if c.refused {
		return false
	}
	var own *DecodeError
	return errors.As(c.dec.Err(), &own) && own == err
}

// replyError answers with err, if the event declares errors and err is one.
func (c *Call) replyError(err error) (replied bool, _ error) {
	if c.declared == nil || !c.WantsAck() {
		return false, nil
	}
	enc := codec.NewArgs()
	declared := false
	if perr := protect(func() error { declared = c.declared(enc.Elem(), err); return nil }); perr != nil {
		return false, perr // enc may be in any state
	}
	if !declared {
		enc.Free()
		return false, nil
	}
	return true, c.Reply(enc)
}
