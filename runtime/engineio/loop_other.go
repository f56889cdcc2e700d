//go:build !linux

package engineio

import (
	"context"
	"net"
)

// loops do not exist here: a goroutine reads from each WebSocket.
type loops struct{ watcher *watcher }

func (s *loops) init(w *watcher, _ bool) { s.watcher = w }

func (*loops) adopt(*wsConn, net.Conn) bool { return false }

func (*loops) wait(context.Context) error { return nil }

type loopConn struct{}

func (*loopConn) rest() bool { return true }

func (*loopConn) handOver() {}

func (*loopConn) cut() {}

func (*loopConn) prefetch() {}

func (*loopConn) severalCame() {}

type gatherRoom struct{}

func (g *Gather) writeAll() { g.writeEach() }
