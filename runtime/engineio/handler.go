package engineio

import (
	"errors"
	"net/http"
	"net/url"
	"time"
)

// Errors that sending returns.
var (
	// ErrClosed: the connection is closing or closed, or the server or client is.
	ErrClosed = errors.New("engineio: connection is closed")
	// ErrQueueFull: the peer reads too slowly. A volatile message was dropped; for
	// any other the connection is closed, with reason [ReasonTransportError].
	ErrQueueFull = errors.New("engineio: outgoing queue is full")
)

// Reasons for the end of a connection that this package gives itself, named as
// the reference implementation names them. Conn.Close and Conn.Abort add others.
const (
	ReasonTransportClose = "transport close"
	ReasonTransportError = "transport error"
	ReasonPingTimeout    = "ping timeout"
	ReasonParseError     = "parse error"
	ReasonForcedClose    = "forced close"
	ReasonServerShutdown = "server shutting down"
)

// Names of transports, as in the query of a request.
const (
	Polling   = "polling"
	WebSocket = "websocket"
)

// Handler receives what happens on one connection.
type Handler interface {
	// Message delivers a message. Calls come in order, one at a time. The data of
	// a text message is valid until Message returns; that of a binary message
	// belongs to the callee. Message may block, which pushes back on the peer: no
	// more is read meanwhile, and the heartbeat does not count pongs that are
	// unread because of it as missing.
	Message(data []byte, binary bool)
	// Closed is called once, after the last Message. err is what went wrong, if
	// anything did. The connection's resources are released after it returned.
	Closed(reason string, err error)
}

// Ender may be implemented by a Handler whose Message blocks.
type Ender interface {
	// Ending is called when the connection ends while Message runs, which can then
	// return: Closed comes after it. Ending is called from any goroutine, also
	// Message's own, perhaps more than once, and must not block.
	Ending()
}

// Leaver may be implemented by a Handler that does not want to wait for the end of
// an orderly close, which is the peer's answer or CloseTimeout.
type Leaver interface {
	// Leaving is called once when Conn.Close begins an orderly close: from then on
	// nothing is sent, and no further Message begins. Closed follows. Leaving is
	// called by Close, which is by any goroutine.
	Leaving(reason string)
}

// Flags qualify how a message is sent.
type Flags struct {
	// Volatile: drop the message with ErrQueueFull rather than queue it when the
	// peer can't take it now.
	Volatile bool
	// NoCompress: don't compress, even where compression was negotiated.
	NoCompress bool
}

// RequestInfo is what is kept of the request that opened a connection.
type RequestInfo struct {
	Header     http.Header // its header
	URL        *url.URL    // its URL
	Host       string      // as the client named the server
	RemoteAddr string      // the peer's network address, host and port
	// Secure: the request came over TLS to this process.
	Secure bool
	Time   time.Time // when it came
}

// Query returns the query of the request; each call parses it.
func (r *RequestInfo) Query() url.Values { return r.URL.Query() }

func newRequestInfo(r *http.Request) *RequestInfo {
	return &RequestInfo{
		Header:     r.Header,
		URL:        r.URL,
		Host:       r.Host,
		RemoteAddr: r.RemoteAddr,
		Secure:     r.TLS != nil,
		Time:       time.Now(),
	}
}
