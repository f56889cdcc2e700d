package engineio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"unicode/utf8"
)

const (
	// readBufferSize is the size of the pooled buffers that sockets are read into.
	readBufferSize = 8 << 10
	// messageGrowth bounds the memory for a message that does not fit a read
	// buffer: this many times more than what has come of it, or leastMessage.
	messageGrowth = 4
	leastMessage  = 1 << 10
	// maxPooledMessage keeps large messages out of the pool.
	maxPooledMessage = 64 << 10
	// smallRead is how much of TLS is read while there is no buffer.
	smallRead = 16
)

var (
	readBuffers    = sync.Pool{New: func() any { return new([readBufferSize]byte) }}
	messageBuffers = sync.Pool{New: func() any { return new([]byte) }}
)

// errCloseFrame is the end that WebSocket itself has.
var errCloseFrame = errors.New("engineio: close frame")

// incoming is the reading half of a WebSocket (RFC 6455, section 5). It belongs
// to the goroutine that reads.
//
// Frames are parsed where they were read to. A message of one frame that fits the
// buffer is delivered from there; any other is put together in memory that grows
// with what has come, whatever length is announced. There is a buffer only while
// data flows.
type incoming struct {
	buf    *[readBufferSize]byte
	unread []byte // of buf, or what came behind the handshake

	// message is what has come of a message that is not delivered from buf; pooled
	// is where its memory is from, if it was pooled.
	message []byte
	pooled  *[]byte
	// lent: the message was delivered, and is not to be kept for long.
	lent bool
	// opcode is that of the message whose fragments come; 0: of none.
	opcode     byte
	compressed bool
	// within: the payload of frame is being read, which is to be in message from start
	// to end.
	within     bool
	frame      frameHeader
	start, end int

	small [smallRead]byte
}

// nextMessage reads up to the end of the next message and handles the control
// frames on the way. The data of a text message is valid until the next call,
// that of a binary message belongs to the caller. After errNothingYet the next call
// goes on where this one stopped.
func (w *wsConn) nextMessage() (data []byte, binary bool, err error) {
	if w.lent {
		w.freeMessage()
	}
	for {
		if w.within {
			if err := w.readPayload(); err != nil {
				return nil, false, err
			}
			if w.frame.fin {
				return w.assembled()
			}
		}
		h, size, err := parseFrameHeader(w.unread)
		if err == nil && size > 0 {
			err = w.check(&h)
		}
		switch {
		case err != nil:
			return nil, false, err
		case size == 0:
			err = w.fill()
		case h.control():
			err = w.control(&h, size)
		case len(w.unread)-size < h.length && size+h.length <= readBufferSize:
			err = w.fill()
		case h.fin && !h.rsv1 && h.opcode != opContinuation && len(w.unread)-size >= h.length:
			return w.whole(w.cut(&h, size), h.opcode)
		default:
			w.beginFrame(&h, size)
		}
		if err != nil {
			return nil, false, err
		}
	}
}

// check checks what a header says against what may come here.
func (w *wsConn) check(h *frameHeader) error {
	switch {
	case h.masked == w.set.client:
		return protocolError("mask of the wrong end")
	case h.rsv1 && (!w.deflate || h.opcode == opContinuation):
		return protocolError("compression that was not negotiated, or within a message")
	case h.control():
	case h.opcode == opContinuation && w.opcode == 0:
		return protocolError("continuation of nothing")
	case h.opcode != opContinuation && w.opcode != 0:
		return protocolError("message within a message")
	case h.length > w.set.MaxPayload-len(w.message):
		return tooLarge(w.set.MaxPayload)
	}
	return nil
}

// cut takes a frame that is all there, and returns its payload.
func (w *wsConn) cut(h *frameHeader, size int) []byte {
	end := size + h.length
	payload := w.unread[size:end:end]
	w.unread = w.unread[end:]
	if h.masked {
		mask(payload, h.key)
	}
	return payload
}

// whole delivers a message of one frame from where it was read to.
func (w *wsConn) whole(payload []byte, opcode byte) (data []byte, binary bool, err error) {
	if opcode == opBinary {
		return append(make([]byte, 0, len(payload)), payload...), true, nil
	}
	return payload, false, checkText(payload)
}

func checkText(b []byte) error {
	if !utf8.Valid(b) {
		return &frameError{statusInvalidPayload, "text that is not UTF-8"}
	}
	return nil
}

// beginFrame appends to the message what is here of the payload of a frame.
func (w *wsConn) beginFrame(h *frameHeader, size int) {
	if h.opcode != opContinuation {
		w.opcode, w.compressed = h.opcode, h.rsv1
	}
	w.within, w.frame, w.start = true, *h, len(w.message)
	w.end = w.start + h.length
	here := min(len(w.unread)-size, h.length)
	w.grow(here, h.length)
	w.message = append(w.message, w.unread[size:size+here]...)
	w.unread = w.unread[size+here:]
}

// readPayload appends the rest of it.
func (w *wsConn) readPayload() error {
	if len(w.message) < w.end {
		w.releaseReplies()
	}
	for len(w.message) < w.end {
		have := len(w.message)
		if have == cap(w.message) {
			w.grow(1, w.end-have)
		}
		n, err := w.readNet(w.message[have:min(cap(w.message), w.end)])
		if err != nil {
			return err
		}
		w.message = w.message[:have+n]
	}
	if w.frame.masked {
		mask(w.message[w.start:], w.frame.key)
	}
	w.within = false
	return nil
}

