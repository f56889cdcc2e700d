package codec

import "fmt"

// Limits bounds what an engine accepts. The zero value means the defaults.
type Limits struct {
	// MaxDepth is how many objects and arrays may be open at once, the array of
	// the arguments included. 0 means DefaultMaxDepth.
	MaxDepth int
}

func (l Limits) maxDepth() int {
	if l.MaxDepth > 0 {
		return l.MaxDepth
	}
	return DefaultMaxDepth
}

// InvalidError says why the JSON of a packet is refused.
type InvalidError struct {
	// Offset is the place in bytes; 0 when the fault is the packet as a whole.
	Offset int
	// Message says what is wrong.
	Message string
}

// Error implements error.
func (e *InvalidError) Error() string {
	if e.Offset == 0 {
		return e.Message
	}
	return fmt.Sprintf("%s at byte %d", e.Message, e.Offset)
}

// ValidateEvent checks the JSON of an EVENT or BINARY_EVENT packet: one array,
// nested within limits, with a string first. It returns that string, the event's
// name, which is part of json unless it holds escapes. With attachments each must
// have exactly one placeholder; without, objects that look like placeholders are
// data, as in the reference implementation. The error is an *InvalidError.
func ValidateEvent(json []byte, attachments int, l Limits) (name []byte, err error) {
	start := skipSpace(json, 0)
	if err := validateArray(json, start, attachments, l); err != nil {
		return nil, err
	}
	i := skipSpace(json, start+1)
	if json[i] != '"' {
		return nil, &InvalidError{i, "the event's name is not a string"}
	}
	end, plain := scanString(json, i+1)
	inner := json[i+1 : end-1]
	if plain || isCleanText(inner) {
		return inner, nil
	}
	name, _ = unescape(nil, inner)
	return name, nil
}

// ValidateAck checks the JSON of an ACK or BINARY_ACK packet: like ValidateEvent,
// without a name.
func ValidateAck(json []byte, attachments int, l Limits) error {
	return validateArray(json, skipSpace(json, 0), attachments, l)
}

func validateArray(json []byte, start, attachments int, l Limits) error {
	if start < len(json) && json[start] != '[' {
		return &InvalidError{start, "the arguments are not an array"}
	}
	if err := ValidateValue(json, l); err != nil {
		return err
	}
	if attachments > 0 && !placeholdersMatch(json, attachments) {
		return &InvalidError{0, "placeholders and attachments do not match"}
	}
	return nil
}

// ValidateObject checks that json is one JSON object nested within limits: the
// payload of a CONNECT packet. The error is an *InvalidError.
func ValidateObject(json []byte, l Limits) error {
	if i := skipSpace(json, 0); i < len(json) && json[i] != '{' {
		return &InvalidError{i, "the value is not an object"}
	}
	return ValidateValue(json, l)
}

// ValidateValue checks that json is one JSON value nested within limits. The
// error is an *InvalidError.
func ValidateValue(json []byte, l Limits) error { return validate(json, l.maxDepth()) }

func validate(json []byte, maxDepth int) error {
	end, tooDeep := scanValue(json, 0, maxDepth)
	if end >= 0 {
		if end = skipSpace(json, end); end == len(json) {
			return nil
		}
		end = ^end
	}
	if tooDeep {
		return &InvalidError{^end, tooDeepMessage(maxDepth)}
	}
	return &InvalidError{^end, syntaxMessage(json, ^end)}
}

func tooDeepMessage(maxDepth int) string {
	return fmt.Sprintf("nested deeper than %d levels", maxDepth)
}
