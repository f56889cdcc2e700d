package socketio

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

// frame returns a client's WebSocket text frame; a mask of zeros changes nothing.
func frame(text string) []byte {
	b := []byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}
	if len(text) > 125 {
		b = append(binary.BigEndian.AppendUint16([]byte{0x81, 0x80 | 126}, uint16(len(text))), 0, 0, 0, 0)
	}
	return append(b, text...)
}

// readFrame reads a short frame of a server.
func readFrame(r *bufio.Reader) (string, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", err
	}
	n := int(head[1])
	if n == 126 {
		var long [2]byte
		if _, err := io.ReadFull(r, long[:]); err != nil {
			return "", err
		}
		n = int(binary.BigEndian.Uint16(long[:]))
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return string(b), err
}

const webSocketRequest = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\n" +
	"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n"

// connectInOneSegment sends the WebSocket handshake, CONNECT and, once that is
// answered, an event, and leaves by closing the network connection.
func connectInOneSegment(addr string) error {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(patience))
	if _, err := nc.Write(append([]byte(webSocketRequest), frame("40")...)); err != nil {
		return err
	}
	r := bufio.NewReader(nc)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("handshake: %v, %v", res, err)
	}
	for _, prefix := range []string{"0{", "40{"} {
		if got, err := readFrame(r); err != nil || !strings.HasPrefix(got, prefix) {
			return fmt.Errorf("got %q, %v, want %s", got, err, prefix)
		}
	}
	if _, err := nc.Write(frame(`42["alive"]`)); err != nil {
		return err
	}
	if got, err := readFrame(r); err != nil || got != `42["alive"]` {
		return fmt.Errorf("got %q, %v, want the event back", got, err)
	}
	return nil
}

func TestConnectInTheSegmentOfTheHandshakeIsAnswered(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{event: echo}
	s.serve("/", a)
	n := 1000
	if testing.Short() {
		n = 200
	}
	addr := strings.TrimPrefix(s.url, "http://")
	jobs := make(chan int)
	var busy sync.WaitGroup
	for range 32 {
		busy.Go(func() {
			for i := range jobs {
				if err := connectInOneSegment(addr); err != nil {
					t.Errorf("connection %d: %v", i, err)
				}
			}
		})
	}
	for i := range n {
		jobs <- i
	}
	close(jobs)
	busy.Wait()
	eventually(t, "all connections and sockets to be forgotten", func() bool {
		left, err := s.namespace([]byte("/")).Sockets(t.Context(), driver.Target{})
		return s.engine.Len() == 0 && len(left) == 0 && err == nil
	})
}
