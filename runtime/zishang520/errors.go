package zishang520

import (
	"errors"
	"fmt"
)

// AckError is returned for a second answer to an event, or for an answer that
// comes so late that it was given up (MaxOwedAcks). ID is the acknowledgement's.
type AckError struct{ ID int64 }

// Error implements error.
func (e *AckError) Error() string {
	return fmt.Sprintf("acknowledgement %d is not owed, or was given before", e.ID)
}

// UnsupportedError says that the library can't do something. It wraps
// errors.ErrUnsupported.
type UnsupportedError struct {
	// Feature is what was asked for.
	Feature string
	// Reason is why it can't be done.
	Reason string
}

// Error implements error.
func (e *UnsupportedError) Error() string {
	return "zishang520: " + e.Feature + ": " + e.Reason
}

// Unwrap returns errors.ErrUnsupported.
func (e *UnsupportedError) Unwrap() error { return errors.ErrUnsupported }

// NamespaceError says what is wrong with a namespace: its Name, and a Message for
// people.
type NamespaceError struct{ Name, Message string }

// Error implements error.
func (e *NamespaceError) Error() string {
	return fmt.Sprintf("namespace %q: %s", e.Name, e.Message)
}
