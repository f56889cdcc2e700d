// Package socketio is the native Socket.IO engine: protocol version 5, as the
// JavaScript releases 3 and 4 speak it, over runtime/engineio. Server implements
// driver.Server and Client implements driver.Client; applications reach both
// through package runtime and generated code.
//
// # Locks
//
// Four kinds of lock exist. Where two are held at once, they are taken in the
// order of this list, and none is held while an application's callback or the
// layer below is called:
//
//   - Server.mu: the namespaces and the set of connections.
//   - serverConn.mu: which sockets a connection has and is about to have.
//   - Socket.mu (server) and clientSocket.mu: one socket's state and pending
//     acknowledgements. Client.mu, on the client, comes before it.
//   - memoryAdapter.mu: rooms and their members.
//
// Callbacks of one socket are kept apart and in order by its turn, which is no
// lock: what comes up while a callback runs, such as the end of the socket, is
// left for the goroutine that is running it.
package socketio
