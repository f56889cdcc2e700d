package codec

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// maxPooledBuffer is the largest buffer, in bytes, that goes back to the pool.
const maxPooledBuffer = 64 << 10

// An Encoder writes the arguments of one packet, or one value, as JSON. It keeps
// its first error; Finish returns it. It comes from a pool: call Free when the
// bytes are no longer needed. It is not safe for concurrent use.
type Encoder struct {
	buf         []byte
	attachments [][]byte
	err         *EncodeError
	absent      int // arguments left out so far, written as null if another follows
	depth       int
	tagKey      string // written by the next BeginObject
	tagValue    string
	event       bool // the buffer starts with an event's name
	// unchecked: raw JSON went in that may spell a placeholder in an unusual way.
	unchecked bool
}

var encoders = sync.Pool{New: func() any { return &Encoder{buf: make([]byte, 0, 512)} }}

// NewEvent returns an Encoder for an event. prefix is the start of its JSON, up
// to the name: `["chat message"`.
func NewEvent(prefix string) *Encoder {
	e := encoders.Get().(*Encoder)
	e.buf = append(e.buf[:0], prefix...)
	e.depth = 1
	e.event = true
	return e
}

// NewArgs returns an Encoder for the arguments of an acknowledgement.
func NewArgs() *Encoder {
	e := encoders.Get().(*Encoder)
	e.buf = append(e.buf[:0], '[')
	e.depth = 1
	return e
}

// NewValue returns an Encoder for one value; FinishValue ends it.
func NewValue() *Encoder {
	e := encoders.Get().(*Encoder)
	e.buf = e.buf[:0]
	return e
}

// Free gives the Encoder back to the pool. Neither it nor the JSON that it
// returned may be used afterwards; the attachments may.
func (e *Encoder) Free() {
	if cap(e.buf) > maxPooledBuffer {
		return
	}
	*e = Encoder{buf: e.buf[:0]} // the attachments belong to whoever sends them
	encoders.Put(e)
}

// Err returns the first error so far, an *EncodeError.
func (e *Encoder) Err() error {
	if e.err == nil {
		return nil
	}
	return e.err
}

// Fail records an error at the current place, unless there is one already.
func (e *Encoder) Fail(message string) { e.fail(message, nil) }

func (e *Encoder) fail(message string, cause error) {
	if e.err != nil {
		return
	}
	levels := levelsAt(e.buf)
	e.err = &EncodeError{Message: message, Err: cause}
	if e.event {
		levels = withoutName(levels)
		e.err.Event = eventName(e.buf)
	}
	e.err.Path = pathOf(levels, "")
}

// Finish closes the array of the arguments and returns the packet's JSON, valid
// until Free, and its attachments: the slices given to Bytes, in a list that the
// caller may keep.
func (e *Encoder) Finish() (json []byte, attachments [][]byte, err error) {
	e.buf = append(e.buf, ']')
	return e.FinishValue()
}

// FinishValue is Finish for an Encoder of NewValue.
func (e *Encoder) FinishValue() (json []byte, attachments [][]byte, err error) {
	if e.err == nil && len(e.attachments) > 0 {
		e.checkPlaceholders()
	}
	if e.err != nil {
		return nil, nil, e.err
	}
	return e.buf, e.attachments, nil
}

// checkPlaceholders refuses data of the application that a receiver would take
// for a reference to an attachment: it would close the connection.
func (e *Encoder) checkPlaceholders() {
	if !e.unchecked && bytes.Count(e.buf, placeholderKey) == len(e.attachments) {
		return
	}
	if !placeholdersMatch(e.buf, len(e.attachments)) {
		e.err = &EncodeError{Message: `data with "_placeholder": true cannot travel beside binary attachments`}
		if e.event {
			e.err.Event = eventName(e.buf)
		}
	}
}

// Elem begins the next argument or array element.
func (e *Encoder) Elem() *Encoder {
	for ; e.absent > 0; e.absent-- {
		e.comma()
		e.buf = append(e.buf, "null"...)
	}
	e.comma()
	return e
}

// Absent leaves out an optional argument: null when another one follows.
func (e *Encoder) Absent() { e.absent++ }

// comma separates from what is before. A complete value ends in none of these.
func (e *Encoder) comma() {
	if n := len(e.buf); n > 0 {
		if c := e.buf[n-1]; c != '[' && c != '{' {
			e.buf = append(e.buf, ',')
		}
	}
}

// BeginObject begins an object.
func (e *Encoder) BeginObject() {
	e.open('{')
	if e.tagKey != "" {
		key, value := e.tagKey, e.tagValue
		e.tagKey = ""
		e.Field(key).String(value)
	}
}

// EndObject ends an object.
func (e *Encoder) EndObject() { e.close('}') }

// BeginArray begins an array.
func (e *Encoder) BeginArray() { e.open('[') }

// EndArray ends an array.
func (e *Encoder) EndArray() { e.close(']') }

func (e *Encoder) open(c byte) {
	if e.depth >= DefaultMaxDepth {
		e.Fail(tooDeepMessage(DefaultMaxDepth))
	}
	e.depth++
	e.buf = append(e.buf, c)
}

func (e *Encoder) close(c byte) {
	e.depth--
	e.buf = append(e.buf, c)
}

// Field begins a field of an object.
func (e *Encoder) Field(name string) *Encoder {
	e.comma()
	e.buf = appendString(e.buf, name)
	e.buf = append(e.buf, ':')
	return e
}

// Tag makes the next BeginObject start with a field: the tag of a union.
func (e *Encoder) Tag(key, tag string) { e.tagKey, e.tagValue = key, tag }

