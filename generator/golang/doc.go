// Package golang turns a schema into a Go package: its types, their codecs, and
// the server and client wrappers of every namespace.
//
// The output is ordinary Go for readers and debuggers. Whatever can be written
// once stands in package runtime; generated code binds names and types to it.
package golang
