package codec

import (
	"encoding/json"
	"maps"
	"slices"
)

// The functions in this file are for types that an application has already and
// that generated types would not use.

// EncodeValue writes what AnyOf takes.
func EncodeValue(e *Encoder, v any) { encodeDynamic(e, v) }

// DecodeValue reads a value as Any.Value returns it.
func DecodeValue(d *Decoder) any {
	v, err := d.Any().Value()
	if err != nil {
		d.Fail("%v", err)
	}
	return v
}

// EncodeRaw writes JSON that is there already, for nil null. It fails for what
// is not JSON.
func EncodeRaw(e *Encoder, v json.RawMessage) { e.JSON(v) }

// DecodeRaw reads any JSON. Binary values become base64 strings.
func DecodeRaw(d *Decoder) json.RawMessage {
	text, err := d.Any().MarshalJSON()
	if err != nil {
		d.Fail("%v", err)
	}
	return text
}

// EncodeKeyedMap is EncodeMap for keys of a type of their own.
func EncodeKeyedMap[K ~string, T any, M ~map[K]T](e *Encoder, v M, enc func(*Encoder, T)) {
	keys := slices.Sorted(maps.Keys(v))
	e.BeginObject()
	for i := 0; i < len(keys) && e.err == nil; i++ {
		enc(e.Field(string(keys[i])), v[keys[i]])
	}
	e.EndObject()
}

// DecodeKeyedMap is DecodeMap for keys of a type of their own.
func DecodeKeyedMap[K ~string, T any](d *Decoder, dec func(*Decoder) T) map[K]T {
	m := map[K]T{}
	for d.BeginObject(); d.NextField(); {
		key := K(d.Key())
		m[key] = dec(d)
	}
	return m
}

// DecodeArray reads an array of exactly n elements. What it returns has that
// length also when it fails.
func DecodeArray[T any](d *Decoder, n int, dec func(*Decoder) T) []T {
	list := make([]T, 0, n)
	count := 0
	for d.BeginArray(); d.NextElem(); count++ {
		if count < n {
			list = append(list, dec(d))
		} else {
			d.Skip()
		}
	}
	if count != n && d.err == nil {
		d.fail("must have exactly "+plural(n, "item"), "")
	}
	return list[:n]
}
