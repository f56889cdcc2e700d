// Package engines tests that generated code means the same over every engine: one
// suite, with the native engine and github.com/zishang520/socket.io at either end,
// and with the npm packages at the other.
package engines
