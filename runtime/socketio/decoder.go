package socketio

import (
	"bytes"

	"github.com/siogen/siogen/runtime/codec"
)

// received is a packet with all that belongs to it.
type received struct {
	packet
	// name is an event's, unescaped.
	name []byte
	// blobs are the attachments; they belong to whoever gets the packet.
	blobs [][]byte
}

// decoder makes packets of the messages of one connection. It is used by the
// goroutine that reads the connection only. After an error it must not be used
// any more.
type decoder struct {
	limits Limits
	parser Parser
	// scratch is the JSON of a packet that came as something else; nil: none.
	scratch *[]byte
	// partial is a packet whose attachments have not all come; nil: none.
	partial *partial
}

type partial struct {
	received
	size int // bytes so far, with attachments
}

// text takes a text message. The packet, complete unless it announces
// attachments, is valid as long as data.
func (d *decoder) text(data []byte) (r received, complete bool, err error) {
	if d.partial != nil {
		return received{}, false, errUnexpectedText
	}
	r.packet, err = parsePacket(data)
	if err != nil {
		return received{}, false, err
	}
	if r.attachments > d.limits.MaxAttachments {
		return received{}, false, errManyAttachments
	}
	if r.name, err = d.check(&r.packet); err != nil {
		return received{}, false, err
	}
	if r.attachments == 0 {
		return r, true, nil
	}
	d.partial = &partial{received: r.clone(), size: len(data)}
	return received{}, false, nil
}

// binary takes a binary message, which it keeps. The packet that it completes, if
// it does, stays valid.
func (d *decoder) binary(data []byte) (r received, complete bool, err error) {
	p := d.partial
	if p == nil {
		return received{}, false, errUnexpectedBinary
	}
	p.size += len(data)
	if p.size > d.limits.MaxPacketSize {
		return received{}, false, errPacketSize
	}
	p.blobs = append(p.blobs, data)
	if len(p.blobs) < p.attachments {
		return received{}, false, nil
	}
	d.partial = nil
	return p.received, true, nil
}

// clone copies what is part of a text message that will not stay.
func (r received) clone() received {
	r.namespace = bytes.Clone(r.namespace)
	r.json = bytes.Clone(r.json)
	r.name = bytes.Clone(r.name)
	return r
}

// check checks a packet's payload against its type (Socket.IO v5, "Exchange
// protocol") and returns the name of an event.
func (d *decoder) check(p *packet) (name []byte, err error) {
	limits := d.payloadLimits()
	switch p.typ {
	case typeEvent, typeBinaryEvent:
		name, err = codec.ValidateEvent(p.json, p.attachments, limits)
		if err == nil && isReserved(name) {
			err = errReservedName
		}
	case typeAck, typeBinaryAck:
		err = codec.ValidateAck(p.json, p.attachments, limits)
	case typeConnect:
		if len(p.json) > 0 {
			err = codec.ValidateObject(p.json, limits)
		}
	case typeConnectError:
		err = codec.ValidateValue(p.json, limits)
	}
	return name, err
}
