package load

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var errFrame = errors.New("load: frame that a server must not send")

// First bytes of WebSocket frames (RFC 6455, section 5.2).
const (
	final      = 0x80
	compressed = 0x40
	opcode     = 0x0f

	finalText   = final | 1
	finalBinary = final | 2
	wsClose     = final | 8
	wsPing      = final | 9
)

// maskKey is no zero, so that the server has something to undo.
const maskKey = 0x5aa53cc3

// maskByte is what the i-th byte of a payload is masked with.
func maskByte(i int) byte { return byte(uint32(maskKey) >> (24 - 8*(i&3))) }

// maskedFrame returns a frame as clients send it, and where its payload begins.
func maskedFrame(first byte, payload []byte) (frame []byte, head int) {
	frame = []byte{first}
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n <= 0xffff:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(n))
	}
	frame = binary.BigEndian.AppendUint32(frame, maskKey)
	head = len(frame)
	for i, b := range payload {
		frame = append(frame, b^maskByte(i))
	}
	return frame, head
}

// nextFrame splits the first frame off b. It returns a nil rest while the frame
// is not complete.
func nextFrame(b []byte) (first byte, payload, rest []byte, err error) {
	if len(b) < 2 {
		return 0, nil, nil, nil
	}
	if b[1]&0x80 != 0 || b[0]&0x30 != 0 {
		return 0, nil, nil, fmt.Errorf("%w: % x", errFrame, b[:2])
	}
	n, head := int(b[1]), 2
	switch {
	case n == 126 && len(b) >= 4:
		n, head = int(binary.BigEndian.Uint16(b[2:])), 4
	case n == 127 && len(b) >= 10:
		n, head = int(binary.BigEndian.Uint64(b[2:])), 10
	case n >= 126:
		return 0, nil, nil, nil
	}
	if n < 0 || n > maxMessage {
		return 0, nil, nil, fmt.Errorf("%w: of %d bytes", errFrame, n)
	}
	if len(b) < head+n {
		return 0, nil, nil, nil
	}
	return b[0], b[head : head+n], b[head+n:], nil
}

// maxMessage bounds what a server may send in one message or answer.
const maxMessage = 128 << 10
