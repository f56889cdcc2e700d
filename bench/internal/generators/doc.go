// Package generators measures what it takes to generate Go from a contract: siogen
// beside oapi-codegen, which does for HTTP and OpenAPI what siogen does for
// Socket.IO.
//
// Both get the same contract in their own language: n calls, each with a type of
// its own, of five fields, for its argument and its answer. Both write types, a
// server and a client, in Go.
package generators
