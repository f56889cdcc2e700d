//go:build !unix

package engineio

import (
	"errors"
	"net"
)

// rawConn does not exist here: every write waits in a goroutine of its own, and
// an idle connection keeps its read buffer.
type rawConn struct{}

func newRawConn(*wsConn, net.Conn) *rawConn { return nil }

func (w *wsConn) tryWrite([]byte) (int, error) { return 0, errors.ErrUnsupported }

func (w *wsConn) readRaw([]byte) (int, error) { return 0, errors.ErrUnsupported }
