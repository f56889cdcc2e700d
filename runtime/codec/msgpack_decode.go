package codec

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"
)

// A MsgpackKind is what kind of value a MessagePack text has at some place.
type MsgpackKind int

// The kinds that packets are made of.
const (
	// MsgpackOther is any kind that has no name here.
	MsgpackOther MsgpackKind = iota
	MsgpackUndefined
	MsgpackInteger
	MsgpackString
	MsgpackArray
	MsgpackMap
)

// MsgpackReader reads MessagePack that comes from a peer, value by value. The
// zero Limits are the defaults. After an error it must not be used any more. All
// errors are *InvalidError.
//
// Besides the types of JSON it understands, as the reference's parser writes
// them: bytes, dates (extensions 0 and -1) and undefined (extension 0).
type MsgpackReader struct {
	Data   []byte // what is left to read
	Limits Limits
	// MaxAttachments is how many byte values JSON takes; 0: none.
	MaxAttachments int

	i int
}

// Done reports whether everything has been read.
func (r *MsgpackReader) Done() bool { return r.i == len(r.Data) }

// Kind is what the next value is.
func (r *MsgpackReader) Kind() MsgpackKind {
	if r.i >= len(r.Data) {
		return MsgpackOther
	}
	switch c := r.Data[r.i]; {
	case c < msgpackFixMap || c >= msgpackNegative || c >= msgpackUint8 && c <= msgpackInt64:
		return MsgpackInteger
	case c < msgpackFixArray || c == msgpackMap16 || c == msgpackMap32:
		return MsgpackMap
	case c < msgpackFixStr || c == msgpackArray16 || c == msgpackArray32:
		return MsgpackArray
	case c < msgpackNil || c >= msgpackStr8 && c <= msgpackStr32:
		return MsgpackString
	case c == msgpackFixExt1 && r.i+1 < len(r.Data) && r.Data[r.i+1] == 0:
		return MsgpackUndefined
	}
	return MsgpackOther
}

// Map reads the head of a map and returns how many pairs follow: a key, which
// String reads, and a value each.
func (r *MsgpackReader) Map() (int, error) {
	h, err := r.head()
	if err == nil && h.kind != msgpackHeadMap {
		err = r.fail("a map was expected")
	}
	return h.n, err
}

// String reads a string. It is a part of Data.
func (r *MsgpackReader) String() ([]byte, error) {
	h, err := r.head()
	if err != nil {
		return nil, err
	}
	if h.kind != msgpackHeadString {
		return nil, r.fail("a string was expected")
	}
	return r.take(h.n)
}

// Int reads an integer.
func (r *MsgpackReader) Int() (int64, error) {
	h, err := r.head()
	switch {
	case err != nil:
		return 0, err
	case h.kind == msgpackHeadInt:
		return int64(h.bits), nil
	case h.kind == msgpackHeadUint && h.bits <= math.MaxInt64:
		return int64(h.bits), nil
	}
	return 0, r.fail("an integer was expected")
}

// Skip reads a value of any kind and returns its text, a part of Data.
func (r *MsgpackReader) Skip() ([]byte, error) {
	start := r.i
	if _, _, err := r.json(nil, nil, r.Limits.maxDepth(), math.MaxInt, false); err != nil {
		return nil, err
	}
	return r.Data[start:r.i], nil
}

// JSON reads a value of any kind and appends it as JSON to dst. Byte values are
// appended to attachments, as parts of Data, and placeholders stand for them. Dates become strings as
// Date.toJSON makes them; undefined, NaN and infinities become null, and what is
// undefined in a map is left out, as JSON.stringify does. Numbers stay exact.
func (r *MsgpackReader) JSON(dst []byte, attachments [][]byte) (json []byte, blobs [][]byte, err error) {
	return r.json(dst, attachments, r.Limits.maxDepth(), r.MaxAttachments, true)
}

func (r *MsgpackReader) json(dst []byte, blobs [][]byte, depth, maxBlobs int, keep bool) ([]byte, [][]byte, error) {
	w := jsonWriter{r: r, dst: dst, blobs: blobs, maxBlobs: maxBlobs, keep: keep}
	err := w.value(depth)
	return w.dst, w.blobs, err
}

func (r *MsgpackReader) fail(message string) error { return &InvalidError{r.i, message} }

// take reads n bytes. They must be there: nothing is ever allocated for a length
// that a peer only claims.
func (r *MsgpackReader) take(n int) ([]byte, error) {
	if n > len(r.Data)-r.i {
		return nil, r.fail("the text ends within a value")
	}
	b := r.Data[r.i : r.i+n : r.i+n]
	r.i += n
	return b, nil
}

// msgpackHead is the head of a value, or all of it where it is a number.
type msgpackHead struct {
	kind  msgpackHeadKind
	n     int    // bytes, elements or pairs that follow
	ext   int8   // an extension's type
	fixed bool   // an extension without a length of its own
	bits  uint64 // a number's
}