// grow makes room for n more bytes of the message, of as many as are announced. It
// takes pooled memory, but for long binary messages: the application keeps what is
// binary, and to copy that costs less than to let memory grow only while it is
// short enough for the pool.
func (w *wsConn) grow(n, announced int) {
	if cap(w.message)-len(w.message) >= n {
		return
	}
	if w.message == nil && (w.opcode == opText || w.compressed || announced <= maxPooledMessage) {
		w.pooled = messageBuffers.Get().(*[]byte)
		w.message = (*w.pooled)[:0]
		if cap(w.message) >= n {
			return
		}
	}
	have := len(w.message)
	size := have + min(announced, messageGrowth*max(have+n, leastMessage))
	w.message = append(make([]byte, 0, size), w.message...)
}

// assembled returns the message that all fragments of have come.
func (w *wsConn) assembled() (data []byte, binary bool, err error) {
	binary = w.opcode == opBinary
	w.opcode = 0
	if w.compressed {
		limit := w.set.MaxPayload
		data, err = inflate(w.message, limit)
		w.freeMessage()
		if err != nil {
			return nil, false, err
		}
	} else if data = w.message; binary {
		// What is long enough to be kept out of the pool needs no copy.
		if w.pooled != nil && cap(data) <= maxPooledMessage || 2*len(data) < cap(data) {
			data = bytes.Clone(data)
		}
		w.freeMessage()
	}
	if !binary {
		w.lent = true
		err = checkText(data)
	}
	return data, binary, err
}

// freeMessage gives back the memory of the message.
func (w *wsConn) freeMessage() {
	if w.pooled != nil {
		if cap(w.message) <= maxPooledMessage {
			*w.pooled = w.message[:0]
		}
		messageBuffers.Put(w.pooled)
	}
	w.message, w.pooled, w.lent = nil, nil, false
}

// control handles a control frame.
func (w *wsConn) control(h *frameHeader, size int) error {
	if len(w.unread)-size < h.length {
		return w.fill()
	}
	payload := w.cut(h, size)
	switch h.opcode {
	case opPing:
		return w.pong(payload)
	case opClose:
		return w.closed(payload)
	}
	return nil
}

// closed handles a close frame (RFC 6455, section 5.5.1).
func (w *wsConn) closed(payload []byte) error {
	if len(payload) == 0 {
		w.answerClose(nil)
		return errCloseFrame
	}
	if len(payload) == 1 {
		return protocolError("close frame with half a status")
	}
	if status := binary.BigEndian.Uint16(payload); !validStatus(status) {
		return protocolError("close frame with status %d", status)
	}
	if err := checkText(payload[2:]); err != nil {
		return err
	}
	w.answerClose(payload[:2])
	return errCloseFrame
}

// fill reads more. What is unread already goes to the start of the buffer.
func (w *wsConn) fill() error {
	w.releaseReplies()
	have := len(w.unread)
	if have == 0 {
		n, err := w.readIdle()
		if err != nil {
			return err
		}
		w.unread = w.buf[:n]
		return nil
	}
	b := w.takeBuffer()
	copy(b, w.unread)
	w.unread = b[:have]
	n, err := w.readNet(b[have:])
	if err != nil {
		return err
	}
	w.unread = b[:have+n]
	return nil
}

// readIdle waits without a buffer, and reads into one when there is data.
func (w *wsConn) readIdle() (int, error) {
	if w.raw != nil {
		return w.raw.read(w, nil)
	}
	w.dropBuffer()
	n, err := w.readNet(w.small[:])
	if err == nil {
		copy(w.takeBuffer(), w.small[:n])
	}
	return n, err
}

// readNet reads at least one byte.
func (w *wsConn) readNet(p []byte) (int, error) {
	if w.raw != nil {
		return w.raw.read(w, p)
	}
	n, err := w.nc.Read(p)
	switch {
	case n > 0:
		return n, nil
	case err == nil:
		err = io.ErrNoProgress
	}
	return 0, err
}

func (w *wsConn) takeBuffer() []byte {
	if w.buf == nil {
		w.buf = readBuffers.Get().(*[readBufferSize]byte)
	}
	return w.buf[:]
}

// idleBuffer returns the buffer that is read into next; nil: that goes elsewhere.
func (w *wsConn) idleBuffer() []byte {
	if len(w.unread) > 0 || w.within {
		return nil
	}
	return w.takeBuffer()
}

func (w *wsConn) dropBuffer() {
	if w.buf != nil {
		readBuffers.Put(w.buf)
		w.buf, w.unread = nil, nil
	}
}

// gatherReplies corks while further frames were read already: the replies to
// all of them leave together.
func (w *wsConn) gatherReplies() {
	if !w.corking && len(w.unread) > 0 {
		w.corking = true
		w.cork()
		if w.loop != nil {
			w.loop.severalCame()
		}
	}
}

// releaseReplies ends what gatherReplies began: the peer is about to be waited for.
func (w *wsConn) releaseReplies() {
	if w.corking {
		w.corking = false
		w.uncork()
	}
}
