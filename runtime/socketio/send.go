package socketio

import (
	"encoding/json"
	"errors"
	"sync"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

// conn is what this package needs of an *engineio.Conn.
type conn interface {
	Send(text []byte, binary [][]byte, f engineio.Flags) error
	SendBinary(data []byte, f engineio.Flags) error
	SendFramed(m *engineio.Framed, f engineio.Flags, g *engineio.Gather) error
	Prefetch()
	Close(reason string)
	Abort(reason string)
	Cork()
	Uncork()
	Defer(f func()) bool
	HandOver()
	Request() *engineio.RequestInfo
}

// buffers hold packets while they are put together.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooledBuffer keeps one large packet from holding memory for ever.
const maxPooledBuffer = 64 << 10

func putBuffer(b *[]byte) {
	if cap(*b) <= maxPooledBuffer {
		buffers.Put(b)
	}
}

func engineFlags(f driver.Flags) engineio.Flags {
	return engineio.Flags{Volatile: f.Volatile, NoCompress: f.NoCompress}
}

// sendError makes an error of the seam of one of the layer below.
func sendError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, engineio.ErrClosed):
		return driver.ErrClosed
	case errors.Is(err, engineio.ErrQueueFull):
		return driver.ErrQueueFull
	}
	return err
}

// refusal is the payload of a CONNECT_ERROR packet.
type refusal struct {
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// encodeRefusal makes the payload of a CONNECT_ERROR packet of the error that
// refuses a connection.
func encodeRefusal(err error) []byte {
	r := refusal{Message: err.Error()}
	var refused *driver.RefusedError
	if errors.As(err, &refused) {
		r = refusal{Message: refused.Message, Data: refused.Data}
	}
	b, err := json.Marshal(r)
	if err != nil { // Data is no JSON
		b, _ = json.Marshal(refusal{Message: r.Message})
	}
	return b
}