type msgpackHeadKind int

const (
	msgpackHeadNil msgpackHeadKind = iota
	msgpackHeadFalse
	msgpackHeadTrue
	msgpackHeadInt
	msgpackHeadUint
	msgpackHeadFloat
	msgpackHeadString
	msgpackHeadBytes
	msgpackHeadArray
	msgpackHeadMap
	msgpackHeadExt
)

// head reads the head of a value.
func (r *MsgpackReader) head() (msgpackHead, error) {
	if r.i >= len(r.Data) {
		return msgpackHead{}, r.fail("the text ends where a value was expected")
	}
	c := r.Data[r.i]
	r.i++
	switch {
	case c < msgpackFixMap:
		return msgpackHead{kind: msgpackHeadUint, bits: uint64(c)}, nil
	case c < msgpackFixArray:
		return msgpackHead{kind: msgpackHeadMap, n: int(c & 0x0f)}, nil
	case c < msgpackFixStr:
		return msgpackHead{kind: msgpackHeadArray, n: int(c & 0x0f)}, nil
	case c < msgpackNil:
		return msgpackHead{kind: msgpackHeadString, n: int(c & 0x1f)}, nil
	case c >= msgpackNegative:
		return msgpackHead{kind: msgpackHeadInt, bits: uint64(int64(int8(c)))}, nil
	}
	switch c {
	case msgpackNil:
		return msgpackHead{kind: msgpackHeadNil}, nil
	case msgpackFalse:
		return msgpackHead{kind: msgpackHeadFalse}, nil
	case msgpackTrue:
		return msgpackHead{kind: msgpackHeadTrue}, nil
	case msgpackBin8, msgpackBin16, msgpackBin32:
		return r.sized(msgpackHeadBytes, 1<<(c-msgpackBin8))
	case msgpackExt8, msgpackExt16, msgpackExt32:
		return r.extension(r.sized(msgpackHeadExt, 1<<(c-msgpackExt8)))
	case msgpackFloat32, msgpackFloat64:
		return r.float(4 << (c - msgpackFloat32))
	case msgpackUint8, msgpackUint16, msgpackUint32, msgpackUint64:
		bits, err := r.bigEndian(1 << (c - msgpackUint8))
		return msgpackHead{kind: msgpackHeadUint, bits: bits}, err
	case msgpackInt8, msgpackInt16, msgpackInt32, msgpackInt64:
		size := 1 << (c - msgpackInt8)
		bits, err := r.bigEndian(size)
		shift := 64 - 8*size
		return msgpackHead{kind: msgpackHeadInt, bits: uint64(int64(bits<<shift) >> shift)}, err
	case msgpackStr8, msgpackStr16, msgpackStr32:
		return r.sized(msgpackHeadString, 1<<(c-msgpackStr8))
	case msgpackArray16, msgpackArray32:
		return r.sized(msgpackHeadArray, 2<<(c-msgpackArray16))
	case msgpackMap16, msgpackMap32:
		return r.sized(msgpackHeadMap, 2<<(c-msgpackMap16))
	}
	if c >= msgpackFixExt1 && c <= msgpackFixExt16 {
		return r.extension(msgpackHead{kind: msgpackHeadExt, n: 1 << (c - msgpackFixExt1), fixed: true}, nil)
	}
	r.i--
	return msgpackHead{}, r.fail("a byte that begins no value")
}

func (r *MsgpackReader) bigEndian(size int) (uint64, error) {
	b, err := r.take(size)
	if err != nil {
		return 0, err
	}
	var v [8]byte
	copy(v[8-size:], b)
	return binary.BigEndian.Uint64(v[:]), nil
}

// sized reads a length of size bytes.
func (r *MsgpackReader) sized(kind msgpackHeadKind, size int) (msgpackHead, error) {
	n, err := r.bigEndian(size)
	if err == nil && n > math.MaxInt32 {
		err = r.fail("a length beyond what a message can hold")
	}
	return msgpackHead{kind: kind, n: int(n)}, err
}

func (r *MsgpackReader) extension(h msgpackHead, err error) (msgpackHead, error) {
	if err != nil {
		return h, err
	}
	b, err := r.take(1)
	if err == nil {
		h.ext = int8(b[0])
	}
	return h, err
}

func (r *MsgpackReader) float(size int) (msgpackHead, error) {
	bits, err := r.bigEndian(size)
	if size == 4 {
		bits = math.Float64bits(float64(math.Float32frombits(uint32(bits))))
	}
	return msgpackHead{kind: msgpackHeadFloat, bits: bits}, err
}

// jsonWriter writes the values of a MsgpackReader as JSON.
type jsonWriter struct {
	r        *MsgpackReader
	dst      []byte
	blobs    [][]byte
	maxBlobs int
	keep     bool // false: values are only checked
}

