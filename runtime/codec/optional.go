package codec

import "encoding/json"

// Optional is a value that may be absent, null or there: for fields and
// arguments that are both optional and nullable. The zero value is absent.
type Optional[T any] struct {
	value T
	state optionalState
}

type optionalState uint8

const (
	absent optionalState = iota
	null
	present
)

// Some returns an Optional that holds v.
func Some[T any](v T) Optional[T] { return Optional[T]{v, present} }

// Null returns an Optional that is null.
func Null[T any]() Optional[T] { return Optional[T]{state: null} }

// Get returns the value and whether there is one: neither absent nor null.
func (o Optional[T]) Get() (T, bool) { return o.value, o.state == present }

// IsAbsent reports whether the value was left out.
func (o Optional[T]) IsAbsent() bool { return o.state == absent }

// IsNull reports whether the value is null.
func (o Optional[T]) IsNull() bool { return o.state == null }

// IsZero reports whether the value was left out: with the option omitzero,
// encoding/json then leaves the field out.
func (o Optional[T]) IsZero() bool { return o.state == absent }

// MarshalJSON implements json.Marshaler. Absent becomes null where it cannot be
// left out.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.state != present {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *Optional[T]) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*o = Null[T]()
		return nil
	}
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	*o = Some(v)
	return nil
}
