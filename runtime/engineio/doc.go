// Package engineio implements both halves of Engine.IO, protocol version 4: an
// ordered, reliable stream of text and binary messages over HTTP long-polling
// or WebSocket, with a heartbeat and an upgrade from the first to the second.
// Package socketio speaks Socket.IO over it.
//
// A connection ([Conn]) hands what it receives to a [Handler], in order and one
// message at a time, and may be sent to from any goroutine: sending never waits
// for the peer. What the peer has not taken yet is kept in a queue that is
// bounded in bytes.
//
// An idle WebSocket connection costs one goroutine, which reads, and no
// buffers. Bytes are written by whichever goroutine finds the queue idle; only
// when the socket takes no more does a goroutine of the connection write the
// rest, and end. On polling a server keeps nothing but the open request, and a
// client one goroutine, beside what net/http needs for its request.
//
// The protocol is described at
// https://socket.io/docs/v4/engine-io-protocol/.
package engineio
