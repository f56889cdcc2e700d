package codec

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// Any is any JSON value, binary attachments included, as it was received or is
// to be sent. The zero value is null. An Any does not change and may be used
// from several goroutines.
type Any struct {
	// raw is valid JSON in valid UTF-8. With attachments its placeholders are
	// canonical and numbered in the order they stand, one for each attachment.
	raw         []byte
	attachments [][]byte
}

// AnyOf returns v as an Any. nil, booleans, numbers, strings, []byte (a binary
// attachment), []any, map[string]any, Any and json.RawMessage are taken as they
// are, also within one another. Everything else goes through encoding/json,
// where []byte in structs becomes a base64 string.
func AnyOf(v any) (Any, error) {
	if a, ok := v.(Any); ok {
		return a, nil
	}
	e := NewValue()
	defer e.Free()
	encodeDynamic(e, v)
	raw, attachments, err := e.FinishValue()
	if err != nil {
		return Any{}, err
	}
	return Any{raw: bytes.Clone(raw), attachments: attachments}, nil
}

func encodeDynamic(e *Encoder, v any) {
	if e.err != nil {
		return
	}
	switch v := v.(type) {
	case nil:
		e.Null()
	case bool:
		e.Bool(v)
	case string:
		e.String(v)
	case []byte:
		e.Bytes(v)
	case []any:
		EncodeList(e, v, encodeDynamic)
	case map[string]any:
		EncodeMap(e, v, encodeDynamic)
	case Any:
		e.Any(v)
	case json.RawMessage:
		e.raw(v)
	default:
		encodeNumber(e, v)
	}
}

func encodeNumber(e *Encoder, v any) {
	switch v := v.(type) {
	case int:
		e.Int(v)
	case int8:
		e.Int8(v)
	case int16:
		e.Int16(v)
	case int32:
		e.Int32(v)
	case int64:
		e.Int64(v)
	case uint:
		e.Uint(v)
	case uint8:
		e.Uint8(v)
	case uint16:
		e.Uint16(v)
	case uint32:
		e.Uint32(v)
	case uint64:
		e.Uint64(v)
	case float32:
		e.Float32(v)
	case float64:
		e.Float64(v)
	default:
		e.JSON(v)
	}
}

// raw writes JSON of the application's.
func (e *Encoder) raw(text json.RawMessage) {
	if len(text) == 0 {
		e.Null()
		return
	}
	if err := validate(text, DefaultMaxDepth-e.depth); err != nil {
		e.fail(err.Error(), err)
		return
	}
	if bytes.IndexByte(text, '\\') >= 0 {
		e.unchecked = true
	}
	e.buf = append(e.buf, validJSONText(text)...)
}

// Any reads any value and keeps the attachments that it refers to.
func (d *Decoder) Any() Any {
	start, end := d.skip()
	if d.err != nil {
		return Any{}
	}
	text := d.data[start:end]
	if len(d.attachments) == 0 || bytes.IndexByte(text, '{') < 0 {
		return Any{raw: appendValid(make([]byte, 0, len(text)), text)}
	}
	return d.anyWithAttachments(text)
}

func (d *Decoder) anyWithAttachments(text []byte) Any {
	var buf [8]placeholder
	found, _ := findPlaceholders(buf[:0], text, 0)
	var a Any
	raw := make([]byte, 0, len(text))
	from := 0
	for _, p := range found {
		if p.num < 0 || p.num >= len(d.attachments) {
			d.fail("the attachment does not exist", "")
			return Any{}
		}
		raw = appendValid(raw, text[from:p.start])
		raw = appendPlaceholder(raw, len(a.attachments))
		a.attachments = append(a.attachments, d.attachments[p.num])
		from = p.end
	}
	a.raw = appendValid(raw, text[from:])
	return a
}

// appendRenumbered appends the JSON of an Any, its placeholders counted from
// base.
func appendRenumbered(dst, raw []byte, base int) []byte {
	var buf [8]placeholder
	found, _ := findPlaceholders(buf[:0], raw, 0)
	from := 0
	for i, p := range found {
		dst = append(dst, raw[from:p.start]...)
		dst = appendPlaceholder(dst, base+i)
		from = p.end
	}
	return append(dst, raw[from:]...)
}

// Raw returns the JSON; binary values in it are placeholders that refer to
// Attachments. The caller must not change it.
func (a Any) Raw() []byte {
	if len(a.raw) == 0 {
		return []byte("null")
	}
	return a.raw
}

// Attachments returns the binary values, in the order of their placeholders. The
// caller must not change them.
func (a Any) Attachments() [][]byte { return a.attachments }

// Decode reads the value into the pointer v as encoding/json does; binary values
// become base64 strings, which fill a []byte.
func (a Any) Decode(v any) error {
	text, _ := a.MarshalJSON() // it cannot fail
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("decoding any value: %w", err)
	}
	return nil
}

// MarshalJSON implements json.Marshaler. Binary values become base64 strings.
func (a Any) MarshalJSON() ([]byte, error) {
	if len(a.attachments) == 0 {
		return a.Raw(), nil
	}
	found, _ := findPlaceholders(nil, a.raw, 0)
	var out []byte
	from := 0
	for i, p := range found {
		out = append(out, a.raw[from:p.start]...)
		out = append(out, '"')
		out = base64.StdEncoding.AppendEncode(out, a.attachments[i])
		out = append(out, '"')
		from = p.end
	}
	return append(out, a.raw[from:]...), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *Any) UnmarshalJSON(text []byte) error {
	if err := ValidateValue(text, Limits{}); err != nil {
		return err
	}
	*a = Any{raw: appendValid(nil, text)}
	return nil
}

// Value returns the value as nil, bool, float64, string, []any, map[string]any
// and, for binary values, []byte.
func (a Any) Value() (any, error) {
	d := NewDecoder(a.Raw(), a.attachments)
	defer d.Free()
	v := d.value()
	if err := d.End(); err != nil {
		return nil, err
	}
	return v, nil
}

func (d *Decoder) value() any {
	switch c := d.next(); c {
	case '{':
		if num, end := canonicalPlaceholder(d.data, d.pos); end > 0 && num < len(d.attachments) {
			d.pos = end
			return d.attachments[num]
		}
		return DecodeMap(d, (*Decoder).value)
	case '[':
		return DecodeList(d, (*Decoder).value)
	case '"':
		return d.String()
	case 't', 'f':
		return d.Bool()
	case 'n':
		d.Null()
		return nil
	default:
		return d.Float64()
	}
}
