package socketio

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/siogen/siogen/runtime/driver"
)

// packetType is the first character of a packet (Socket.IO v5, "Packet encoding").
type packetType byte

const (
	typeConnect      packetType = '0'
	typeDisconnect   packetType = '1'
	typeEvent        packetType = '2'
	typeAck          packetType = '3'
	typeConnectError packetType = '4'
	typeBinaryEvent  packetType = '5'
	typeBinaryAck    packetType = '6'
)

// mainNamespace is left out of packets.
const mainNamespace = "/"

// mainNamespaceBytes is what packets that leave it out are taken to say: one slice
// for all, which nobody writes to, so that an event costs no allocation.
var mainNamespaceBytes = []byte(mainNamespace)

// maxAckID is the largest integer that every peer can represent: 2^53-1.
const maxAckID = 1<<53 - 1

// packet is a packet's text, split. Its slices are parts of that text.
type packet struct {
	typ packetType
	// attachments is how many binary messages follow.
	attachments int
	namespace   []byte
	ackID       int64 // driver.NoAck when there is none
	json        []byte
}

// hasAck reports whether the packet carries an acknowledgement id.
func (p *packet) hasAck() bool { return p.ackID != driver.NoAck }

// packetError says why a packet was not understood.
type packetError string

func (e packetError) Error() string { return string(e) }

const (
	errEmptyPacket      = packetError("empty packet")
	errUnknownType      = packetError("unknown packet type")
	errAttachmentCount  = packetError("illegal number of attachments")
	errManyAttachments  = packetError("too many attachments")
	errAckID            = packetError("illegal acknowledgement id")
	errNoAckID          = packetError("acknowledgement without an id")
	errUnexpectedAckID  = packetError("acknowledgement id in a packet that takes none")
	errPayload          = packetError("invalid payload")
	errReservedName     = packetError("reserved event name")
	errUnexpectedBinary = packetError("binary message without a packet that announced it")
	errUnexpectedText   = packetError("text message while attachments are missing")
	errPacketSize       = packetError("packet with its attachments is too large")
	errAttachmentsLate  = packetError("attachments did not come in time")
)

// parsePacket splits <type>[<attachments>-][<namespace>,][<ack id>][JSON]. It
// leaves the JSON unchecked.
func parsePacket(text []byte) (packet, error) {
	if len(text) == 0 {
		return packet{}, errEmptyPacket
	}
	p := packet{typ: packetType(text[0]), ackID: driver.NoAck}
	if p.typ < typeConnect || p.typ > typeBinaryAck {
		return packet{}, errUnknownType
	}
	rest := text[1:]
	if p.typ == typeBinaryEvent || p.typ == typeBinaryAck {
		n, after, err := parseAttachmentCount(rest)
		if err != nil {
			return packet{}, err
		}
		p.attachments, rest = n, after
	}
	p.namespace, rest = cutNamespace(rest)
	if len(rest) > 0 && isDigit(rest[0]) {
		id, after, err := parseAckID(rest)
		if err != nil {
			return packet{}, err
		}
		p.ackID, rest = id, after
	}
	p.json = rest
	return p, p.checkShape()
}

// checkShape rejects what the packet's type does not allow, whatever the JSON says.
func (p *packet) checkShape() error {
	switch p.typ {
	case typeDisconnect:
		if len(p.json) > 0 {
			return errPayload
		}
	case typeAck, typeBinaryAck:
		if !p.hasAck() {
			return errNoAckID
		}
		return nil
	case typeEvent, typeBinaryEvent:
		return nil
	}
	if p.hasAck() {
		return errUnexpectedAckID
	}
	return nil
}

func parseAttachmentCount(b []byte) (n int, rest []byte, err error) {
	digits, rest, found := bytes.Cut(b, []byte{'-'})
	if !found || len(digits) == 0 || len(digits) > 9 {
		return 0, nil, errAttachmentCount
	}
	for _, c := range digits {
		if !isDigit(c) {
			return 0, nil, errAttachmentCount
		}
		n = n*10 + int(c-'0')
	}
	if n == 0 {
		return 0, nil, errAttachmentCount
	}
	return n, rest, nil
}

// cutNamespace cuts off a namespace, up to a comma or the end. A query that some
// clients append to its name is no part of it.
func cutNamespace(b []byte) (namespace, rest []byte) {
	if len(b) == 0 || b[0] != '/' {
		return mainNamespaceBytes, b
	}
	namespace, rest, _ = bytes.Cut(b, []byte{','})
	namespace, _, _ = bytes.Cut(namespace, []byte{'?'})
	return namespace, rest
}

func parseAckID(b []byte) (id int64, rest []byte, err error) {
	i := 0
	for ; i < len(b) && isDigit(b[i]); i++ {
		if id > (math.MaxInt64-9)/10 {
			return 0, nil, errAckID
		}
		id = id*10 + int64(b[i]-'0')
	}
	if id > maxAckID {
		return 0, nil, errAckID
	}
	return id, b[i:], nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// appendHeader appends a packet up to its JSON. With attachments an event or an
// acknowledgement is sent as its binary type.
func appendHeader(dst []byte, typ packetType, attachments int, namespace string, ackID int64) []byte {
	if attachments > 0 {
		typ = typ + (typeBinaryEvent - typeEvent)
	}
	dst = append(dst, byte(typ))
	if attachments > 0 {
		dst = strconv.AppendInt(dst, int64(attachments), 10)
		dst = append(dst, '-')
	}
	if namespace != mainNamespace {
		dst = append(dst, namespace...)
		dst = append(dst, ',')
	}
	if ackID != driver.NoAck {
		dst = strconv.AppendInt(dst, ackID, 10)
	}
	return dst
}

// isReserved reports whether an event's name has a meaning of its own, so that it
// must not come from a peer.
func isReserved(name []byte) bool {
	switch string(name) {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return true
	}
	return false
}

// namespaceName makes a namespace's name of what an application calls it, or
// fails when a packet could not carry it.
func namespaceName(name string) (string, error) {
	if name == "" {
		return mainNamespace, nil
	}
	if name[0] != '/' {
		name = "/" + name
	}
	if !isNamespaceName(name) {
		return "", &NamespaceError{Name: name, Message: "not a namespace's name"}
	}
	return name, nil
}

// isNamespaceName reports whether a packet can carry the name, which begins with "/".
func isNamespaceName(name string) bool {
	for _, c := range name {
		if c == ',' || c == '?' || c < ' ' || c == 0x7f {
			return false
		}
	}
	return utf8.ValidString(name)
}

// NamespaceError says what is wrong with a namespace.
type NamespaceError struct {
	Name    string // the namespace that was asked for
	Message string // why not
}

// Error implements error.
func (e *NamespaceError) Error() string {
	return "namespace " + strconv.Quote(e.Name) + ": " + e.Message
}
