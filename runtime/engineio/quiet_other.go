//go:build !unix

package engineio

import "net"

// socketIsQuiet can't tell here.
func socketIsQuiet(net.Conn) (quiet, known bool) { return false, false }
