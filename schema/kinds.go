package schema

// kindNames are the type words, by Kind.
var kindNames = [...]string{
	Bool: "bool", String: "string",
	Int: "int", Int8: "int8", Int16: "int16", Int32: "int32", Int64: "int64",
	Uint: "uint", Uint8: "uint8", Uint16: "uint16", Uint32: "uint32", Uint64: "uint64",
	Float32: "float32", Float64: "float64",
	Bytes: "bytes", Time: "time", AnyKind: "any",
}

// String is the type word: "int32".
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return "invalid"
}

// KindNames are the words of the built-in types.
func KindNames() []string { return append([]string(nil), kindNames[Bool:]...) }

// KindOf returns the built-in type of the word.
func KindOf(word string) (Kind, bool) {
	for k, name := range kindNames {
		if name == word && name != "" {
			return Kind(k), true
		}
	}
	return 0, false
}

// IsInteger reports whether k is a signed or unsigned integer.
func (k Kind) IsInteger() bool { return k >= Int && k <= Uint64 }

// IsFloat reports whether k is a floating-point number.
func (k Kind) IsFloat() bool { return k == Float32 || k == Float64 }

// maxSafeInteger is the largest integer that a JSON number holds exactly in
// every language: 2⁵³ − 1.
const maxSafeInteger = 1<<53 - 1

// IntegerRange is the range of an integer kind on the wire: that of the Go
// type, and within ±(2⁵³−1) unless the integer travels as a decimal string.
// ok is false for other kinds.
func (k Kind) IntegerRange(asString bool) (low, high float64, ok bool) {
	switch k {
	case Int8:
		return -1 << 7, 1<<7 - 1, true
	case Int16:
		return -1 << 15, 1<<15 - 1, true
	case Int32:
		return -1 << 31, 1<<31 - 1, true
	case Uint8:
		return 0, 1<<8 - 1, true
	case Uint16:
		return 0, 1<<16 - 1, true
	case Uint32:
		return 0, 1<<32 - 1, true
	case Int, Int64:
		if asString {
			return -1 << 63, 1<<63 - 1<<10, true // the largest float64 below 2⁶³
		}
		return -maxSafeInteger, maxSafeInteger, true
	case Uint, Uint64:
		if asString {
			return 0, 1<<64 - 1<<11, true // the largest float64 below 2⁶⁴
		}
		return 0, maxSafeInteger, true
	default:
		return 0, 0, false
	}
}
