package load

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// offer is what a client offers that wants compression.
const offer = "permessage-deflate; client_no_context_takeover; server_no_context_takeover"

// dialWebSocket connects: TCP, WebSocket, and unless plain a namespace.
func (c *client) dialWebSocket(s Server, path string) error {
	conn, err := c.connect(s.Addr)
	if err != nil {
		return err
	}
	if err := conn.upgrade(s, path); err != nil {
		return err
	}
	if !s.Plain {
		if err := conn.join(); err != nil {
			return err
		}
	}
	return unix.SetNonblock(conn.fd, true)
}

// upgrade is the handshake of WebSocket.
func (c *conn) upgrade(s Server, path string) error {
	request := []string{
		"GET " + path + " HTTP/1.1", "Host: " + s.Addr.String(), "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
	}
	if s.Wire == Deflate {
		request = append(request, "Sec-WebSocket-Extensions: "+offer)
	}
	if err := c.writeAll([]byte(strings.Join(request, "\r\n") + "\r\n\r\n")); err != nil {
		return err
	}
	for !bytes.Contains(c.unread, endOfHead) {
		if err := c.fill(); err != nil {
			return err
		}
	}
	head, rest, _ := bytes.Cut(c.unread, endOfHead)
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		return fmt.Errorf("handshake answered with %q", head)
	}
	if answer, _ := header(head, "Sec-WebSocket-Extensions"); s.Wire == Deflate && !strings.HasPrefix(answer, "permessage-deflate") {
		return errors.New("the server doesn't compress")
	}
	c.unread = bytes.Clone(rest)
	return nil
}

// endOfHead ends the head of an HTTP request or answer.
var endOfHead = []byte("\r\n\r\n")

// header finds a field in the head of an answer.
func header(head []byte, name string) (value string, ok bool) {
	for line := range bytes.Lines(head) {
		if key, value, ok := bytes.Cut(line, []byte(":")); ok && strings.EqualFold(string(key), name) {
			return string(bytes.TrimSpace(value)), true
		}
	}
	return "", false
}

// join takes the open packet and joins the namespace "/".
func (c *conn) join() error {
	if err := c.expect(`0{"`); err != nil {
		return err
	}
	connect, _ := maskedFrame(finalText, []byte("40"))
	if err := c.writeAll(connect); err != nil {
		return err
	}
	return c.expect(`40{"sid":`)
}

// expect takes one message, which must begin like this.
func (c *conn) expect(start string) error {
	for {
		_, payload, rest, err := nextFrame(c.unread)
		if err != nil {
			return err
		}
		if rest == nil {
			if err := c.fill(); err != nil {
				return err
			}
			continue
		}
		if !strings.HasPrefix(string(payload), start) {
			return fmt.Errorf("got %q, want %s…", payload, start)
		}
		c.unread = bytes.Clone(rest)
		return nil
	}
}
