package codec

import (
	"slices"
	"unsafe"
)

// Ptr returns a pointer to a copy of v.
func Ptr[T any](v T) *T { return &v }

// The helpers that call enc stop at an error, so that a cycle of the
// application's pointers ends at the depth limit.

// EncodeList writes an array, for nil an empty one.
func EncodeList[T any, S ~[]T](e *Encoder, v S, enc func(*Encoder, T)) {
	e.BeginArray()
	for i := 0; i < len(v) && e.err == nil; i++ {
		enc(e.Elem(), v[i])
	}
	e.EndArray()
}

// DecodeList reads an array. It never returns nil on success.
func DecodeList[T any](d *Decoder, dec func(*Decoder) T) []T {
	list := []T{}
	for d.BeginArray(); d.NextElem(); {
		if cap(list) == 0 {
			list = make([]T, 0, firstElems(unsafe.Sizeof(*new(T))))
		}
		list = append(list, dec(d))
	}
	return list
}

// firstElems is how many elements of a list there is room for at first: most are
// short, and growing one element by element costs more than room for a few.
func firstElems(size uintptr) int {
	if size > 32 {
		return 1
	}
	return 4
}

// EncodeMap writes an object with its keys sorted, for nil an empty one.
func EncodeMap[T any, M ~map[string]T](e *Encoder, v M, enc func(*Encoder, T)) {
	keys := make([]string, 0, len(v))
	for key := range v {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	e.BeginObject()
	for i := 0; i < len(keys) && e.err == nil; i++ {
		enc(e.Field(keys[i]), v[keys[i]])
	}
	e.EndObject()
}

// DecodeMap reads an object. It never returns nil on success.
func DecodeMap[T any](d *Decoder, dec func(*Decoder) T) map[string]T {
	m := map[string]T{}
	for d.BeginObject(); d.NextField(); {
		key := string(d.Key())
		m[key] = dec(d)
	}
	return m
}

// EncodeNullable writes null for nil.
func EncodeNullable[T any](e *Encoder, v *T, enc func(*Encoder, T)) {
	switch {
	case v == nil:
		e.Null()
	case e.err == nil:
		enc(e, *v)
	}
}

// Nullable reads a value, or nil for null.
func Nullable[T any](d *Decoder, dec func(*Decoder) T) *T {
	if d.IsNull() {
		d.Null()
		return nil
	}
	v := dec(d)
	return &v
}

// EncodeOptional writes null for null, and for an absent value, too: whoever can
// leave it out does so.
func EncodeOptional[T any](e *Encoder, v Optional[T], enc func(*Encoder, T)) {
	switch {
	case v.state != present:
		e.Null()
	case e.err == nil:
		enc(e, v.value)
	}
}

// DecodeOptional reads a value or null.
func DecodeOptional[T any](d *Decoder, dec func(*Decoder) T) Optional[T] {
	if d.IsNull() {
		d.Null()
		return Null[T]()
	}
	return Some(dec(d))
}

// EncodeEnum writes a value of an enum, which must be one of values.
func EncodeEnum[T ~string](e *Encoder, v T, typeName string, values ...T) {
	for _, known := range values {
		if v == known {
			e.String(string(v))
			return
		}
	}
	if e.err == nil {
		e.Fail(quote(string(v)) + " is not " + withArticle(typeName))
	}
}

// DecodeEnum reads a value of an enum, which must be one of values.
func DecodeEnum[T ~string](d *Decoder, typeName string, values ...T) T {
	text := d.stringBytes(typeName)
	for _, known := range values {
		if string(text) == string(known) {
			return known
		}
	}
	if d.err == nil {
		d.fail(quote(string(text))+" is not "+withArticle(typeName), "")
	}
	return ""
}

// EncodeVariant writes a variant of a union: its object, beginning with the tag.
func EncodeVariant[T any](e *Encoder, key, tag string, v *T, enc func(*Encoder, T)) {
	if v == nil {
		e.Fail("the " + quote(tag) + " variant is nil")
		return
	}
	if e.err == nil {
		e.Tag(key, tag)
		enc(e, *v)
	}
}

// NullAsZero reads a value, or its type's zero value for null: for slices, maps
// and interfaces, whose nil says null without a pointer.
func NullAsZero[T any](d *Decoder, dec func(*Decoder) T) T {
	if d.IsNull() {
		d.Null()
		var zero T
		return zero
	}
	return dec(d)
}
