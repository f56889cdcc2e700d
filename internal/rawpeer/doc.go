// Package rawpeer is a client for tests that hides nothing of Engine.IO and
// Socket.IO: requests and WebSocket frames are written and read as bytes, each
// on a TCP connection of its own. What a client library would refuse to send can
// be sent, and what it would swallow is seen.
//
// Every wait ends after Patience; what goes wrong fails the test.
package rawpeer

import (
	"net"
	"strings"
	"testing"
	"time"
)

// Patience bounds every wait. It is no measure of speed.
const Patience = 30 * time.Second

// Server is where a server listens, and the path that it serves there.
type Server struct {
	Addr string // host and port
	Path string // with both slashes, such as "/socket.io/"
}

// At returns the server at a URL such as "http://127.0.0.1:3000".
func At(url, path string) Server {
	return Server{Addr: strings.TrimPrefix(url, "http://"), Path: path}
}

// target returns what a request line asks for.
func (s Server) target(query string) string { return s.Path + "?" + query }

// dial opens a TCP connection that is closed when the test ends.
func (s Server) dial(t testing.TB) net.Conn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", s.Addr, Patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(Patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}
