package engineio

import (
	"encoding/base64"
	"errors"
	"fmt"
)

// Packet types, as the first character of a text packet.
const (
	packetOpen    = '0'
	packetClose   = '1'
	packetPing    = '2'
	packetPong    = '3'
	packetMessage = '4'
	packetUpgrade = '5'
	packetNoop    = '6'
	// packetBase64 marks a binary message where only text can go.
	packetBase64 = 'b'
)

var (
	errEmptyPacket = errors.New("engineio: empty packet")
	errBase64      = errors.New("engineio: binary packet is not base64")
)

// packet is one packet of either transport. A binary message has type
// packetMessage and binary set; data never includes the type.
type packet struct {
	kind   byte
	binary bool
	data   []byte
}

// decodeText decodes a packet that came as text. The data of a text packet is a
// part of b.
func decodeText(b []byte) (packet, error) {
	if len(b) == 0 {
		return packet{}, errEmptyPacket
	}
	switch kind := b[0]; {
	case kind >= packetOpen && kind <= packetNoop:
		return packet{kind: kind, data: b[1:]}, nil
	case kind == packetBase64:
		data, err := decodeBase64(b[1:])
		return packet{kind: packetMessage, binary: true, data: data}, err
	default:
		return packet{}, fmt.Errorf("engineio: unknown packet type %q", kind)
	}
}

// decodeBase64 accepts the standard alphabet with or without padding: clients
// differ.
func decodeBase64(b []byte) ([]byte, error) {
	for range 2 {
		if n := len(b); n > 0 && b[n-1] == '=' {
			b = b[:n-1]
		}
	}
	data := make([]byte, base64.RawStdEncoding.DecodedLen(len(b)))
	n, err := base64.RawStdEncoding.Decode(data, b)
	if err != nil {
		return nil, errBase64
	}
	return data[:n], nil
}
