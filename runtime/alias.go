package runtime

import "github.com/siogen/siogen/runtime/codec"

// Any is a JSON value that the schema leaves open, with its attachments.
type Any = codec.Any

// AnyOf encodes v as an Any.
func AnyOf(v any) (Any, error) { return codec.AnyOf(v) }

// Optional is a value that may be absent, null, or there.
type Optional[T any] = codec.Optional[T]

// Some returns an Optional that is there.
func Some[T any](v T) Optional[T] { return codec.Some(v) }

// Null returns an Optional that is null.
func Null[T any]() Optional[T] { return codec.Null[T]() }
