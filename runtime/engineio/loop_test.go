//go:build linux

package engineio

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func skipWithoutLoops(*testing.T) {}

// nobodyReads reports whether the loop has done all that it can for c; nil: there is none.
func nobodyReads(c *loopConn) bool { return c == nil || c.state.Load() == readIdle }

// sharing opens more connections than there can be loops.
func sharing(t *testing.T, h *harness) []*rawWS {
	t.Helper()
	var open []*rawWS
	for range runtime.GOMAXPROCS(0) + 1 {
		open = append(open, h.openRaw(t))
	}
	return open
}

// TestBlockedConnectionHoldsUpNoOther, whatever blocks, Message or what it has
// deferred.
func TestBlockedConnectionHoldsUpNoOther(t *testing.T) {
	for name, deferring := range map[string]bool{"in Message": false, "in a deferred function": true} {
		t.Run(name, func(t *testing.T) {
			unblock := make(chan struct{})
			h := newHarness(t, ServerOptions{}, func(r *recorder) {
				r.onMessage = func(c *Conn, data []byte, _ bool) {
					text := string(data)
					answer := func() {
						if text == "block" {
							<-unblock
						}
						_ = c.Send([]byte("done"), nil, Flags{})
					}
					if !deferring || !c.Defer(answer) {
						answer()
					}
				}
			})
			open := sharing(t, h)
			blocked, others := open[:len(open)-1], open[len(open)-1:]
			for range 20 {
				for _, w := range blocked { // every loop but for what the last one is in
					w.send(t, "4block")
				}
				for _, w := range others {
					w.send(t, "4go")
					want(t, w.next(t), "4done")
				}
				for range blocked {
					unblock <- struct{}{}
				}
				for _, w := range blocked {
					want(t, w.next(t), "4done")
				}
			}
		})
	}
}

// TestAnswersOfALoopDoNotWaitForOthers: those to one connection leave although the
// handler of the next one, which sent at the same time, goes on for long.
func TestAnswersOfALoopDoNotWaitForOthers(t *testing.T) {
	unblock := make(chan struct{})
	h := newHarness(t, ServerOptions{}, func(r *recorder) {
		r.onMessage = func(c *Conn, data []byte, _ bool) {
			switch string(data) {
			case "pause": // meanwhile the others send
				time.Sleep(500 * time.Microsecond)
			case "block":
				<-unblock
			}
			_ = c.Send(data, nil, Flags{})
		}
	})
	open := sharing(t, h)
	open = append(open, sharing(t, h)...)
	for range 30 {
		for _, w := range open[:2] {
			w.send(t, "4pause")
		}
		for _, w := range open[2:] {
			w.send(t, "4quick")
		}
		open[0].send(t, "4block")
		for _, w := range open[2:] {
			want(t, w.next(t), "4quick")
		}
		for _, w := range open[:2] {
			want(t, w.next(t), "4pause")
		}
		unblock <- struct{}{}
		want(t, open[0].next(t), "4block")
	}
}

// TestConnectionsThatWaitForEachOther: a handler may wait for what another
// connection's handler does.
func TestConnectionsThatWaitForEachOther(t *testing.T) {
	const conns, rounds = 20, 10
	var round sync.WaitGroup
	h := newHarness(t, ServerOptions{}, func(r *recorder) {
		r.onMessage = func(c *Conn, _ []byte, _ bool) {
			meet := func() {
				round.Done()
				round.Wait()
				_ = c.Send([]byte("met"), nil, Flags{})
			}
			if !c.Defer(meet) {
				go meet()
			}
		}
	})
	var open []*rawWS
	for range conns {
		open = append(open, h.openRaw(t))
	}
	for range rounds {
		round.Add(conns)
		for _, w := range open {
			w.send(t, "4meet")
		}
		for _, w := range open {
			want(t, w.next(t), "4met")
		}
	}
}

// TestEndedGoroutineHoldsUpNoOther: a test's FailNow ends the goroutine of the
// handler, which is that of a loop.
func TestEndedGoroutineHoldsUpNoOther(t *testing.T) {
	h := newHarness(t, ServerOptions{}, func(r *recorder) {
		r.onMessage = func(c *Conn, data []byte, _ bool) {
			text := string(data)
			c.Defer(func() {
				_ = c.Send([]byte(text), nil, Flags{})
				runtime.Goexit()
			})
		}
	})
	h.set.slowTurn = time.Hour
	for range 5 {
		for _, w := range sharing(t, h) {
			w.send(t, "4x")
			want(t, w.next(t), "4x")
		}
	}
}

