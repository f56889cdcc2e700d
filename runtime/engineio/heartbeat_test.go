package engineio

import (
	"testing"
	"testing/synctest"
	"time"
)

var quick = ServerOptions{PingInterval: 60 * time.Millisecond, PingTimeout: 60 * time.Millisecond}

func TestHeartbeat(t *testing.T) {
	h := newHarness(t, quick)
	w := h.openRaw(t)
	for range 4 {
		want(t, w.next(t), "2")
		w.send(t, "3")
	}
	p := h.openPolling(t)
	for range 4 {
		want(t, p.get(t), "200 2")
		want(t, p.post(t, "3"), "200 ok")
	}
}

func TestMissingPongEndsTheConnection(t *testing.T) {
	h := newHarness(t, quick)
	w := h.openRaw(t)
	h.conn(t).wantClosed(t, ReasonPingTimeout)
	w.wantClosed(t)

	p := h.openPolling(t)
	h.conn(t).wantClosed(t, ReasonPingTimeout)
	want(t, p.get(t), `400 {"code":1,"message":"Session ID unknown"}`)
}

func TestPingFromAClientEndsTheConnection(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	w := h.openRaw(t)
	w.send(t, "2")
	want(t, h.conn(t).wantClosed(t, ReasonTransportError), errHeartbeatDirection)
	w.wantClosed(t)
}

func TestBlockedHandlerDoesNotCostTheConnection(t *testing.T) {
	release := make(chan struct{})
	h := newHarness(t, quick, func(r *recorder) {
		r.onMessage = func(*Conn, []byte, bool) { <-release }
	})
	w := h.openRaw(t)
	r := h.conn(t)
	w.send(t, "4block")
	for range 6 { // the client goes on hearing pings, and its pongs stay unread
		want(t, w.next(t), "2")
		w.send(t, "3")
	}
	w.send(t, "4next")
	close(release)
	want(t, r.next(t), "block")
	want(t, r.next(t), "next")
	want(t, w.next(t), "2")
	want(t, len(r.closed), 0)
}

// pulse is a connection whose packets are counted rather than sent: the
// heartbeat with nothing else, in virtual time.
type pulse struct {
	*Conn
	r *recorder
}

func newPulse(client bool) *pulse {
	r := newClientRecorder()
	set := newSettings(ServerOptions{})
	set.client = client
	p := &pulse{newConn(set, func() {}, func() {}), r}
	p.handler, p.poll = r, newPollState()
	p.startHeartbeat()
	return p
}

func (p *pulse) pings() int {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.poll.queue)
}

func (p *pulse) pong() { p.packetIn(packet{kind: packetPong}, nil) }

func TestHeartbeatSchedule(t *testing.T) {
	const (
		interval, timeout = DefaultPingInterval, DefaultPingTimeout
		moment            = time.Nanosecond
	)
	t.Run("the next ping follows the pong by the interval", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPulse(false)
			time.Sleep(interval - moment)
			want(t, p.pings(), 0)
			time.Sleep(moment)
			want(t, p.pings(), 1)
			time.Sleep(5 * time.Second)
			p.pong()
			time.Sleep(interval - moment)
			want(t, p.pings(), 1)
			time.Sleep(moment)
			want(t, p.pings(), 2)
			p.Abort("done")
			synctest.Wait()
		})
	})
	t.Run("without a pong it ends after the timeout", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPulse(false)
			time.Sleep(interval + timeout - moment)
			synctest.Wait()
			want(t, len(p.r.closed), 0)
			time.Sleep(moment)
			synctest.Wait()
			p.r.wantClosed(t, ReasonPingTimeout)
		})
	})
	t.Run("another packet grants one more timeout", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPulse(false)
			time.Sleep(interval + time.Second)
			p.packetIn(packet{kind: packetMessage, data: []byte("x")}, nil)
			time.Sleep(2*timeout - time.Second - moment)
			synctest.Wait()
			want(t, len(p.r.closed), 0)
			time.Sleep(moment)
			synctest.Wait()
			p.r.wantClosed(t, ReasonPingTimeout)
		})
	})
	t.Run("but only one, whatever comes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPulse(false)
			time.Sleep(interval)
			for range 4 {
				p.packetIn(packet{kind: packetMessage, data: []byte("x")}, nil)
				time.Sleep(timeout / 2)
			}
			synctest.Wait()
			p.r.wantClosed(t, ReasonPingTimeout)
		})
	})
	t.Run("a packet before the ping grants nothing", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPulse(false)
			p.packetIn(packet{kind: packetMessage, data: []byte("x")}, nil)
			time.Sleep(interval + timeout)
			synctest.Wait()
			p.r.wantClosed(t, ReasonPingTimeout)
		})
	})
	t.Run("an upgrade forgives the pong but not the schedule", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPulse(false)
			time.Sleep(interval + time.Second)
			p.mu.Lock()
			p.forgivePong()
			p.mu.Unlock()
			time.Sleep(interval - time.Second)
			want(t, p.pings(), 2)
			p.Abort("done")
			synctest.Wait()
		})
	})
	t.Run("a client waits for pings for the sum of both", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPulse(true)
			time.Sleep(interval + timeout - moment)
			p.packetIn(packet{kind: packetPing}, nil)
			want(t, p.pings(), 1) // it is a pong
			time.Sleep(interval + timeout - moment)
			synctest.Wait()
			want(t, len(p.r.closed), 0)
			time.Sleep(moment)
			synctest.Wait()
			p.r.wantClosed(t, ReasonPingTimeout)
		})
	})
}
