package codec

import (
	"bytes"
	"encoding"
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// Bool reads a boolean.
func (d *Decoder) Bool() bool {
	switch d.next() {
	case 't':
		d.literal("true")
		return d.err == nil
	case 'f':
		d.literal("false")
	default:
		d.failType("bool")
	}
	return false
}

// String reads a string. Invalid UTF-8 and lone surrogates in it become U+FFFD. The
// strings of a short text share memory: one that is kept may keep maxShared bytes.
func (d *Decoder) String() string {
	inner, plain := d.quoted("string")
	switch {
	case d.err != nil:
		return ""
	case !plain && !isCleanText(inner):
		return string(d.text(inner))
	case len(d.data) > maxShared:
		return string(inner)
	}
	end := d.pos - 1
	if d.shared == "" {
		d.sharedFrom = end - len(inner)
		d.shared = string(d.data[d.sharedFrom:])
	}
	return d.shared[end-len(inner)-d.sharedFrom : end-d.sharedFrom]
}

// stringBytes reads a string; the result is valid until the next call.
func (d *Decoder) stringBytes(want string) []byte {
	inner, plain := d.quoted(want)
	if plain {
		return inner
	}
	return d.text(inner)
}

// quoted reads over a string and returns what is between its quotes, which is plain
// when it is ASCII without escapes. After an error it is empty, and plain.
func (d *Decoder) quoted(want string) (inner []byte, plain bool) {
	if d.next() != '"' {
		d.failType(want)
		return nil, true
	}
	start := d.pos + 1
	end, plain := scanString(d.data, start)
	if end < 0 {
		d.failSyntax(^end)
		return nil, true
	}
	d.pos = end
	return d.data[start : end-1], plain
}

// Int reads an integer inside ±(2⁵³−1).
func (d *Decoder) Int() int {
	return int(d.signed("int", max(math.MinInt, -maxSafeInteger), min(math.MaxInt, maxSafeInteger)))
}

// Int8 reads an integer.
func (d *Decoder) Int8() int8 { return int8(d.signed("int8", math.MinInt8, math.MaxInt8)) }

// Int16 reads an integer.
func (d *Decoder) Int16() int16 { return int16(d.signed("int16", math.MinInt16, math.MaxInt16)) }

// Int32 reads an integer.
func (d *Decoder) Int32() int32 { return int32(d.signed("int32", math.MinInt32, math.MaxInt32)) }

// Int64 reads an integer inside ±(2⁵³−1).
func (d *Decoder) Int64() int64 { return d.signed("int64", -maxSafeInteger, maxSafeInteger) }

// Uint reads an integer up to 2⁵³−1.
func (d *Decoder) Uint() uint {
	return uint(d.unsigned("uint", min(math.MaxUint, maxSafeInteger)))
}

// Uint8 reads an integer.
func (d *Decoder) Uint8() uint8 { return uint8(d.unsigned("uint8", math.MaxUint8)) }

// Uint16 reads an integer.
func (d *Decoder) Uint16() uint16 { return uint16(d.unsigned("uint16", math.MaxUint16)) }

// Uint32 reads an integer.
func (d *Decoder) Uint32() uint32 { return uint32(d.unsigned("uint32", math.MaxUint32)) }

// Uint64 reads an integer up to 2⁵³−1.
func (d *Decoder) Uint64() uint64 { return d.unsigned("uint64", maxSafeInteger) }

func (d *Decoder) signed(name string, low, high int64) int64 {
	m, token, ok := d.integer(name)
	if !ok {
		return 0
	}
	v := int64(m.value)
	if m.negative {
		v = -v
	}
	if m.overflow || m.value > math.MaxInt64 || v < low || v > high {
		d.failRange(token, name, high == maxSafeInteger)
		return 0
	}
	return v
}

func (d *Decoder) unsigned(name string, high uint64) uint64 {
	m, token, ok := d.integer(name)
	if !ok {
		return 0
	}
	if m.overflow || m.value > high || m.negative && m.value != 0 {
		d.failRange(token, name, high == maxSafeInteger && !m.negative)
		return 0
	}
	return m.value
}

func (d *Decoder) failRange(token []byte, name string, inexactBeyond bool) {
	message := excerpt(token) + outOfRange + name
	if inexactBeyond {
		message += ": it" + inexact
	}
	d.fail(message, "")
}

// integer reads a number with an integral value.
func (d *Decoder) integer(name string) (m magnitude, token []byte, ok bool) {
	c := d.next()
	start, i := d.pos, d.pos
	if c == '-' {
		m.negative = true
		i++
	}
	digits := i
	for i < len(d.data) && d.data[i]-'0' <= 9 {
		m.value = m.value*10 + uint64(d.data[i]-'0')
		i++
	}
	// Up to 19 digits cannot overflow a uint64.
	plain := i > digits && i-digits <= 19 && (i == digits+1 || d.data[digits] != '0')
	if plain && (i == len(d.data) || d.data[i] != '.' && d.data[i]|0x20 != 'e') {
		d.pos = i
		return m, d.data[start:i], true
	}
	return d.integerSlow(name)
}

func (d *Decoder) integerSlow(name string) (m magnitude, token []byte, ok bool) {
	if token = d.number(name); token == nil {
		return m, nil, false
	}
	if m = parseInteger(token); m.fraction {
		d.fail(excerpt(token)+" is not "+withArticle(name), "")
		return m, nil, false
	}
	return m, token, true
}

// number reads any number and returns its token, nil after an error.
func (d *Decoder) number(name string) []byte {
	if c := d.next(); c != '-' && c-'0' > 9 {
		d.failType(name)
		return nil
	}
	end := scanNumber(d.data, d.pos)
	if end < 0 {
		d.failSyntax(^end)
		return nil
	}
	token := d.data[d.pos:end]
	d.pos = end
	return token
}

// Float32 reads a number that a float32 can hold, rounding it to one.
func (d *Decoder) Float32() float32 { return float32(d.float("float32", 32)) }

// Float64 reads a number that a float64 can hold, rounding it to one.
func (d *Decoder) Float64() float64 {
	d.next()
	if v, end := shortDecimal(d.data, d.pos); end > 0 {
		d.pos = end
		return v
	}
	return d.float("float64", 64)
}

func (d *Decoder) float(name string, bits int) float64 {
	token := d.number(name)
	if token == nil {
		return 0
	}
	v, err := strconv.ParseFloat(string(token), bits)
	if err != nil { // the grammar was checked: only the range is left
		d.failRange(token, name, false)
		return 0
	}
	return v
}

// IntString reads an integer of so many bits written as a decimal string.
func (d *Decoder) IntString(bits int) int64 {
	m, text, ok := d.decimalString("int", bits)
	if !ok {
		return 0
	}
	limit := uint64(1) << (bits - 1) // of the negative side
	if m.overflow || m.value > limit || m.value == limit && !m.negative {
		d.fail(quote(string(text))+outOfRange+intName("int", bits), "")
		return 0
	}
	if m.negative {
		return -int64(m.value)
	}
	return int64(m.value)
}

// UintString reads an unsigned integer of so many bits written as a decimal
// string.
func (d *Decoder) UintString(bits int) uint64 {
	m, text, ok := d.decimalString("uint", bits)
	if !ok {
		return 0
	}
	if m.overflow || m.negative && m.value != 0 || m.value > math.MaxUint64>>(64-bits) {
		d.fail(quote(string(text))+outOfRange+intName("uint", bits), "")
		return 0
	}
	return m.value
}

func intName(kind string, bits int) string { return kind + strconv.Itoa(bits) }

func (d *Decoder) decimalString(kind string, bits int) (m magnitude, text []byte, ok bool) {
	b := d.stringBytes("string")
	if d.err != nil {
		return m, nil, false
	}
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	end := skipDigits(b, i)
	if end == i || end < len(b) || b[i] == '0' && end > i+1 {
		d.fail(quote(string(b))+" is not "+withArticle(intName(kind, bits)), "")
		return m, nil, false
	}
	return parseInteger(b), b, true
}

// Bytes reads a binary attachment, by its placeholder.
func (d *Decoder) Bytes() []byte {
	if d.next() != '{' {
		d.failType("bytes")
		return nil
	}
	num, end := canonicalPlaceholder(d.data, d.pos)
	if end == 0 {
		if num, end = d.unusualPlaceholder(); end == 0 {
			return nil
		}
	}
	if num < 0 || num >= len(d.attachments) {
		d.Fail("the attachment does not exist")
		return nil
	}
	d.pos = end
	return d.attachments[num]
}

// unusualPlaceholder reads a placeholder with other white space, order of keys
// or escapes than usual.
func (d *Decoder) unusualPlaceholder() (num, end int) {
	start := d.pos
	if d.skip(); d.err != nil {
		return 0, 0
	}
	end, d.pos = d.pos, start
	var buf [1]placeholder
	found, _ := findPlaceholders(buf[:0], d.data[:end], start)
	if len(found) != 1 || found[0].start != start {
		d.failType("bytes")
		return 0, 0
	}
	return found[0].num, end
}

// Time reads an RFC 3339 string.
func (d *Decoder) Time() (t time.Time) {
	text := d.stringBytes("time")
	if d.err != nil {
		return t
	}
	if err := t.UnmarshalText(text); err != nil {
		d.fail(quote(string(text))+" is not a time of RFC 3339", "")
		return time.Time{}
	}
	return t
}

// Text reads a string into v.
func (d *Decoder) Text(v encoding.TextUnmarshaler) {
	text := d.stringBytes("string")
	if d.err != nil {
		return
	}
	// A copy: unlike encoding/json's, this buffer is used again, and v may keep it.
	if err := v.UnmarshalText(bytes.Clone(text)); err != nil {
		d.fail(causeText(err), "")
	}
}

// JSON reads any value as encoding/json does into the pointer v: for types of
// the application that have their own JSON form. Placeholders of attachments
// stay the objects that they are.
func (d *Decoder) JSON(v any) {
	start, end := d.skip()
	if d.err != nil {
		return
	}
	if err := json.Unmarshal(d.data[start:end], v); err != nil {
		d.fail(causeText(err), "")
	}
}

func firstRune(b []byte) rune {
	r, _ := utf8.DecodeRune(b)
	return r
}
