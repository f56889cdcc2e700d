// Package faultproxy is a proxy between a client and a server under test that
// makes networks and gateways fail: it delays, loses what is sent, cuts
// connections in the middle of a frame, and answers in the server's stead.
package faultproxy

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Fault is what a Proxy does to connections. The zero value passes everything on.
type Fault struct {
	// Refuse closes new connections at once.
	Refuse bool
	// Delay holds back what is sent, either way.
	Delay time.Duration
	// CutAfter, if not 0, cuts a connection after so many bytes from the server,
	// counted from when the fault is set.
	CutAfter int64
	// BlackHole drops what is sent, either way, and tells neither end that the other
	// has closed its connection.
	BlackHole bool
	// Polling and Upgrade, if not 0, answer requests of polling, and those for a
	// WebSocket, with this HTTP status. They are for new connections: see Proxy.Cut.
	Polling, Upgrade int
	// HangUpgrade never answers requests for a WebSocket on new connections.
	HangUpgrade bool
}

// Proxy passes connections on to a server. Its methods may be called from several
// goroutines at once.
type Proxy struct {
	listener net.Listener
	fault    atomic.Pointer[state]
	accepted atomic.Int64
	busy     sync.WaitGroup

	mu     sync.Mutex
	target string
	open   map[net.Conn]bool
	closed bool
}

// state is a Fault that is set, and the bytes that have come since.
type state struct {
	Fault
	end  chan struct{} // closed when another is set
	read atomic.Int64
}

// New returns a proxy on a port of its own, until the test ends, for the server at
// the URL target.
func New(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, open: make(map[net.Conn]bool)}
	p.fault.Store(&state{end: make(chan struct{})})
	p.SetTarget(target)
	p.busy.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// URL is where the proxy listens.
func (p *Proxy) URL() string { return "http://" + p.listener.Addr().String() }

// SetTarget sets the server for new connections.
func (p *Proxy) SetTarget(target string) {
	if u, err := url.Parse(target); err == nil && u.Host != "" {
		target = u.Host
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

// Set sets what happens to connections, also to those that are open.
func (p *Proxy) Set(f Fault) {
	old := p.fault.Swap(&state{Fault: f, end: make(chan struct{})})
	close(old.end)
}

// Accepted counts the connections so far.
func (p *Proxy) Accepted() int64 { return p.accepted.Load() }

// Cut ends what is open.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		_ = c.Close()
	}
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.Set(Fault{})
	p.Cut()
	p.busy.Wait()
}

func (p *Proxy) accept() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.accepted.Add(1)
		p.busy.Go(func() { p.serve(in) })
	}
}

// keep notes an open connection, and reports whether the proxy still is.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c] = true
	return !p.closed
}

func (p *Proxy) drop(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

func (p *Proxy) serve(in net.Conn) {
	defer p.drop(in)
	if !p.keep(in) || p.fault.Load().Refuse {
		return
	}
	first, ok := p.answers(in)
	if !ok {
		return
	}
	p.mu.Lock()
	target := p.target
	p.mu.Unlock()
	out, err := net.DialTimeout("tcp", target, 5*time.Second)
	if err != nil {
		return
	}
	defer p.drop(out)
	if !p.keep(out) {
		return
	}
	back := make(chan struct{})
	p.busy.Go(func() {
		defer close(back)
		p.pass(in, out, true)
		_ = in.Close()
		_ = out.Close()
	})
	p.pass(out, io.MultiReader(bytes.NewReader(first), in), false)
	_ = in.Close()
	_ = out.Close()
	<-back
}

// answers answers the first request of a connection if the fault says so. Else it
// returns what it has read of it.
func (p *Proxy) answers(in net.Conn) (first []byte, ok bool) {
	f := p.fault.Load()
	if f.Polling == 0 && f.Upgrade == 0 && !f.HangUpgrade {
		return nil, true
	}
	var read bytes.Buffer
	req, err := http.ReadRequest(bufio.NewReader(io.TeeReader(in, &read)))
	if err != nil {
		return nil, false
	}
	status := f.Polling
	if req.Header.Get("Upgrade") != "" {
		status = f.Upgrade
		if f.HangUpgrade {
			_, _ = io.Copy(io.Discard, in)
			return nil, false
		}
	}
	if status == 0 {
		return read.Bytes(), true
	}
	_, _ = fmt.Fprintf(in, "HTTP/1.1 %d %s\r\nContent-Length: 6\r\nConnection: close\r\n\r\nfault\n", status, http.StatusText(status))
	return nil, false
}

// pass passes on what comes one way.
func (p *Proxy) pass(to io.Writer, from io.Reader, fromServer bool) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		f := p.fault.Load()
		if f.Delay > 0 {
			timer := time.NewTimer(f.Delay)
			select {
			case <-timer.C:
			case <-f.end:
				timer.Stop()
			}
		}
		cut := false
		if fromServer && f.CutAfter > 0 {
			if over := f.read.Add(int64(n)) - f.CutAfter; over >= 0 {
				n, cut = max(0, n-int(over)), true
			}
		}
		if !f.BlackHole {
			if _, werr := to.Write(buf[:n]); werr != nil {
				return
			}
		}
		if err != nil && f.BlackHole {
			<-f.end
		}
		if err != nil || cut {
			return
		}
	}
}
