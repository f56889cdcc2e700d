package codec

import (
	"encoding/binary"
	"math"
	"strconv"
)

// AppendMsgpack appends the value of a JSON text as MessagePack. Where the text
// has the placeholder of an attachment, the attachment's bytes stand; without
// attachments, objects that look like placeholders are data. Numbers are written
// as integers where they are integral and a JavaScript decoder reads them exactly
// or a 64-bit integer holds them, else as 64-bit floats, as the reference's
// parser does.
//
// The error is an *InvalidError, for a text that is not one JSON value within
// limits or whose placeholders are not those of the attachments. dst is returned
// as it was then.
func AppendMsgpack(dst, json []byte, attachments [][]byte, l Limits) ([]byte, error) {
	if err := ValidateValue(json, l); err != nil {
		return dst, err
	}
	w := msgpackWriter{json: json, attachments: attachments}
	if len(attachments) > 0 {
		if !placeholdersMatch(json, len(attachments)) {
			return dst, &InvalidError{0, "placeholders and attachments do not match"}
		}
		w.placeholders, _ = findPlaceholders(nil, json, 0)
	}
	dst, _ = w.value(dst, 0)
	return dst, nil
}

// AppendMsgpackString appends a string.
func AppendMsgpackString(dst []byte, s string) []byte {
	return append(appendMsgpackHead(dst, msgpackStrings, len(s)), s...)
}

// AppendMsgpackInt appends an integer in its shortest form.
func AppendMsgpackInt(dst []byte, v int64) []byte {
	switch {
	case v >= 0:
		return appendMsgpackUint(dst, uint64(v))
	case v >= -32:
		return append(dst, byte(v))
	case v >= math.MinInt8:
		return append(dst, msgpackInt8, byte(v))
	case v >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(dst, msgpackInt16), uint16(v))
	case v >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(dst, msgpackInt32), uint32(v))
	default:
		return binary.BigEndian.AppendUint64(append(dst, msgpackInt64), uint64(v))
	}
}

// AppendMsgpackMap appends the head of a map of n keys, each followed by its value.
func AppendMsgpackMap(dst []byte, n int) []byte {
	return appendMsgpackHead(dst, msgpackMaps, n)
}

func appendMsgpackUint(dst []byte, v uint64) []byte {
	switch {
	case v < 128:
		return append(dst, byte(v))
	case v <= math.MaxUint8:
		return append(dst, msgpackUint8, byte(v))
	case v <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, msgpackUint16), uint16(v))
	case v <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, msgpackUint32), uint32(v))
	default:
		return binary.BigEndian.AppendUint64(append(dst, msgpackUint64), v)
	}
}

// appendMsgpackHead appends what comes before n bytes, elements or keys.
func appendMsgpackHead(dst []byte, f msgpackFamily, n int) []byte {
	switch {
	case n < f.fixed:
		return append(dst, f.first|byte(n))
	case n <= math.MaxUint8 && f.len8 != 0:
		return append(dst, f.len8, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, f.len16), uint16(n))
	default:
		return binary.BigEndian.AppendUint32(append(dst, f.len32), uint32(n))
	}
}

// msgpackWriter walks a JSON text that is known to be valid.
type msgpackWriter struct {
	json         []byte
	attachments  [][]byte
	placeholders []placeholder // those still to come, in the order of the text
}

// value appends the value at i and returns the index after it.
func (w *msgpackWriter) value(dst []byte, i int) ([]byte, int) {
	i = skipSpace(w.json, i)
	if len(w.placeholders) > 0 && w.placeholders[0].start == i {
		p := w.placeholders[0]
		w.placeholders = w.placeholders[1:]
		b := w.attachments[p.num]
		return append(appendMsgpackHead(dst, msgpackBytes, len(b)), b...), p.end
	}
	switch w.json[i] {
	case '{':
		return w.container(dst, i, msgpackMaps)
	case '[':
		return w.container(dst, i, msgpackArrays)
	case '"':
		return w.text(dst, i)
	}
	end := scanScalar(w.json, i)
	switch w.json[i] {
	case 't':
		dst = append(dst, msgpackTrue)
	case 'f':
		dst = append(dst, msgpackFalse)
	case 'n':
		dst = append(dst, msgpackNil)
	default:
		dst = appendMsgpackNumber(dst, w.json[i:end])
	}
	return dst, end
}

// container appends an array or an object. How many elements it has is known at
// its end only: room for the shortest head is left before them.
func (w *msgpackWriter) container(dst []byte, i int, f msgpackFamily) ([]byte, int) {
	start := len(dst)
	dst = append(dst, 0)
	n := 0
	for i = skipSpace(w.json, i+1); w.json[i] != ']' && w.json[i] != '}'; n++ {
		if w.json[i] == ',' {
			i++
		}
		if f == msgpackMaps {
			dst, i = w.text(dst, skipSpace(w.json, i))
			i = skipSpace(w.json, i) + 1 // the colon
		}
		dst, i = w.value(dst, i)
		i = skipSpace(w.json, i)
	}
	return setMsgpackHead(dst, start, f, n), i + 1
}

func (w *msgpackWriter) text(dst []byte, i int) ([]byte, int) {
	end, _ := scanString(w.json, i+1)
	inner := w.json[i+1 : end-1]
	if isCleanText(inner) {
		return append(appendMsgpackHead(dst, msgpackStrings, len(inner)), inner...), end
	}
	start := len(dst)
	dst, _ = unescape(append(dst, 0), inner)
	return setMsgpackHead(dst, start, msgpackStrings, len(dst)-start-1), end
}

// setMsgpackHead replaces the byte at start by a head, for which it makes room.
func setMsgpackHead(dst []byte, start int, f msgpackFamily, n int) []byte {
	var buf [5]byte
	head := appendMsgpackHead(buf[:0], f, n)
	if more := len(head) - 1; more > 0 {
		dst = append(dst, head[:more]...)
		copy(dst[start+len(head):], dst[start+1:])
	}
	copy(dst[start:], head)
	return dst
}

func appendMsgpackNumber(dst, token []byte) []byte {
	m := parseInteger(token)
	switch {
	case m.fraction || m.overflow:
	case !m.negative:
		return appendMsgpackUint(dst, m.value)
	case m.value != 0 && m.value <= 1<<63:
		return AppendMsgpackInt(dst, -int64(m.value))
	}
	// What a float64 can't hold becomes infinite, as in JavaScript.
	v, _ := strconv.ParseFloat(string(token), 64)
	return binary.BigEndian.AppendUint64(append(dst, msgpackFloat64), math.Float64bits(v))
}
