package runtime

import (
	"bytes"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

// GuardData runs f while nobody else reads or guards the application's data of the
// socket. f must not call the socket's Data methods, nor wait for anything. For
// generated code.
func (s *Socket) GuardData(f func()) {
	s.data.Lock()
	defer s.data.Unlock()
	f()
}

// Data implements driver.SocketHandler.
func (h socketHandler) Data() (driver.Payload, error) {
	if h.encodeData == nil {
		return driver.Payload{}, nil
	}
	enc := codec.NewValue()
	// Types of the application may encode themselves.
	if err := protect(func() error { h.GuardData(func() { h.encodeData(enc) }); return nil }); err != nil {
		return driver.Payload{}, err // enc may be in any state
	}
	defer enc.Free()
	json, attachments, err := enc.FinishValue()
	if err != nil {
		return driver.Payload{}, err
	}
	return driver.Payload{JSON: bytes.Clone(json), Attachments: attachments}, nil
}

// RemoteData is the application's data of a fetched socket: from local for a
// socket of this server, else decoded. For generated code.
func RemoteData[S, D any](r RemoteSocket, local func(*S) D, dec func(*codec.Decoder) D) (v D, err error) {
	if h, ok := r.remote.Local.(socketHandler); ok {
		if typed, ok := h.typed.(*S); ok {
			h.GuardData(func() { v = local(typed) })
			return v, nil
		}
	}
	d := codec.NewDecoder(r.remote.Data.JSON, r.remote.Data.Attachments)
	defer d.Free()
	v = dec(d)
	return v, d.Err()
}
