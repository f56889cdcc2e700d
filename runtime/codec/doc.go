// Package codec turns Go values into the JSON of Socket.IO packets and back,
// without reflection. Generated code calls it; applications meet its types
// [Any], [Optional] and [DecodeError] through package runtime.
//
// An [Encoder] appends to a pooled buffer and a [Decoder] reads from the bytes
// of a frame. Both keep their first error and turn every later call into a
// no-op, so that generated code needs no error checks between calls: whoever
// finishes asks once. A path such as node.children[3].type is computed only when
// an error happens, by walking the JSON up to the place.
//
// Binary values travel beside the JSON: in it stands
// {"_placeholder":true,"num":n}, and the n-th attachment holds the bytes
// (Socket.IO protocol 5, "Packet encoding").
package codec

// DefaultMaxDepth is how many objects and arrays may be open at once, the array
// of the arguments included, when no other limit is given.
const DefaultMaxDepth = 128

// maxSafeInteger is the largest integer that JavaScript's numbers and their
// neighbours hold exactly: 2⁵³−1.
const maxSafeInteger = 1<<53 - 1
