package load

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"
)

// deflateAround compresses a text, but not the numbers in it, which therefore can
// be changed afterwards: each stands in a block of its own that is stored as it is
// (RFC 1951, section 3.2.4). The rest is compressed piece by piece; no piece
// refers to what is before it.
func deflateAround(text, number string) []byte {
	var out bytes.Buffer
	for {
		piece, rest, found := strings.Cut(text, number)
		w, _ := flate.NewWriter(&out, flate.DefaultCompression) // a level that exists: no error
		_, _ = w.Write([]byte(piece))                           // to a Buffer: none of these can fail
		_ = w.Flush()                                           // ends on a whole byte, with an empty block
		if !found {
			return bytes.TrimSuffix(out.Bytes(), emptyBlock)
		}
		out.Write(storedHead(len(number)))
		out.WriteString(number)
		text = rest
	}
}

// storedHead begins a block of n bytes that are stored as they are.
func storedHead(n int) []byte {
	head := binary.LittleEndian.AppendUint16([]byte{0}, uint16(n))
	return binary.LittleEndian.AppendUint16(head, ^uint16(n))
}

var (
	// emptyBlock ends a flushed stream, and is not sent (RFC 7692, section 7.2.1).
	emptyBlock = []byte{0, 0, 0xff, 0xff}
	// inflateEnd is what it takes to read such a stream to its end: that block, and
	// one that is the last.
	inflateEnd = append(emptyBlock, 1, 0, 0, 0xff, 0xff)
)

// inflater undoes the compression of one message after the other.
type inflater struct {
	in  bytes.Reader
	end bytes.Reader
	r   io.ReadCloser
	out bytes.Buffer
}

// inflate returns the message, which is valid until the next one.
func (f *inflater) inflate(payload []byte) ([]byte, error) {
	f.in.Reset(payload)
	f.end.Reset(inflateEnd)
	stream := io.MultiReader(&f.in, &f.end)
	if f.r == nil {
		f.r = flate.NewReader(stream)
	} else if err := f.r.(flate.Resetter).Reset(stream, nil); err != nil {
		return nil, fmt.Errorf("load: decompressing: %w", err)
	}
	f.out.Reset()
	if _, err := io.Copy(&f.out, io.LimitReader(f.r, maxMessage)); err != nil {
		return nil, fmt.Errorf("load: decompressing: %w", err)
	}
	return f.out.Bytes(), nil
}
