package zishang520

import (
	"sync/atomic"

	"github.com/zishang520/socket.io/parsers/engine/v3/packet"
	"github.com/zishang520/socket.io/servers/engine/v3"
)

// MaxQueue bounds the bytes that wait for a client that does not read, on a connection
// with a namespace of typed code. When more wait, what is sent next, and may have any
// size, closes the connection.
const MaxQueue = 4 << 20

// outgoing counts what the library keeps for a connection until its transport takes it.
// The library itself keeps everything.
type outgoing struct {
	bytes atomic.Int64
	over  atomic.Bool
}

// watch counts from now on, and calls tooMuch, once, when there is too much.
func (o *outgoing) watch(c engine.Socket, tooMuch func()) {
	_ = c.On("packetCreate", func(args ...any) {
		p, ok := args[0].(*packet.Packet)
		if !ok {
			return
		}
		size := sizeOf(p)
		if o.bytes.Add(size)-size > MaxQueue && o.over.CompareAndSwap(false, true) {
			tooMuch()
		}
	})
	_ = c.On("flush", func(args ...any) {
		taken, _ := args[0].([]*packet.Packet)
		for _, p := range taken {
			o.bytes.Add(-sizeOf(p))
		}
	})
}

// sizeOf is how many bytes of a packet have not been sent.
func sizeOf(p *packet.Packet) int64 {
	if data, ok := p.Data.(interface{ Len() int }); ok {
		return int64(data.Len())
	}
	return 0
}
