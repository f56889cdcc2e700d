// Package siotest joins Socket.IO clients and a server in memory, for tests of the
// code between them: generated servers, clients and handlers are what they are in
// production, and so is everything below them but the network.
//
// No port is opened, and time is all that is waited for, so that a test may run in a
// bubble of [testing/synctest]: there pings, timeouts and the waits between attempts
// to reconnect take no time, and [testing/synctest.Wait] tells when everything that
// was sent has been handled. [Server.Cut], [Server.Stall] and [Server.Down] are the
// ways in which a network fails.
package siotest
