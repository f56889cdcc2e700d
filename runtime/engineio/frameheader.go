package engineio

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Opcodes (RFC 6455, section 11.8).
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
)

const (
	finBit = 0x80
	// rsvBits are for extensions; rsv1 is that of compression.
	rsvBits = 0x70
	// controlBit is set in the opcodes of control frames.
	controlBit = 0x8
	// maxControlPayload is the most that a control frame may carry.
	maxControlPayload = 125
)

// Status codes of close frames (RFC 6455, section 7.4.1).
const (
	statusProtocolError  = 1002
	statusInvalidPayload = 1007
	statusTooLarge       = 1009
)

// frameError is a violation of the WebSocket protocol by the peer. It ends the
// connection with its status.
type frameError struct {
	status uint16
	what   string
}

// Error implements error.
func (e *frameError) Error() string { return "engineio: invalid WebSocket frame: " + e.what }

func protocolError(format string, args ...any) error {
	return &frameError{statusProtocolError, fmt.Sprintf(format, args...)}
}

func tooLarge(limit int) error {
	return &frameError{statusTooLarge, fmt.Sprintf("message of more than %d bytes", limit)}
}

// frameHeader is the header of a received frame (RFC 6455, section 5.2).
type frameHeader struct {
	opcode byte
	fin    bool
	// rsv1: the message is compressed.
	rsv1   bool
	masked bool
	key    uint32 // little-endian
	length int
}

func (h *frameHeader) control() bool { return h.opcode&controlBit != 0 }

// parseFrameHeader reads the header at the start of b. size is its length, or 0
// when not all of it is there. What is wrong with a header is found as soon as
// the bytes that tell have come.
func parseFrameHeader(b []byte) (h frameHeader, size int, err error) {
	if len(b) < 2 {
		return h, 0, nil
	}
	h.opcode, h.fin = b[0]&0xF, b[0]&finBit != 0
	h.rsv1, h.masked = b[0]&rsv1 != 0, b[1]&maskBit != 0
	length, size := uint64(b[1]&^maskBit), 2
	switch {
	case b[0]&(rsvBits&^rsv1) != 0:
		return h, 0, protocolError("reserved bits %#x", b[0]&rsvBits)
	case h.opcode&^controlBit > opBinary:
		return h, 0, protocolError("unknown opcode %#x", h.opcode)
	case h.control() && (!h.fin || h.rsv1 || length > maxControlPayload):
		return h, 0, protocolError("fragmented, compressed or long control frame")
	}
	switch length {
	case 126:
		if size = 4; len(b) < size {
			return h, 0, nil
		}
		if length = uint64(binary.BigEndian.Uint16(b[2:])); length < 126 {
			return h, 0, errLengthForm
		}
	case 127:
		if size = 10; len(b) < size {
			return h, 0, nil
		}
		if length = binary.BigEndian.Uint64(b[2:]); length < 1<<16 || length > math.MaxInt64 {
			return h, 0, errLengthForm
		}
	}
	h.length = int(min(length, math.MaxInt))
	if h.masked {
		if size += 4; len(b) < size {
			return h, 0, nil
		}
		h.key = binary.LittleEndian.Uint32(b[size-4:])
	}
	return h, size, nil
}

var errLengthForm = protocolError("length that is not in its shortest form")

// validStatus reports whether a peer may send the status of a close frame (RFC
// 6455, section 7.4, and the registry that it founds).
func validStatus(status uint16) bool {
	switch status {
	case 1004, 1005, 1006:
		return false
	}
	return status >= 1000 && status <= 1014 || status >= 3000 && status <= 4999
}
