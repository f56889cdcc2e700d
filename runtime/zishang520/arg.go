package zishang520

import (
	"encoding/json"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/siogen/siogen/runtime/driver"
)

// Arg is an argument of an event as JSON that nobody has had to decode: what
// typed code emits, and, with a Parser, what arrives in a namespace that typed
// code serves. Listeners of a socket get ordinary values; only socket middleware
// and the catch-all listeners for outgoing events see an Arg.
//
// Whatever encodes it finds the names and numbers of the schema: as JSON, and as
// MessagePack, in which adapters send packets to other servers.
type Arg struct {
	json []byte
	// from is the packet that arrived with the argument; nil when this side emits it.
	from *arrival
	// index is the argument's place in from.
	index int
}

// arrival is a packet that a Parser has not decoded.
type arrival struct {
	payload driver.Payload
	name    []byte // of an event
	args    int    // how many arguments
}

var (
	_ json.Marshaler        = (*Arg)(nil)
	_ msgpack.CustomEncoder = (*Arg)(nil)
)

// MarshalJSON implements json.Marshaler.
func (a *Arg) MarshalJSON() ([]byte, error) {
	if len(a.attachments()) == 0 {
		return a.json, nil
	}
	return json.Marshal(a.value(asWire))
}

// EncodeMsgpack implements msgpack.CustomEncoder.
func (a *Arg) EncodeMsgpack(enc *msgpack.Encoder) error {
	return enc.Encode(a.value(asWire))
}

// Value decodes the argument to what listeners get: numbers are float64, binary
// values types.BufferInterface.
func (a *Arg) Value() any { return a.value(asListener) }

func (a *Arg) attachments() [][]byte {
	if a.from == nil {
		return nil
	}
	return a.from.payload.Attachments
}

func (a *Arg) value(style style) any {
	v, err := decode(a.json, a.attachments(), style)
	if err != nil {
		return nil // the JSON was checked, or is this package's own
	}
	return v
}
