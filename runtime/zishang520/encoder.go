package zishang520

import (
	"strconv"

	"github.com/zishang520/socket.io/parsers/socket/v3/parser"
	"github.com/zishang520/socket.io/v3/pkg/types"
)

// encoder encodes packets of typed code, and leaves others to the usual encoder.
type encoder struct{ usual parser.Encoder }

// Encode implements parser.Encoder.
func (e *encoder) Encode(p *parser.Packet) []types.BufferInterface {
	switch p.Type {
	case parser.EVENT, parser.ACK:
		if args, ok := p.Data.([]any); ok && hasArg(args) {
			if buffers := encode(p, args); buffers != nil {
				return buffers
			}
		}
	case parser.CONNECT_ERROR:
		// The library writes "data": null where there is none, which its own client
		// takes for a malformed packet.
		if refusal, ok := p.Data.(map[string]any); ok && refusal["data"] == nil {
			plain := *p
			plain.Data = map[string]any{"message": refusal["message"]}
			p = &plain
		}
	}
	return e.usual.Encode(p)
}

func hasArg(args []any) bool {
	for _, arg := range args {
		if _, ok := arg.(*Arg); ok {
			return true
		}
	}
	return false
}

// encode writes <type>[<attachments>-][<namespace>,][<ack id>]<JSON> and its
// attachments (Socket.IO v5, "Packet encoding"). It returns nil when the arguments
// can't be encoded.
func encode(p *parser.Packet, args []any) []types.BufferInterface {
	var attachments [][]byte
	text, err := appendValue(nil, args, &attachments)
	if err != nil {
		return nil
	}
	typ := p.Type
	if len(attachments) > 0 {
		typ += parser.BINARY_EVENT - parser.EVENT
	}
	head := make([]byte, 0, 32+len(p.Nsp)+len(text))
	head = append(head, '0'+byte(typ))
	if len(attachments) > 0 {
		head = append(strconv.AppendInt(head, int64(len(attachments)), 10), '-')
	}
	if p.Nsp != "" && p.Nsp != "/" {
		head = append(append(head, p.Nsp...), ',')
	}
	if p.Id != nil {
		head = strconv.AppendUint(head, *p.Id, 10)
	}
	buffers := make([]types.BufferInterface, 0, 1+len(attachments))
	buffers = append(buffers, types.NewStringBuffer(append(head, text...)))
	for _, data := range attachments {
		buffers = append(buffers, types.NewBytesBuffer(data))
	}
	return buffers
}
