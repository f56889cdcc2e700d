package engineio

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// inflateTail ends a message: the four bytes that its sender left out (RFC 7692,
// section 7.2.2), and an empty last block.
const inflateTail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

// inflater decompresses messages, each for itself: no memory of earlier messages
// was negotiated.
type inflater struct {
	r    io.ReadCloser
	in   bytes.Reader
	tail bytes.Reader
	both bytesThenTail
}

// bytesThenTail is an io.MultiReader that can be used again, and an
// io.ByteReader, so that flate needs no buffer of its own.
type bytesThenTail struct{ first, then *bytes.Reader }

func (b *bytesThenTail) Read(p []byte) (int, error) {
	if b.first.Len() > 0 {
		return b.first.Read(p)
	}
	return b.then.Read(p)
}

func (b *bytesThenTail) ReadByte() (byte, error) {
	if b.first.Len() > 0 {
		return b.first.ReadByte()
	}
	return b.then.ReadByte()
}

var inflaters = sync.Pool{New: func() any {
	f := new(inflater)
	f.both = bytesThenTail{&f.in, &f.tail}
	f.r = flate.NewReader(&f.both)
	return f
}}

// inflate decompresses a message that may be limit bytes long. Its memory grows
// with what comes out.
func inflate(b []byte, limit int) ([]byte, error) {
	f := inflaters.Get().(*inflater)
	defer inflaters.Put(f)
	f.in.Reset(b)
	f.tail.Reset([]byte(inflateTail))
	defer f.in.Reset(nil)
	_ = f.r.(flate.Resetter).Reset(&f.both, nil) // never fails
	out := make([]byte, 0, min(limit, messageGrowth*len(b))+1)
	for {
		if len(out) == cap(out) {
			if len(out) > limit {
				return nil, tooLarge(limit)
			}
			out = append(make([]byte, 0, min(limit, 2*len(out))+1), out...)
		}
		n, err := f.r.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		switch {
		case len(out) > limit:
			return nil, tooLarge(limit)
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, &frameError{statusInvalidPayload, "compressed data: " + err.Error()}
		}
	}
}
