package zishang520

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/zishang520/socket.io/parsers/socket/v3/parser"
	"github.com/zishang520/socket.io/v3/pkg/types"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// decoder decodes the packets of one connection. Events of namespaces that typed
// code serves, and answers that it waits for, stay JSON; everything else is the
// usual decoder's.
type decoder struct {
	types.EventEmitter
	parser *Parser
	usual  parser.Decoder
	// partial is a packet of ours whose attachments have not all come; nil: none. A
	// client of the library destroys its decoder while a message may be coming in.
	partial atomic.Pointer[partial]
}

// partial is a packet that announced attachments.
type partial struct {
	packet *parser.Packet
	text   []byte
	blobs  [][]byte
	count  int
	size   int // bytes so far
}

func newDecoder(p *Parser) *decoder {
	o := parser.DefaultDecoderOptions()
	o.SetMaxAttachments(uint64(p.limits.MaxAttachments))
	d := &decoder{EventEmitter: types.NewEventEmitter(), parser: p, usual: parser.NewDecoder(o)}
	_ = d.usual.On("decoded", d.decoded)
	return d
}

// noData stands for the data of a refusal that has none.
type noData struct{}

// decoded passes on a packet of the usual decoder. The library's client takes a
// refusal without data for a malformed packet, and its message gets lost.
func (d *decoder) decoded(packets ...any) {
	for _, p := range packets {
		if p, ok := p.(*parser.Packet); ok && p.Type == parser.CONNECT_ERROR {
			if refusal, ok := p.Data.(map[string]any); ok && refusal["data"] == nil {
				refusal["data"] = noData{}
			}
		}
	}
	d.Emit("decoded", packets...)
}

// Add implements parser.Decoder.
func (d *decoder) Add(data any) error {
	text, isText, err := textOf(data)
	begun := d.partial.Load()
	switch {
	case err != nil:
		return err
	case !isText && begun == nil:
		return d.usual.Add(data)
	case !isText:
		return d.binary(begun, data)
	case begun != nil:
		return parser.ErrPlaintextDuringReconstruction
	}
	packet, count, body, ours, err := d.split(text)
	switch {
	case err != nil:
		return err
	case !ours:
		return d.usual.Add(types.NewStringBuffer(text))
	case count == 0:
		return d.complete(packet, body, nil)
	}
	d.partial.Store(&partial{packet: packet, text: body, count: count, size: len(text)})
	return nil
}

// Destroy implements parser.Decoder.
func (d *decoder) Destroy() {
	d.partial.Store(nil)
	d.usual.Destroy()
}

// textOf returns the bytes of a text message.
func textOf(data any) (text []byte, isText bool, err error) {
	switch data := data.(type) {
	case string:
		return []byte(data), true, nil
	case *types.StringBuffer:
		return bytes.Clone(data.Bytes()), true, nil
	case *strings.Reader:
		text, err := io.ReadAll(data)
		return text, true, err
	}
	return nil, false, nil
}

// split takes a packet's text apart, up to its JSON: if it is ours. A packet that
// is not understood is left to the usual decoder, which refuses it.
func (d *decoder) split(text []byte) (packet *parser.Packet, attachments int, body []byte, ours bool, err error) {
	if len(text) == 0 {
		return nil, 0, nil, false, nil
	}
	typ := parser.PacketType(text[0]) - '0'
	rest := text[1:]
	switch typ {
	case parser.EVENT, parser.ACK:
	case parser.BINARY_EVENT, parser.BINARY_ACK:
		digits, after, found := bytes.Cut(rest, []byte{'-'})
		n, err := strconv.Atoi(string(digits))
		if !found || err != nil || n <= 0 {
			return nil, 0, nil, false, parser.ErrIllegalAttachments
		}
		if n > d.parser.limits.MaxAttachments {
			return nil, 0, nil, false, parser.ErrTooManyAttachments
		}
		attachments, rest = n, after
	default:
		return nil, 0, nil, false, nil
	}
	packet = &parser.Packet{Type: typ, Nsp: "/"}
	if len(rest) > 0 && rest[0] == '/' {
		name, after, _ := bytes.Cut(rest, []byte{','})
		packet.Nsp, rest = string(name), after
	}
	digits := 0
	for digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9' {
		digits++
	}
	if digits > 0 {
		id, err := strconv.ParseUint(string(rest[:digits]), 10, 64)
		if err != nil {
			return nil, 0, nil, false, parser.ErrIllegalID
		}
		packet.Id = &id
	}
	return packet, attachments, rest[digits:], d.isOurs(packet), nil
}

