package engineio

import (
	"net/http"
	"strconv"
)

// refusal is how a request is refused: the reference implementation's code.
type refusal int

const (
	unknownTransport refusal = iota
	unknownSession
	badHandshakeMethod
	badRequest
	forbidden
	unsupportedVersion
)

// String returns the message that clients get.
func (r refusal) String() string {
	return [...]string{
		"Transport unknown",
		"Session ID unknown",
		"Bad handshake method",
		"Bad request",
		"Forbidden",
		"Unsupported protocol version",
	}[r]
}

// refuse answers a request with the code. why is for the log only.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, code refusal, why string) {
	s.set.Logger.Debug("engineio: request refused", "code", int(code), "why", why, "remote", r.RemoteAddr)
	status := http.StatusBadRequest
	if code == forbidden {
		status = http.StatusForbidden
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"code":` + strconv.Itoa(int(code)) + `,"message":"` + code.String() + `"}`))
}
