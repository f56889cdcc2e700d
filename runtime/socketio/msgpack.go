package socketio

import (
	"bytes"
	"math"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// A packet in MessagePack is a map: type, nsp and, where it has them, data and id.
// There are no types for binary packets. What else is in the map is ignored.

const (
	errUnexpectedTextMessage = packetError("text message where packets are MessagePack")
	errNoPacket              = packetError("MessagePack that is not a packet")
	errDuplicateKey          = packetError("packet with a key twice")
)

// appendMsgpackPacket appends a packet. It fails for a payload that is not JSON or
// whose placeholders are not those of its attachments.
func appendMsgpackPacket(dst []byte, typ packetType, namespace string, ackID int64, p driver.Payload) ([]byte, error) {
	keys := 2
	if len(p.JSON) > 0 {
		keys++
	}
	if ackID != driver.NoAck {
		keys++
	}
	dst = codec.AppendMsgpackMap(dst, keys)
	dst = codec.AppendMsgpackString(dst, "type")
	dst = codec.AppendMsgpackInt(dst, int64(typ-typeConnect))
	dst = codec.AppendMsgpackString(dst, "nsp")
	dst = codec.AppendMsgpackString(dst, namespace)
	if ackID != driver.NoAck {
		dst = codec.AppendMsgpackString(dst, "id")
		dst = codec.AppendMsgpackInt(dst, ackID)
	}
	if len(p.JSON) == 0 {
		return dst, nil
	}
	dst = codec.AppendMsgpackString(dst, "data")
	// What is sent is as deep as the application made it.
	return codec.AppendMsgpack(dst, p.JSON, p.Attachments, codec.Limits{MaxDepth: math.MaxInt})
}

// msgpack reads a packet.
func (d *decoder) msgpack(data []byte) (received, error) {
	m, err := d.msgpackKeys(data)
	if err != nil {
		return received{}, err
	}
	if m.typ < 0 || m.typ > int64(typeConnectError-typeConnect) {
		return received{}, errUnknownType
	}
	if m.namespace == nil {
		return received{}, errNoPacket
	}
	r := received{packet: packet{typ: typeConnect + packetType(m.typ), ackID: m.ackID}}
	r.namespace, _, _ = bytes.Cut(m.namespace, []byte{'?'}) // as in cutNamespace
	if r.json, r.blobs, err = d.msgpackData(m.data); err != nil {
		return received{}, err
	}
	r.attachments = len(r.blobs)
	if r.typ == typeAck && !r.hasAck() {
		r.ackID = 0 // python-socketio leaves out an id of 0
	}
	if err := r.checkShape(); err != nil {
		return received{}, err
	}
	if r.attachments > 0 && r.typ != typeEvent && r.typ != typeAck {
		return received{}, errPayload
	}
	r.name, err = d.check(&r.packet)
	return r, err
}

// msgpackData makes JSON of a packet's data. A client's undefined counts as none,
// and so does null, which some write for it.
func (d *decoder) msgpackData(data []byte) (json []byte, blobs [][]byte, err error) {
	if len(data) == 0 {
		return nil, nil, nil
	}
	d.scratch = buffers.Get().(*[]byte)
	r := codec.MsgpackReader{Data: data, Limits: d.payloadLimits(), MaxAttachments: d.limits.MaxAttachments}
	*d.scratch, blobs, err = r.JSON((*d.scratch)[:0], nil)
	if err != nil || string(*d.scratch) == "null" {
		return nil, nil, err
	}
	return *d.scratch, blobs, nil
}

// msgpackPacket is a packet's map, its values unread.
type msgpackPacket struct {
	typ       int64
	namespace []byte
	ackID     int64
	data      []byte
}

// Bits for the keys of a packet that have come.
const (
	keyType = 1 << iota
	keyNamespace
	keyID
	keyData
)

func (d *decoder) msgpackKeys(message []byte) (m msgpackPacket, err error) {
	// The packet's own map is a level more than the payload may have.
	limits := d.payloadLimits()
	if limits.MaxDepth > 0 {
		limits.MaxDepth++
	}
	r := codec.MsgpackReader{Data: message, Limits: limits}
	m = msgpackPacket{typ: -1, ackID: driver.NoAck}
	if r.Kind() != codec.MsgpackMap {
		return m, errNoPacket
	}
	n, err := r.Map()
	seen := 0
	for ; n > 0 && err == nil; n-- {
		var key []byte
		if key, err = r.String(); err != nil {
			break
		}
		bit := 0
		if bit, err = m.read(&r, key); bit&seen != 0 {
			return m, errDuplicateKey
		}
		seen |= bit
	}
	if err == nil && !r.Done() {
		err = errNoPacket
	}
	return m, err
}

// read reads the value of a key and returns the key's bit; 0: it means nothing.
func (m *msgpackPacket) read(r *codec.MsgpackReader, key []byte) (bit int, err error) {
	switch string(key) {
	case "type":
		m.typ, err = r.Int()
		return keyType, err
	case "nsp":
		m.namespace, err = r.String()
		if m.namespace == nil {
			m.namespace = []byte{}
		}
		return keyNamespace, err
	case "id":
		if r.Kind() != codec.MsgpackInteger {
			return keyID, m.noID(r)
		}
		if m.ackID, err = r.Int(); err == nil && (m.ackID < 0 || m.ackID > maxAckID) {
			err = errAckID
		}
		return keyID, err
	case "data":
		m.data, err = r.Skip()
		return keyData, err
	}
	_, err = r.Skip()
	return 0, err
}

// noID reads what stands for no id.
func (m *msgpackPacket) noID(r *codec.MsgpackReader) error {
	kind := r.Kind()
	if _, err := r.Skip(); err != nil {
		return err
	}
	if kind != codec.MsgpackUndefined {
		return errAckID
	}
	return nil
}