// isOurs reports whether a packet stays JSON.
func (d *decoder) isOurs(p *parser.Packet) bool {
	var id uint64
	if p.Id != nil {
		id = *p.Id
	}
	served, expected := d.parser.isTyped(p.Nsp, id)
	if p.Type == parser.EVENT || p.Type == parser.BINARY_EVENT {
		return served
	}
	return expected && p.Id != nil
}

// binary takes an attachment.
func (d *decoder) binary(p *partial, data any) error {
	var blob []byte
	switch data := data.(type) {
	case []byte:
		blob = bytes.Clone(data)
	case types.BufferInterface:
		blob = bytes.Clone(data.Bytes())
	case io.Reader:
		var err error
		if blob, err = io.ReadAll(data); err != nil {
			return err
		}
	default:
		return fmt.Errorf("unknown type: %T", data)
	}
	if blob == nil {
		blob = []byte{}
	}
	p.blobs = append(p.blobs, blob)
	p.size += len(blob)
	if p.size > d.parser.limits.MaxPacketSize {
		return fmt.Errorf("%w: larger than %d bytes", parser.ErrInvalidPayload, d.parser.limits.MaxPacketSize)
	}
	if len(p.blobs) < p.count {
		return nil
	}
	d.partial.Store(nil)
	return d.complete(p.packet, p.text, p.blobs)
}

// complete checks a packet's JSON and hands it over.
func (d *decoder) complete(packet *parser.Packet, text []byte, blobs [][]byte) error {
	in := &arrival{payload: driver.Payload{JSON: text, Attachments: blobs}}
	isEvent := packet.Type == parser.EVENT || packet.Type == parser.BINARY_EVENT
	var err error
	if isEvent {
		in.name, err = codec.ValidateEvent(text, len(blobs), d.parser.depth())
	} else {
		err = codec.ValidateAck(text, len(blobs), d.parser.depth())
	}
	if err != nil {
		return fmt.Errorf("%w: %w", parser.ErrInvalidPayload, err)
	}
	if isEvent && parser.ReservedEvents.Has(string(in.name)) {
		return fmt.Errorf("%w: reserved event name", parser.ErrInvalidPayload)
	}
	var texts []json.RawMessage
	if err := json.Unmarshal(text, &texts); err != nil {
		return fmt.Errorf("%w: %w", parser.ErrInvalidPayload, err)
	}
	packet.Data = in.data(texts, isEvent)
	d.Emit("decoded", packet)
	return nil
}

// data makes the packet's data: an Arg for each argument, after an event's name.
func (in *arrival) data(texts []json.RawMessage, isEvent bool) []any {
	data := make([]any, 0, len(texts)+1) // the library appends how to answer
	if isEvent {
		data = append(data, string(in.name))
		texts = texts[1:]
	}
	in.args = len(texts)
	args := make([]Arg, len(texts))
	for i, text := range texts {
		args[i] = Arg{json: text, from: in, index: i}
		data = append(data, &args[i])
	}
	return data
}

// received is the payload of an acknowledgement's arguments.
func received(args []any) (driver.Payload, error) {
	if in := whole(args); in != nil && in.name == nil {
		return in.payload, nil
	}
	return payload(args)
}

// receivedEvent is the payload of an event.
func receivedEvent(name string, args []any) (driver.Payload, error) {
	if in := whole(args); in != nil && string(in.name) == name {
		return in.payload, nil
	}
	return payload(append([]any{name}, args...))
}

// whole returns the packet whose arguments these are, all of them in order; nil
// when there is none, and they must be encoded anew.
func whole(args []any) *arrival {
	if len(args) == 0 {
		return nil
	}
	first, ok := args[0].(*Arg)
	if !ok || first.from == nil || first.from.args != len(args) {
		return nil
	}
	for i, arg := range args {
		if a, ok := arg.(*Arg); !ok || a.from != first.from || a.index != i {
			return nil
		}
	}
	return first.from
}
