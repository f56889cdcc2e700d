package engineio

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
)

// First byte of a final, uncompressed WebSocket frame (RFC 6455, section 5.2).
const (
	frameText   = finBit | opText
	frameBinary = finBit | opBinary
	frameClose  = finBit | opClose
	framePong   = finBit | opPong
)

const (
	maskBit = 0x80
	// maxFrameHeader is the longest header: flags, 64-bit length, mask.
	maxFrameHeader = 14
)

// appendFrameHeader appends the header of an unmasked frame.
func appendFrameHeader(dst []byte, first byte, n int) []byte {
	switch {
	case n < 126:
		return append(dst, first, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, first, 126), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first, 127), uint64(n))
	}
}

// appendMaskedFrame appends a frame as clients must send it. The payload is
// head followed by data.
func appendMaskedFrame(dst []byte, first byte, head, data []byte) []byte {
	start := len(dst)
	dst = appendFrameHeader(dst, first, len(head)+len(data))
	dst[start+1] |= maskBit
	key := rand.Uint32()
	dst = binary.LittleEndian.AppendUint32(dst, key)
	payload := len(dst)
	dst = append(append(dst, head...), data...)
	mask(dst[payload:], key)
	return dst
}

func mask(b []byte, key uint32) {
	key64 := uint64(key)<<32 | uint64(key)
	for len(b) >= 32 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^key64)
		binary.LittleEndian.PutUint64(b[8:], binary.LittleEndian.Uint64(b[8:])^key64)
		binary.LittleEndian.PutUint64(b[16:], binary.LittleEndian.Uint64(b[16:])^key64)
		binary.LittleEndian.PutUint64(b[24:], binary.LittleEndian.Uint64(b[24:])^key64)
		b = b[32:]
	}
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^key64)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= byte(key)
		key = key>>8 | key<<24
	}
}

// framedSize bounds the bytes that a message takes on a WebSocket.
func framedSize(text []byte, binary [][]byte) int {
	n := maxFrameHeader + 1 + len(text)
	for _, b := range binary {
		n += maxFrameHeader + len(b)
	}
	return n
}

// Framed is a message encoded once for many connections. It may be sent from
// several goroutines at once.
type Framed struct {
	// wire is the message as a server sends it on a WebSocket.
	wire   []byte
	text   []byte // part of wire; nil: a binary message by itself
	binary [][]byte

	payloadOnce sync.Once
	payload     []byte

	gzipOnce sync.Once
	gzip     []byte

	deflateOnce sync.Once
	deflated    []byte
}

// Frame prepares a text message and the binary messages that follow it. Text
// and binary data are copied.
func Frame(text []byte, binary [][]byte) *Framed {
	wire := make([]byte, 0, framedSize(text, binary))
	wire = append(appendFrameHeader(wire, frameText, 1+len(text)), packetMessage)
	f := &Framed{}
	textAt := len(wire)
	wire = append(wire, text...)
	f.text = wire[textAt:len(wire):len(wire)]
	for _, b := range binary {
		wire = appendFrameHeader(wire, frameBinary, len(b))
		at := len(wire)
		wire = append(wire, b...)
		f.binary = append(f.binary, wire[at:len(wire):len(wire)])
	}
	f.wire = wire
	return f
}

// FrameBinary prepares a binary message by itself. The data is copied.
func FrameBinary(data []byte) *Framed {
	wire := appendFrameHeader(make([]byte, 0, maxFrameHeader+len(data)), frameBinary, len(data))
	at := len(wire)
	wire = append(wire, data...)
	return &Framed{wire: wire, binary: [][]byte{wire[at:len(wire):len(wire)]}}
}

// bare reports whether it is a binary message by itself.
func (f *Framed) bare() bool { return f.text == nil }

// polling returns the message as a part of a polling payload.
func (f *Framed) polling() []byte {
	f.payloadOnce.Do(func() {
		if f.bare() {
			f.payload = appendBinary(nil, f.binary[0])
		} else {
			f.payload = appendMessage(nil, f.text, f.binary)
		}
	})
	return f.payload
}

// gzipped returns the message as a whole polling payload, compressed; nil when
// that is not shorter.
func (f *Framed) gzipped() []byte {
	f.gzipOnce.Do(func() { f.gzip = gzipped(f.polling()) })
	return f.gzip
}

// wireFor returns the message as a server sends it on a WebSocket. It is
// compressed once: servers with different thresholds share what the first made.
func (f *Framed) wireFor(compress bool, threshold int) []byte {
	if !compress || !compressible(f.text, f.binary, threshold) {
		return f.wire
	}
	f.deflateOnce.Do(func() {
		frames := deflatedFrames(f.text, f.binary, threshold)
		if f.bare() {
			frames = frames[1:]
		}
		wire := make([]byte, 0, wireSize(frames))
		for _, fr := range frames {
			wire = append(appendFrameHeader(wire, fr.first, len(fr.head)+len(fr.data)), fr.head...)
			wire = append(wire, fr.data...)
		}
		f.deflated = wire
	})
	return f.deflated
}
