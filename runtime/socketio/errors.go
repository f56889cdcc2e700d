package socketio

import "fmt"

// AckError is returned for a second answer to an event, or an answer that comes so
// late that it was given up (Limits.MaxOwedAcks). ID is the acknowledgement's.
type AckError struct{ ID int64 }

// Error implements error.
func (e *AckError) Error() string {
	return fmt.Sprintf("acknowledgement %d is not owed, or was given before", e.ID)
}