// Null writes null.
func (e *Encoder) Null() { e.buf = append(e.buf, "null"...) }

// Bool writes a boolean.
func (e *Encoder) Bool(v bool) { e.buf = strconv.AppendBool(e.buf, v) }

// String writes a string; invalid UTF-8 in it becomes U+FFFD.
func (e *Encoder) String(v string) { e.buf = appendString(e.buf, v) }

// Int writes an integer inside ±(2⁵³−1).
func (e *Encoder) Int(v int) { e.Int64(int64(v)) }

// Int8 writes an integer.
func (e *Encoder) Int8(v int8) { e.buf = strconv.AppendInt(e.buf, int64(v), 10) }

// Int16 writes an integer.
func (e *Encoder) Int16(v int16) { e.buf = strconv.AppendInt(e.buf, int64(v), 10) }

// Int32 writes an integer.
func (e *Encoder) Int32(v int32) { e.buf = strconv.AppendInt(e.buf, int64(v), 10) }

// Int64 writes an integer inside ±(2⁵³−1).
func (e *Encoder) Int64(v int64) {
	if v > maxSafeInteger || v < -maxSafeInteger {
		e.Fail(strconv.FormatInt(v, 10) + inexact)
		return
	}
	e.buf = strconv.AppendInt(e.buf, v, 10)
}

// Uint writes an integer up to 2⁵³−1.
func (e *Encoder) Uint(v uint) { e.Uint64(uint64(v)) }

// Uint8 writes an integer.
func (e *Encoder) Uint8(v uint8) { e.buf = strconv.AppendUint(e.buf, uint64(v), 10) }

// Uint16 writes an integer.
func (e *Encoder) Uint16(v uint16) { e.buf = strconv.AppendUint(e.buf, uint64(v), 10) }

// Uint32 writes an integer.
func (e *Encoder) Uint32(v uint32) { e.buf = strconv.AppendUint(e.buf, uint64(v), 10) }

// Uint64 writes an integer up to 2⁵³−1.
func (e *Encoder) Uint64(v uint64) {
	if v > maxSafeInteger {
		e.Fail(strconv.FormatUint(v, 10) + inexact)
		return
	}
	e.buf = strconv.AppendUint(e.buf, v, 10)
}

// Float32 writes a number, as short as a float32 can be told apart.
func (e *Encoder) Float32(v float32) { e.float(float64(v), 32) }

// Float64 writes a number as ECMAScript's JSON.stringify does.
func (e *Encoder) Float64(v float64) { e.float(v, 64) }

func (e *Encoder) float(v float64, bits int) {
	if v-v != 0 { // NaN or infinite
		e.Fail(strconv.FormatFloat(v, 'g', -1, 64) + " has no JSON form")
		return
	}
	e.buf = appendFloat(e.buf, v, bits)
}

// IntString writes an integer as a decimal string.
func (e *Encoder) IntString(v int64) {
	e.buf = append(e.buf, '"')
	e.buf = strconv.AppendInt(e.buf, v, 10)
	e.buf = append(e.buf, '"')
}

// UintString writes an integer as a decimal string.
func (e *Encoder) UintString(v uint64) {
	e.buf = append(e.buf, '"')
	e.buf = strconv.AppendUint(e.buf, v, 10)
	e.buf = append(e.buf, '"')
}

// Bytes writes v as a binary attachment and its placeholder. v must not change
// until the packet is sent.
func (e *Encoder) Bytes(v []byte) {
	if v == nil {
		v = []byte{}
	}
	e.buf = appendPlaceholder(e.buf, len(e.attachments))
	e.attachments = append(e.attachments, v)
}

// Time writes an RFC 3339 string with as many fractional digits as needed, up to
// nanoseconds. Years outside 0 to 9999 are an error.
func (e *Encoder) Time(v time.Time) {
	start := len(e.buf)
	e.buf = append(e.buf, '"')
	text, err := v.AppendText(e.buf)
	if err != nil {
		e.buf = e.buf[:start]
		e.fail("the time has no RFC 3339 form: "+err.Error(), err)
		return
	}
	e.buf = append(text, '"')
}

// Any writes v; its attachments become attachments of this packet.
func (e *Encoder) Any(v Any) {
	if e.err != nil {
		return
	}
	if len(v.raw) == 0 {
		e.Null()
		return
	}
	if bytes.IndexByte(v.raw, '\\') >= 0 {
		e.unchecked = true
	}
	if len(v.attachments) == 0 || len(e.attachments) == 0 {
		e.buf = append(e.buf, v.raw...)
	} else {
		e.buf = appendRenumbered(e.buf, v.raw, len(e.attachments))
	}
	e.attachments = append(e.attachments, v.attachments...)
}

// Text writes what v.MarshalText returns, as a string.
func (e *Encoder) Text(v encoding.TextMarshaler) {
	if e.err != nil {
		return
	}
	text, err := v.MarshalText()
	if err != nil {
		e.fail(err.Error(), err)
		return
	}
	e.buf = appendString(e.buf, string(text))
}

// JSON writes v as encoding/json does: for types of the application that have
// their own JSON form. Binary data in it becomes a base64 string.
func (e *Encoder) JSON(v any) {
	if e.err != nil {
		return
	}
	text, err := json.Marshal(v)
	if err != nil {
		e.fail(fmt.Sprintf("%T has no JSON form: %v", v, err), err)
		return
	}
	if bytes.IndexByte(text, '\\') >= 0 {
		e.unchecked = true
	}
	e.buf = append(e.buf, validJSONText(text)...)
}
