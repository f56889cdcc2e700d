package engineio

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

const (
	// keySize is the size of a client's key before it is encoded (RFC 6455, section 4.1).
	keySize = 16
	// acceptGUID is what a server hashes with the key (RFC 6455, section 1.3).
	acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

	webSocketVersion = "13"
	// deflateAnswer is what a server answers to an offer that it accepts, and
	// deflateOffer what a client offers.
	deflateAnswer = deflateExtension + "; server_no_context_takeover; client_no_context_takeover"
	deflateOffer  = deflateAnswer
)

var (
	errHeaderTooLong = errors.New("engineio: header is too long")
	errNoWebSocket   = errors.New("engineio: the server's answer is no WebSocket")
)

// acceptKey returns the answer to a client's key.
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + acceptGUID))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// validHandshake reports whether the headers of a client's handshake are in order
// (RFC 6455, section 4.2.1). That it is an upgrade was looked at before.
func validHandshake(h http.Header) bool {
	key, err := base64.StdEncoding.DecodeString(h.Get("Sec-WebSocket-Key"))
	return err == nil && len(key) == keySize && h.Get("Sec-WebSocket-Version") == webSocketVersion
}

// handshakeAnswer is a server's answer to a client's handshake (RFC 6455, section
// 4.2.2), with the headers of more.
func handshakeAnswer(key string, deflate bool, more http.Header) []byte {
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
	b.WriteString(acceptKey(key))
	b.WriteString("\r\n")
	if deflate {
		b.WriteString("Sec-WebSocket-Extensions: " + deflateAnswer + "\r\n")
	}
	_ = more.Write(&b) // a Buffer takes everything
	b.WriteString("\r\n")
	return b.Bytes()
}

// requestHandshake asks a server for a WebSocket (RFC 6455, section 4.1), and
// returns its answer and what came behind that. header is sent, too.
func requestHandshake(nc net.Conn, target *url.URL, header http.Header, deflate bool) (*http.Response, []byte, error) {
	var key [keySize]byte
	_, _ = rand.Read(key[:]) // never fails
	encoded := base64.StdEncoding.EncodeToString(key[:])
	r := &http.Request{Method: http.MethodGet, URL: target, Host: header.Get("Host"), Header: header.Clone()}
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Version", webSocketVersion)
	r.Header.Set("Sec-WebSocket-Key", encoded)
	if deflate {
		r.Header.Set("Sec-WebSocket-Extensions", deflateOffer)
	}
	if err := r.Write(nc); err != nil {
		return nil, nil, fmt.Errorf("engineio: asking for a WebSocket: %w", err)
	}
	limited := &headerReader{nc: nc, left: maxResponseHeader}
	br := bufio.NewReader(limited)
	res, err := http.ReadResponse(br, r)
	if limited.left == 0 { // whatever has become of it
		return nil, nil, errHeaderTooLong
	}
	if err != nil {
		return nil, nil, fmt.Errorf("engineio: answer to the WebSocket handshake: %w", err)
	}
	if res.StatusCode != http.StatusSwitchingProtocols ||
		!hasToken(res.Header, "Connection", "upgrade") || !strings.EqualFold(res.Header.Get("Upgrade"), "websocket") ||
		res.Header.Get("Sec-WebSocket-Accept") != acceptKey(encoded) || res.Header.Get("Sec-WebSocket-Protocol") != "" {
		return res, nil, errNoWebSocket
	}
	return res, buffered(br), nil
}

// headerReader reads a header of limited length.
type headerReader struct {
	nc   net.Conn
	left int
}

func (r *headerReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, errHeaderTooLong
	}
	n, err := r.nc.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}

// buffered copies what has come right behind a handshake.
func buffered(r *bufio.Reader) []byte {
	b, err := r.Peek(r.Buffered())
	if err != nil || len(b) == 0 {
		return nil
	}
	return append([]byte(nil), b...)
}
