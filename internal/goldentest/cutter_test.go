package goldentest

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// cutter passes connections on to a server, cuts them, and then takes no others
// until it is mended: a client on polling may be between two requests.
type cutter struct {
	url  string
	mu   sync.Mutex
	open []net.Conn
	down bool
}

func newCutter(t *testing.T, target string) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{url: "http://" + l.Addr().String()}
	var busy sync.WaitGroup
	busy.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			c.mu.Lock()
			if c.down {
				in.Close()
				c.mu.Unlock()
				continue
			}
			out, err := net.Dial("tcp", strings.TrimPrefix(target, "http://"))
			if err != nil {
				in.Close()
				c.mu.Unlock()
				continue
			}
			c.open = append(c.open, in, out)
			c.mu.Unlock()
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				busy.Go(func() {
					_, _ = io.Copy(way[0], way[1])
					way[0].Close()
				})
			}
		}
	})
	t.Cleanup(func() {
		l.Close()
		c.cut()
		busy.Wait()
	})
	return c
}

// cut ends what is open.
func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.open {
		conn.Close()
	}
	c.open, c.down = nil, true
}

// mend lets clients connect again.
func (c *cutter) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = false
}
