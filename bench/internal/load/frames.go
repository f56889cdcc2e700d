package load

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var errFrame = errors.New("load: frame that a server must not send")

// Opcodes of WebSocket, with the bit of a final frame.
const (
	finalText = 0x81
	wsClose   = 0x88
	wsPing    = 0x89
)

// nextFrame splits the first frame off b. It returns a nil rest while the frame
// is not complete.
func nextFrame(b []byte) (first byte, payload, rest []byte, err error) {
	if len(b) < 2 {
		return 0, nil, nil, nil
	}
	if b[1]&0x80 != 0 || b[0]&0x70 != 0 {
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

// maxMessage bounds what a server may send in one frame.
const maxMessage = 32 << 10
