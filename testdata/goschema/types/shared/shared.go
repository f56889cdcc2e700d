// Package shared has events that several contracts have in common.
package shared

// Presence is what everybody sends.
type Presence interface {
	// Away says that somebody has left the keyboard.
	//
	//siogen:event went away
	//siogen:optional since
	Away(since int)
}
