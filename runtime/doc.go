// Package runtime is what generated code stands on: typed Socket.IO servers,
// clients, acknowledgements and broadcasts, over an engine that speaks the
// protocol (Engine.IO v4, Socket.IO v5).
//
// An application uses [NewServer], [ServerOptions], [ClientOptions], the error
// types and the types that generated ones embed ([Socket], [Broadcast],
// [Namespace], [Client]). What is marked "for generated code" may be used by
// hand too, and then gives untyped access to the same machinery.
//
// Everything may be called from several goroutines at once. The handlers of one
// socket run one at a time and in the order in which its events came; the
// handlers of different sockets run in parallel. A handler may block: meanwhile
// the connection is kept alive and its acknowledgements are received.
//
// Bytes are not copied on their way out: a []byte that was given to an emit must
// not be changed afterwards, also not when it is part of a struct. Received
// values, bytes included, belong to the handler that got them.
package runtime
