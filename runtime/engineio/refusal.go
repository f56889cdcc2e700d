package engineio

import (
	"encoding/json"
	"net/http"
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

// refusalData is what the answer says.
type refusalData struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

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

// refuse refuses a request of a session. why is for the log only.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, code refusal, why string) {
	s.answerRefusal(w, r, code, code.String(), why)
}

// refuseHeader refuses a request whose header is too large.
func (s *Server) refuseHeader(w http.ResponseWriter, r *http.Request) {
	s.measureRefused(http.StatusRequestHeaderFieldsTooLarge)
	s.set.Logger.Debug("engineio: request refused", "why", "header is too large", "remote", r.RemoteAddr)
	s.answerEarly(w, r)
	w.WriteHeader(http.StatusRequestHeaderFieldsTooLarge)
}

// headerSize is how long a request's header is as HTTP/1.1 writes it.
func headerSize(r *http.Request) int {
	n := len(r.Method) + len(r.RequestURI) + len(r.Host) + len("  HTTP/1.1\r\nHost: \r\n\r\n")
	for key, values := range r.Header {
		for _, v := range values {
			n += len(key) + len(v) + len(": \r\n")
		}
	}
	return n
}

func (s *Server) answerRefusal(w http.ResponseWriter, r *http.Request, code refusal, message, why string) {
	body, err := json.Marshal(refusalData{int(code), message})
	if err != nil {
		body = nil // a struct of a number and a string marshals
	}
	s.measureRefused(int(code))
	s.set.Logger.Debug("engineio: request refused", "code", int(code), "why", why, "remote", r.RemoteAddr)
	status := http.StatusBadRequest
	if code == forbidden {
		status = http.StatusForbidden
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	s.answerEarly(w, r)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
