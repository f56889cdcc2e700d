package engineio

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Cookie configures a cookie with the session id, by which a load balancer can
// send all requests of a session to one server. It is set with the handshake of
// a session on polling: a WebSocket is one request. Its value is not looked at.
type Cookie struct {
	// Name is "io" by default, and Path "/".
	Name, Path string
	// Domain is that of the server by default.
	Domain string
	// MaxAge is how long browsers keep the cookie; 0: until they are closed.
	MaxAge time.Duration
	// SameSite is http.SameSiteLaxMode by default.
	SameSite http.SameSite
	// Secure is for servers that are reached over TLS only.
	Secure bool
	// Scriptable lets scripts of the page read the cookie. By default it is HttpOnly.
	Scriptable bool
}

// of returns the cookie of a session.
func (o Cookie) of(id string) *http.Cookie {
	cookie := &http.Cookie{
		Name:     o.Name,
		Value:    url.PathEscape(id),
		Path:     o.Path,
		Domain:   o.Domain,
		MaxAge:   int(o.MaxAge / time.Second),
		SameSite: o.SameSite,
		Secure:   o.Secure,
		HttpOnly: !o.Scriptable,
	}
	if cookie.Name == "" {
		cookie.Name = "io"
	}
	if cookie.Path == "" {
		cookie.Path = "/"
	}
	if cookie.SameSite == 0 {
		cookie.SameSite = http.SameSiteLaxMode
	}
	return cookie
}

// ConnectionError is a request that was refused: it opens no session, or belongs
// to none.
type ConnectionError struct {
	Request *http.Request // the refused request; not to be kept
	// Code and Message are the reference implementation's: 0 "Transport unknown",
	// 1 "Session ID unknown", 2 "Bad handshake method", 3 "Bad request",
	// 4 "Forbidden", 5 "Unsupported protocol version".
	Code    int
	Message string
	// Context says more, with the reference implementation's keys: "transport",
	// "previousTransport", "sid", "method", "protocol", "previousProtocol",
	// "message", and for code 3 "name"; and "origin" where that was the reason.
	Context map[string]string
	// Err is the error of AllowRequest or GenerateID; else nil.
	Err error
}

// Error implements error.
func (e *ConnectionError) Error() string { return "engineio: " + e.Message }

// Unwrap returns Err.
func (e *ConnectionError) Unwrap() error { return e.Err }

// Names in the context of a bad request.
const (
	nameMismatch         = "TRANSPORT_MISMATCH"
	nameProtocolMismatch = "PROTOCOL_MISMATCH"
	nameHandshake        = "TRANSPORT_HANDSHAKE_ERROR"
	nameIDGeneration     = "ID_GENERATION_ERROR"
)

// reject refuses a request and tells the application. context holds keys and
// values in turn.
func (s *Server) reject(w http.ResponseWriter, r *http.Request, code refusal, err error, context ...string) {
	message := code.String()
	details := make(map[string]string, len(context)/2)
	for i := 0; i+1 < len(context); i += 2 {
		details[context[i]] = context[i+1]
	}
	if s.set.OnConnectionError != nil {
		s.set.OnConnectionError(&ConnectionError{Request: r, Code: int(code), Message: message, Context: details, Err: err})
	}
	if own := details["message"]; own != "" {
		message = own
	}
	s.answerRefusal(w, r, code, message, strings.Join(context, " "))
}

// addHeaders lets the application's hooks add to the answer of a request. first
// says that it opens a session.
func (s *Server) addHeaders(h http.Header, r *http.Request, first bool) {
	if first && s.set.InitialHeaders != nil {
		s.set.InitialHeaders(h, r)
	}
	if s.set.Headers != nil {
		s.set.Headers(h, r)
	}
}

// webSocketHeader returns what the hooks add to the answer of a WebSocket's
// handshake.
func (s *Server) webSocketHeader(r *http.Request, first bool) http.Header {
	if s.set.InitialHeaders == nil && s.set.Headers == nil {
		return nil
	}
	h := http.Header{}
	s.addHeaders(h, r, first)
	// What makes the answer what it is, is not the application's.
	for key := range h {
		if strings.HasPrefix(key, "Sec-Websocket-") {
			delete(h, key)
		}
	}
	for _, key := range []string{"Connection", "Upgrade", "Content-Length", "Transfer-Encoding"} {
		h.Del(key)
	}
	return h
}
