package socketio

import (
	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

// Parser is how packets are written. Both ends of a connection must use the same:
// it is not negotiated.
type Parser int

const (
	// ParserDefault writes a packet as text, followed by its attachments (Socket.IO
	// v5, "Packet encoding").
	ParserDefault Parser = iota
	// ParserMsgpack writes a packet as one binary message in MessagePack, attachments
	// within it, as the reference's socket.io-msgpack-parser does.
	ParserMsgpack
)

// String is the parser's name: "default" or "msgpack".
func (p Parser) String() string {
	if p == ParserMsgpack {
		return "msgpack"
	}
	return "default"
}

// packetConn is a connection with the way in which its packets are written.
type packetConn struct {
	conn
	parser Parser
}

// sendPacket queues a packet. What p holds may be used again, except for its
// attachments.
func sendPacket(c packetConn, typ packetType, namespace string, ackID int64, p driver.Payload, f driver.Flags) error {
	if c.parser == ParserMsgpack {
		message, err := appendMsgpackPacket(nil, typ, namespace, ackID, p)
		if err != nil {
			return err
		}
		return sendError(c.SendBinary(message, engineFlags(f)))
	}
	b := buffers.Get().(*[]byte)
	defer putBuffer(b)
	*b = appendHeader((*b)[:0], typ, len(p.Attachments), namespace, ackID)
	*b = append(*b, p.JSON...)
	return sendError(c.Send(*b, p.Attachments, engineFlags(f)))
}

// frame prepares a packet for many connections.
func (p Parser) frame(typ packetType, namespace string, ackID int64, payload driver.Payload) (*engineio.Framed, error) {
	b := buffers.Get().(*[]byte)
	defer putBuffer(b)
	if p == ParserMsgpack {
		var err error
		if *b, err = appendMsgpackPacket((*b)[:0], typ, namespace, ackID, payload); err != nil {
			return nil, err
		}
		return engineio.FrameBinary(*b), nil
	}
	*b = appendHeader((*b)[:0], typ, len(payload.Attachments), namespace, ackID)
	*b = append(*b, payload.JSON...)
	return engineio.Frame(*b, payload.Attachments), nil
}

// message takes a message of the connection. The packet that it completes, if it
// does, is valid until release is called or data changes, whichever is first;
// binary data is kept.
func (d *decoder) message(data []byte, binary bool) (r received, complete bool, err error) {
	switch {
	case d.parser == ParserMsgpack && !binary:
		return received{}, false, errUnexpectedTextMessage
	case d.parser == ParserMsgpack:
		r, err = d.msgpack(data)
		return r, err == nil, err
	case binary:
		return d.binary(data)
	default:
		return d.text(data)
	}
}

// release gives back what the last packet needed.
func (d *decoder) release() {
	if d.scratch != nil {
		putBuffer(d.scratch)
		d.scratch = nil
	}
}

// payloadLimits are those of a packet's payload.
func (d *decoder) payloadLimits() codec.Limits { return codec.Limits{MaxDepth: d.limits.MaxDepth} }
