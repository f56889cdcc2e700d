// Package own has a type that the schema maps to.
package own

// Level is how much is logged.
type Level string

// The levels.
const (
	Debug Level = "debug"
	Info  Level = "info"
)
