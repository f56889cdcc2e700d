// Package load drives one server over raw WebSocket frames, or HTTP
// long-polling, and measures it.
//
// It is written to cost little, because it shares the machine with what it
// measures: one goroutine waits for all connections with epoll, frames are masked
// once and then only their numbers changed, and nothing is allocated while
// messages flow. It needs Linux.
//
// Every reply is checked: its beginning, its length, and the number in it, which
// tells whether messages are lost, doubled or out of order. The first reply on
// each connection is compared as JSON.
package load
