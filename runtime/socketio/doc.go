// Package socketio is the native Socket.IO engine: protocol version 5, as the
// JavaScript releases 3 and 4 speak it, over runtime/engineio. Server implements
// driver.Server and Client implements driver.Client; applications reach both
// through package runtime and generated code.
//
// # Locks
//
// Where two are held at once, they are taken in the order of this list, and none
// is held while an application's callback or the layer below is called:
//
//   - Client.mu: the client's link (the connection that it has now), and whether
//     somebody is opening one.
//   - socket.mu, clientSocket.mu: one socket's state, its acknowledgements, and on
//     the client what it holds until it is connected.
//   - memoryAdapter.mu: rooms and their members.
//
// These are never held together with another: Server.mu (the namespaces),
// serverConn.mu (which sockets a connection has or is about to have), namespace.mu
// (broadcasts that wait for answers).
//
// Callbacks of one socket are kept apart and in order by its turn, which is no
// lock: what comes up while a callback runs, such as the end of the socket, is
// left for the goroutine that is running it.
package socketio
