//go:build !unix

package engineio

import "net"

// newSocket returns none: every write waits in a goroutine of its own, and an idle
// connection keeps its read buffer.
func newSocket(*wsConn, net.Conn) socket { return nil }
