package runtime_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// pipe passes connections on to a server until it is cut.
type pipe struct {
	url  string
	mu   sync.Mutex
	open []net.Conn
}

func newPipe(t *testing.T, target string) *pipe {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &pipe{url: "http://" + l.Addr().String()}
	var busy sync.WaitGroup
	busy.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", strings.TrimPrefix(target, "http://"))
			if err != nil {
				in.Close()
				continue
			}
			p.mu.Lock()
			p.open = append(p.open, in, out)
			p.mu.Unlock()
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				busy.Go(func() { _, _ = io.Copy(way[0], way[1]) })
			}
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.cut()
		busy.Wait()
	})
	return p
}

// cut ends what is open.
func (p *pipe) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		c.Close()
	}
	p.open = nil
}