// value writes the next value; depth is how many levels may still be opened.
func (w *jsonWriter) value(depth int) error {
	h, err := w.r.head()
	if err != nil {
		return err
	}
	switch h.kind {
	case msgpackHeadNil:
		w.put("null")
	case msgpackHeadFalse:
		w.put("false")
	case msgpackHeadTrue:
		w.put("true")
	case msgpackHeadInt:
		w.dst = strconv.AppendInt(w.dst, int64(h.bits), 10)
	case msgpackHeadUint:
		w.dst = strconv.AppendUint(w.dst, h.bits, 10)
	case msgpackHeadFloat:
		w.float(math.Float64frombits(h.bits))
	case msgpackHeadString:
		return w.text(h.n)
	case msgpackHeadBytes:
		return w.bytes(h.n)
	case msgpackHeadExt:
		return w.extension(h)
	default:
		if depth == 0 {
			return w.r.fail(tooDeepMessage(w.r.Limits.maxDepth()))
		}
		if h.kind == msgpackHeadArray {
			return w.array(h.n, depth-1)
		}
		return w.object(h.n, depth-1)
	}
	w.forget()
	return nil
}

// forget drops what was written where values are only checked.
func (w *jsonWriter) forget() {
	if !w.keep {
		w.dst = w.dst[:0]
	}
}

func (w *jsonWriter) put(s string) { w.dst = append(w.dst, s...) }

func (w *jsonWriter) float(v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		w.put("null")
		return
	}
	w.dst = appendFloat(w.dst, v, 64)
}

func (w *jsonWriter) text(n int) error {
	b, err := w.r.take(n)
	if err != nil || !w.keep {
		return err
	}
	w.dst = appendString(w.dst, string(b))
	return nil
}

func (w *jsonWriter) bytes(n int) error {
	b, err := w.r.take(n)
	if err != nil || !w.keep {
		return err
	}
	if len(w.blobs) >= w.maxBlobs {
		return w.r.fail("too many attachments")
	}
	w.dst = appendPlaceholder(w.dst, len(w.blobs))
	w.blobs = append(w.blobs, b)
	return nil
}

func (w *jsonWriter) array(n, depth int) error {
	w.put("[")
	for i := range n {
		if i > 0 {
			w.put(",")
		}
		if err := w.value(depth); err != nil {
			return err
		}
	}
	w.put("]")
	w.forget()
	return nil
}

func (w *jsonWriter) object(n, depth int) error {
	w.put("{")
	first := true
	for range n {
		start := len(w.dst)
		if !first {
			w.put(",")
		}
		key, err := w.r.String()
		if err != nil {
			return err
		}
		w.dst = append(appendString(w.dst, string(key)), ':')
		undefined := w.r.Kind() == MsgpackUndefined
		if err := w.value(depth); err != nil {
			return err
		}
		if undefined && w.keep {
			w.dst = w.dst[:start]
			continue
		}
		first = false
	}
	w.put("}")
	w.forget()
	return nil
}

// Extension types (MessagePack, "Extension types", and those of the reference's
// encoder, all under type 0).
const (
	msgpackExtReference = 0
	msgpackExtTimestamp = -1
)

// extension writes an extension, whose type and length tell what it is.
func (w *jsonWriter) extension(h msgpackHead) error {
	if h.ext == msgpackExtReference && !h.fixed {
		return w.bytes(h.n) // an ArrayBuffer
	}
	b, err := w.r.take(h.n)
	if err != nil {
		return err
	}
	switch {
	case h.ext == msgpackExtReference && h.n == 1:
		w.put("null") // undefined
	case h.ext == msgpackExtReference && h.n == 8:
		ms := int64(binary.BigEndian.Uint64(b))
		w.time(time.UnixMilli(ms))
	case h.ext == msgpackExtTimestamp && h.n == 4:
		w.time(time.Unix(int64(binary.BigEndian.Uint32(b)), 0))
	case h.ext == msgpackExtTimestamp && h.n == 8:
		v := binary.BigEndian.Uint64(b)
		w.time(time.Unix(int64(v&(1<<34-1)), int64(v>>34)))
	case h.ext == msgpackExtTimestamp && h.n == 12:
		w.time(time.Unix(int64(binary.BigEndian.Uint64(b[4:])), int64(binary.BigEndian.Uint32(b))))
	default:
		return w.r.fail("an extension that no packet has")
	}
	w.forget()
	return nil
}

// time writes a date in RFC 3339, with milliseconds as Date.toJSON has it; null
// where the year has more than four digits.
func (w *jsonWriter) time(t time.Time) {
	t = t.UTC()
	if year := t.Year(); year < 0 || year > 9999 {
		w.put("null")
		return
	}
	w.dst = append(w.dst, '"')
	w.dst = t.AppendFormat(w.dst, "2006-01-02T15:04:05.000Z")
	w.dst = append(w.dst, '"')
}
