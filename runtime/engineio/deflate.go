package engineio

import (
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
)

// DefaultCompressionThreshold is the size in bytes from which messages and
// polling answers are compressed, where compression is on.
const DefaultCompressionThreshold = 1024

const (
	deflateExtension = "permessage-deflate"
	// rsv1 marks the frame of a compressed message (RFC 7692, section 6).
	rsv1 = 0x40
	// deflateTail is how many bytes of the end of a flushed stream are not sent
	// (RFC 7692, section 7.2.1).
	deflateTail = 4
)

// deflater compresses messages, each for itself: what it wrote for one message
// is never referred to by another, so that one result fits every connection and
// no connection has a compressor of its own.
type deflater struct {
	w   *flate.Writer
	out []byte
}

var deflaters = sync.Pool{New: func() any {
	d := new(deflater)
	d.w, _ = flate.NewWriter(d, flate.BestSpeed) // a level that exists: no error
	return d
}}

func (d *deflater) Write(b []byte) (int, error) {
	d.out = append(d.out, b...)
	return len(b), nil
}

// deflate returns head and data compressed as one message, or nil when that is
// not shorter.
func deflate(head, data []byte) []byte {
	d := deflaters.Get().(*deflater)
	defer deflaters.Put(d)
	d.out = make([]byte, 0, len(data)/2)
	d.w.Reset(d)
	// Write of a deflater never fails, so that these don't.
	_, _ = d.w.Write(head)
	_, _ = d.w.Write(data)
	_ = d.w.Flush()
	out := d.out[:max(0, len(d.out)-deflateTail)]
	d.out = nil
	if len(out) >= len(head)+len(data) {
		return nil
	}
	return out
}

// wireFrame is a frame to be queued: the payload is head, then data. Nobody
// changes data any more if it is shared.
type wireFrame struct {
	first      byte
	head, data []byte
	shared     bool
}

// deflated compresses the frame if it is long enough and gains by it.
func (f wireFrame) deflated(threshold int) wireFrame {
	if len(f.head)+len(f.data) < threshold {
		return f
	}
	if out := deflate(f.head, f.data); out != nil {
		return wireFrame{first: f.first | rsv1, data: out, shared: true}
	}
	return f
}

// deflatedFrames returns the frames of a message and its binary messages.
func deflatedFrames(text []byte, binary [][]byte, threshold int) []wireFrame {
	frames := make([]wireFrame, 0, 1+len(binary))
	frames = append(frames, wireFrame{first: frameText, head: messageHead, data: text}.deflated(threshold))
	for _, b := range binary {
		frames = append(frames, wireFrame{first: frameBinary, data: b, shared: true}.deflated(threshold))
	}
	return frames
}

func wireSize(frames []wireFrame) int {
	n := 0
	for _, f := range frames {
		n += maxFrameHeader + len(f.head) + len(f.data)
	}
	return n
}

// compressible reports whether any part of a message reaches the threshold.
func compressible(text []byte, binary [][]byte, threshold int) bool {
	if 1+len(text) >= threshold {
		return true
	}
	for _, b := range binary {
		if len(b) >= threshold {
			return true
		}
	}
	return false
}

// acceptsDeflate reports whether one of a client's offers (RFC 7692, section
// 7.1) can be accepted by a server that refers to no earlier messages, and
// within one message to up to 32 KiB.
func acceptsDeflate(h http.Header) bool {
	for _, line := range h["Sec-Websocket-Extensions"] {
		for offer := range strings.SplitSeq(line, ",") {
			if acceptsOffer(offer) {
				return true
			}
		}
	}
	return false
}

func acceptsOffer(offer string) bool {
	name, rest, more := strings.Cut(offer, ";")
	if !strings.EqualFold(strings.TrimSpace(name), deflateExtension) {
		return false
	}
	seen := map[string]bool{}
	for more {
		var param string
		param, rest, more = strings.Cut(rest, ";")
		key, value, hasValue := strings.Cut(param, "=")
		key = strings.ToLower(strings.TrimSpace(key))
		value = strings.Trim(strings.TrimSpace(value), `"`)
		if seen[key] || !acceptsParam(key, value, hasValue) {
			return false
		}
		seen[key] = true
	}
	return true
}

func acceptsParam(key, value string, hasValue bool) bool {
	switch key {
	case "server_no_context_takeover", "client_no_context_takeover":
		return !hasValue
	case "client_max_window_bits":
		return !hasValue || windowBits(value)
	case "server_max_window_bits":
		return value == "15"
	}
	return false
}

// windowBits reports whether s is a base-2 logarithm of a window's size.
func windowBits(s string) bool {
	switch s {
	case "8", "9", "10", "11", "12", "13", "14", "15":
		return true
	}
	return false
}

// acceptedDeflate reads a server's answer to a client that offers compression
// without reference to earlier messages. ok is false for an answer that does not
// fit the offer, which must end the connection (RFC 7692, section 5).
func acceptedDeflate(h http.Header) (on, ok bool) {
	lines := h["Sec-Websocket-Extensions"]
	if len(lines) == 0 {
		return false, true
	}
	answer := strings.Join(lines, ",")
	name, rest, _ := strings.Cut(answer, ";")
	if !strings.EqualFold(strings.TrimSpace(name), deflateExtension) || !acceptsOffer(answer) {
		return false, false
	}
	serverForgets := false
	for param := range strings.SplitSeq(rest, ";") {
		key, _, _ := strings.Cut(param, "=")
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "server_no_context_takeover":
			serverForgets = true
		case "client_max_window_bits":
			return false, false // was not offered
		}
	}
	return serverForgets, serverForgets
}
