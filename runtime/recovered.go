package runtime

import (
	"fmt"

	"github.com/siogen/siogen/runtime/codec"
)

// restoreData gives a socket that was recovered the SocketData of the one before.
func restoreData[S any](s *Socket, typed *S, typ NamespaceType[S]) error {
	r := s.drv.Recovered()
	if r == nil || typ.CopyData == nil {
		return nil
	}
	if h, ok := r.Local.(socketHandler); ok {
		if old, ok := h.typed.(*S); ok {
			h.GuardData(func() { typ.CopyData(typed, old) })
			return nil
		}
	}
	d := codec.NewDecoder(r.Data.JSON, r.Data.Attachments)
	defer d.Free()
	typ.DecodeData(typed, d)
	if err := d.Err(); err != nil {
		return fmt.Errorf("the data of a socket that came back: %w", err)
	}
	return nil
}

// runsMiddleware reports whether the middleware is to run for a socket.
func (s *Socket) runsMiddleware() bool { return !s.Recovered() || s.ns.server.everyMiddleware }