// TestWhatCameBeforeTheEndIsHandled, although the end is known before it was read.
func TestWhatCameBeforeTheEndIsHandled(t *testing.T) {
	for range 50 {
		h := newHarness(t, ServerOptions{})
		w := h.openRaw(t)
		r := h.conn(t)
		long := strings.Repeat("long", 5000)
		frames := clientFrame(frameText, "4first") + clientFrame(frameText, "4"+long) + clientFrame(frameText, "4last")
		write(t, w, frames)
		if err := w.NetConn().(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		want(t, r.next(t), "first")
		want(t, r.next(t), long)
		want(t, r.next(t), "last")
		r.wantClosed(t, ReasonTransportClose)
	}
}

// TestNothingIsReadAfterTheEnd: a peer that goes on sending does not keep a
// connection alive that was ended.
func TestNothingIsReadAfterTheEnd(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	w := h.openRaw(t)
	r := h.conn(t)
	go func() {
		frame := []byte(clientFrame(frameText, "4"+strings.Repeat("x", 1000)))
		for {
			if _, err := w.NetConn().Write(frame); err != nil {
				return
			}
		}
	}()
	for range 10 {
		_ = r.next(t)
	}
	r.conn.Abort("enough")
	r.wantClosed(t, "enough")
	receive(t, r.conn.Done(), "release")
}

// TestSocketThatBlocks: who takes the File of a connection, to set an option, makes it
// one that blocks, and may do so at any time.
func TestSocketThatBlocks(t *testing.T) {
	for name, later := range map[string]bool{"before": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			var files sync.Map
			h := newUnstarted(t, ServerOptions{}, echoing)
			h.http.Config.ConnContext = func(ctx context.Context, nc net.Conn) context.Context {
				f, err := nc.(*net.TCPConn).File()
				if err != nil {
					t.Error(err)
					return ctx
				}
				files.Store(f, true)
				return ctx
			}
			if !later {
				inner := h.http.Config.Handler
				h.http.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					inner.ServeHTTP(blockingOnHijack{w}, r)
				})
			}
			h.http.Start()
			w := h.openRaw(t)
			defer files.Range(func(f, _ any) bool { _ = f.(*os.File).Close(); return true })
			if later {
				files.Range(func(f, _ any) bool { _ = f.(*os.File).Fd(); return true })
			}
			for range 5 {
				w.send(t, "4hello")
				want(t, w.next(t), "4hello")
				runtime.GC() // has to stop every goroutine
			}
		})
	}
}

// blockingOnHijack makes a socket one that blocks when net/http reads it no more, which
// could not end a read that waits.
type blockingOnHijack struct{ http.ResponseWriter }

func (w blockingOnHijack) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nc, rw, err
	}
	f, err := nc.(*net.TCPConn).File()
	if err == nil {
		_ = f.Fd()
		_ = f.Close()
	}
	return nc, rw, err
}

// TestPiecesOfManyConnections: frames come in pieces of every size, on many
// connections at once.
func TestPiecesOfManyConnections(t *testing.T) {
	const conns, messages = 16, 40
	h := newHarness(t, ServerOptions{PingInterval: time.Hour}, echoing)
	var all sync.WaitGroup
	for n := range conns {
		w := h.openRaw(t)
		all.Go(func() {
			for i := range messages {
				text := fmt.Sprint("4", n, "/", i, strings.Repeat("-", i*i*(n+1)))
				frame := clientFrame(frameText, text)
				for step := 1 + (i+n)%7*997; frame != ""; {
					piece := frame[:min(step, len(frame))]
					frame = frame[len(piece):]
					if _, err := w.NetConn().Write([]byte(piece)); err != nil {
						t.Error(err)
						return
					}
				}
				select {
				case got := <-w.frames:
					if got != text {
						t.Errorf("got %.20q…, want %.20q…", got, text)
						return
					}
				case <-time.After(patience):
					t.Error("no answer")
					return
				}
			}
		})
	}
	all.Wait()
}
