package socketio

import (
	"crypto/rand"
	"encoding/base64"
)

// newID returns an unguessable Socket.IO session id of 144 random bits. It has
// nothing in common with the Engine.IO session id, which is a secret.
func newID() string {
	var b [18]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
