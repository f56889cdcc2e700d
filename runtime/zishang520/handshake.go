package zishang520

import (
	"net/http"
	"net/url"
	"time"

	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/runtime/driver"
)

// handshake is what the library knows of a connection's first request.
func handshake(h *socket.Handshake) *driver.Handshake {
	if h == nil {
		return &driver.Handshake{Header: make(http.Header), Query: make(url.Values)}
	}
	d := &driver.Handshake{
		Header:     h.Headers.Header(),
		Query:      h.Query.Query(),
		URL:        h.Url,
		RemoteAddr: h.Address,
		Secure:     h.Secure,
		Time:       time.UnixMilli(h.Issued),
		Auth:       authOf(h.Auth),
	}
	if d.Header == nil {
		d.Header = make(http.Header)
	}
	if d.Query == nil {
		d.Query = make(url.Values)
	}
	return d
}

// authOf is the auth payload as JSON; nil when there is none.
func authOf(auth map[string]any) []byte {
	if auth == nil {
		return nil
	}
	var attachments [][]byte
	text, err := appendObject(nil, auth, &attachments)
	if err != nil {
		return nil // it came as JSON: this does not happen
	}
	return text
}
