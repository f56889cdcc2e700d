package conformance

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/rawpeer"
)

// frequent has pings often and patience with their answers.
var frequent = options{PingInterval: 30, PingTimeout: 30_000}

func TestTheServerPingsAWebSocket(t *testing.T) {
	ws := engine(t, frequent).OpenWebSocket(t)
	for range 3 {
		ws.Want("2")
		ws.Send("3")
	}
}

func TestTheServerPingsByPolling(t *testing.T) {
	p := engine(t, frequent).OpenPolling(t)
	for range 3 {
		want(t, p.Get().String(), "200 2")
		p.Send("3")
	}
}

func TestMessagesAndPingsMix(t *testing.T) {
	ws := engine(t, frequent).OpenWebSocket(t)
	ws.AnswerPings = true
	for range 200 {
		ws.Send("4message")
		ws.Want("4message")
	}
}

func TestAMissingPongClosesAWebSocket(t *testing.T) {
	ws := engine(t, options{PingInterval: 30, PingTimeout: 30}).OpenWebSocket(t)
	ws.Want("2")
	ws.WantClosed()
}

func TestAMissingPongClosesASessionOnPolling(t *testing.T) {
	p := engine(t, options{PingInterval: 30, PingTimeout: 30}).OpenPolling(t)
	if a := p.Get(); a.String() != "200 2" && a.String() != "200 1" && a.String() != sessionUnknown {
		t.Fatal(a)
	}
	for p.Get().Status != 400 {
	}
	want(t, p.Get().String(), sessionUnknown)
}

// early is by how much timers may be ahead: those of Node.js know milliseconds only.
const early = 5 * time.Millisecond

// wantLater checks that a time has passed since the start. It may have been longer:
// machines are busy.
func wantLater(t *testing.T, start time.Time, what string, least int) {
	t.Helper()
	if passed := time.Since(start); passed < ms(least)-early {
		t.Errorf("%s after %v, want %v or more", what, passed, ms(least))
	}
}

func TestPingsAreAnIntervalApart(t *testing.T) {
	o := options{PingInterval: 150, PingTimeout: 30_000}
	s := engine(t, o)
	start := time.Now()
	ws := s.OpenWebSocket(t)
	for range 3 {
		ws.Want("2")
		wantLater(t, start, "ping", o.PingInterval)
		start = time.Now()
		ws.Send("3")
	}
}

func TestASilentClientHasIntervalAndTimeout(t *testing.T) {
	o := options{PingInterval: 100, PingTimeout: 150}
	s := engine(t, o)
	t.Run("on a WebSocket", func(t *testing.T) {
		t.Parallel()
		start := time.Now()
		ws := s.OpenWebSocket(t)
		ws.Want("2")
		ws.WantClosed()
		wantLater(t, start, "end", o.PingInterval+o.PingTimeout)
	})
	t.Run("on polling", func(t *testing.T) {
		t.Parallel()
		start := time.Now()
		p := s.OpenPolling(t)
		for p.Get().Status != 400 {
		}
		wantLater(t, start, "end", o.PingInterval+o.PingTimeout)
	})
}

// TestAnotherPacketGrantsAnotherTimeout: the pong may be behind it.
func TestAnotherPacketGrantsAnotherTimeout(t *testing.T) {
	o := options{PingInterval: 50, PingTimeout: 600}
	s := engine(t, o)
	for range 20 {
		ws := s.OpenWebSocket(t)
		ws.Want("2")
		time.Sleep(ms(o.PingTimeout / 2))
		start := time.Now()
		if ws.TrySend("4late") != nil {
			continue
		}
		if f, err := ws.ReadFrame(); err != nil || f.String() != "4late" {
			continue // it took so long that the session has ended
		}
		ws.WantClosed()
		wantLater(t, start, "end", o.PingTimeout)
		return
	}
	t.Fatal("no packet came in time")
}

// TestOtherPacketsAreNoPong: a client that sends all the time, but never answers, is
// ended all the same.
func TestOtherPacketsAreNoPong(t *testing.T) {
	ws := engine(t, options{PingInterval: 50, PingTimeout: 100}).OpenWebSocket(t)
	ended := make(chan error, 1)
	go func() {
		var err error
		for f := (rawpeer.Frame{}); err == nil && f.Opcode != rawpeer.OpClose; {
			f, err = ws.ReadFrame()
		}
		ended <- err
	}()
	for {
		select {
		case err := <-ended:
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				t.Error("the session goes on")
			}
			return
		case <-time.After(10 * time.Millisecond):
			_ = ws.TrySend("4busy") // fails at the end
		}
	}
}
