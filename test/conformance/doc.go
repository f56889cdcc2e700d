// Package conformance holds the server to the protocols, Engine.IO version 4 and
// Socket.IO version 5, statement by statement: each test is one, said in its
// name, and speaks raw requests and raw WebSocket frames. What the protocols
// leave open is as the reference implementation has it.
//
// With SIOGEN_REFERENCE=1 in the environment the same tests run against npm's
// socket.io and engine.io, as a check of our reading. Where the reference differs,
// the test says how and is skipped there.
package conformance
