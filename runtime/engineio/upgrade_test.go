package engineio

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/rawpeer"
)

// probe opens a WebSocket for the session and has it probed.
func (p *pollingSession) probe(t *testing.T) *rawWS {
	t.Helper()
	w := dialRaw(t, p.h.wsURL("EIO=4&transport=websocket&sid="+p.sid))
	w.send(t, "2probe")
	want(t, w.next(t), "3probe")
	return w
}

func TestUpgrade(t *testing.T) {
	h := newHarness(t, ServerOptions{}, echoing)
	p := h.openPolling(t)
	w := p.probe(t)
	want(t, p.get(t), "200 6")
	w.send(t, "5")
	w.send(t, "4hello")
	want(t, w.next(t), "4hello")
	r := h.conn(t)
	want(t, r.conn.Transport(), WebSocket)
	want(t, h.Len(), 1)
	w.send(t, "1")
	w.wantClosed(t)
	r.wantClosed(t, ReasonTransportClose)
}

func TestProbeReleasesTheOpenPoll(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	p := h.openPolling(t)
	get := p.start(t)
	w := p.probe(t)
	want(t, receive(t, get, "answer"), "200 6")
	w.send(t, "5")
	eventually(t, "the transport is WebSocket", func() bool { return h.session(p.sid).Transport() == WebSocket })
}

func TestUntilTheUpgradePacketsGoOutByPolling(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	p := h.openPolling(t)
	c := h.conn(t).conn
	w := p.probe(t)
	want(t, c.Transport(), Polling)
	_ = c.Send([]byte("by polling"), nil, Flags{})
	want(t, p.get(t), "200 4by polling")
	_ = c.Send([]byte("held"), [][]byte{{'1'}}, Flags{})
	_ = c.SendFramed(Frame([]byte("shared"), nil), Flags{}, nil)
	w.send(t, "5")
	want(t, w.next(t), "4held")
	want(t, w.next(t), "b:1")
	want(t, w.next(t), "4shared")
}

func TestFailedProbeLeavesPollingUntouched(t *testing.T) {
	for name, fail := range map[string]func(*testing.T, *rawWS){
		"other packet":  func(t *testing.T, w *rawWS) { w.send(t, "4not a probe") },
		"other ping":    func(t *testing.T, w *rawWS) { w.send(t, "2") },
		"malformed":     func(t *testing.T, w *rawWS) { w.send(t, "x") },
		"after a probe": func(t *testing.T, w *rawWS) { w.send(t, "2probe"); w.send(t, "3") },
		"close":         func(t *testing.T, w *rawWS) { _ = w.WriteClose(1000, nil) },
		"vanishing":     func(t *testing.T, w *rawWS) { _ = w.NetConn().Close() },
		"silence":       func(*testing.T, *rawWS) {},
	} {
		t.Run(name, func(t *testing.T) {
			o := ServerOptions{UpgradeTimeout: patience}
			if name == "silence" {
				o.UpgradeTimeout = 50 * time.Millisecond
			}
			h := newHarness(t, o, echoing)
			p := h.openPolling(t)
			w := dialRaw(t, h.wsURL("EIO=4&transport=websocket&sid="+p.sid))
			fail(t, w)
			w.wantClosed(t)
			want(t, p.post(t, "4still"), "200 ok")
			want(t, p.get(t), "200 4still")
			want(t, len(h.conn(t).closed), 0)

			// And another attempt may succeed.
			c := h.session(p.sid)
			eventually(t, "the probe is over", func() bool {
				c.mu.Lock()
				defer c.mu.Unlock()
				return c.poll.probe == nil
			})
			h.set.UpgradeTimeout = patience
			w = p.probe(t)
			w.send(t, "5")
			w.send(t, "4upgraded")
			want(t, w.next(t), "4upgraded")
		})
	}
}

func TestAfterTheUpgradePollsAreRefused(t *testing.T) {
	h := newHarness(t, ServerOptions{}, echoing)
	h.set.pollHold = patience
	for range 20 { // the upgrade packet and the poll are on different connections
		p := h.openPolling(t)
		w := p.probe(t)
		w.send(t, "5")
		want(t, p.get(t), `400 {"code":3,"message":"Bad request"}`)
		want(t, p.post(t, "4x").status, 400)
		w.send(t, "4hello")
		want(t, w.next(t), "4hello")
	}
}

// TestPollBeforeTheProbe: a client that waits for nothing sends the whole
// upgrade, then polls; the server may see the poll first. It is part of the
// upgrade from the moment that the WebSocket is open.
func TestPollBeforeTheProbe(t *testing.T) {
	h := newHarness(t, ServerOptions{}, echoing)
	h.set.pollHold = patience
	p := h.openPolling(t)
	w := dialRaw(t, h.wsURL("EIO=4&transport=websocket&sid="+p.sid))
	poll := p.start(t)
	w.send(t, "2probe")
	want(t, w.next(t), "3probe")
	w.send(t, "5")
	want(t, receive(t, poll, "answer"), `400 {"code":3,"message":"Bad request"}`)
	w.send(t, "4hello")
	want(t, w.next(t), "4hello")
}

// TestPollIsHeldFromTheAnswerOfTheProbe: what the client says next can't come before.
func TestPollIsHeldFromTheAnswerOfTheProbe(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	const hold = 50 * time.Millisecond
	h.set.pollHold = hold
	p := h.openPolling(t)
	w := dialRaw(t, h.wsURL("EIO=4&transport=websocket&sid="+p.sid))
	poll := p.start(t)
	time.Sleep(2 * hold)
	start := time.Now()
	w.send(t, "2probe")
	want(t, w.next(t), "3probe")
	want(t, receive(t, poll, "answer"), "200 6")
	if held := time.Since(start); held < hold {
		t.Errorf("held for %v", held)
	}
}

// TestWhoHasTheHandshakesAnswerIsKnown: a client may poll as soon as it has the
// answer, and is then to be taken for one that upgrades.
func TestWhoHasTheHandshakesAnswerIsKnown(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	h.openPolling(t)
	c := h.conn(t).conn
	var known atomic.Bool
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, ok := h.acceptWebSocket(w, r, c)
		if !ok {
			t.Error("not accepted")
			return
		}
		time.Sleep(50 * time.Millisecond) // as on a busy machine
		known.Store(true)
		ws.uncork()
		ws.release()
	}))
	defer web.Close()
	ws, refused := rawpeer.At(web.URL, "/").TryWebSocket(t, "", nil)
	if ws == nil {
		t.Fatalf("refused: %v", refused)
	}
	if !known.Load() {
		t.Error("the answer came too early")
	}
	ws.Close()
}

// TestPollBesideAnIdleWebSocket: a WebSocket that is not probed releases no poll.
func TestPollBesideAnIdleWebSocket(t *testing.T) {
	h := newHarness(t, ServerOptions{}, echoing)
	h.set.pollHold = time.Nanosecond
	p := h.openPolling(t)
	w := dialRaw(t, h.wsURL("EIO=4&transport=websocket&sid="+p.sid))
	poll := p.start(t)
	want(t, p.post(t, "4hello"), "200 ok")
	want(t, receive(t, poll, "answer"), "200 4hello")
	poll = p.start(t)
	w.send(t, "2probe")
	want(t, w.next(t), "3probe")
	want(t, receive(t, poll, "answer"), "200 6")
}

// TestUpgradeOfAClientThatHasStoppedPolling: its upgrade packet may be held up on
// the way for longer than UpgradeTimeout. It has no other transport any more.
func TestUpgradeOfAClientThatHasStoppedPolling(t *testing.T) {
	const timeout = 20 * time.Millisecond
	h := newHarness(t, ServerOptions{UpgradeTimeout: timeout}, echoing)
	p := h.openPolling(t)
	get := p.start(t)
	w := p.probe(t)
	want(t, receive(t, get, "answer"), "200 6")
	time.Sleep(5 * timeout)
	w.send(t, "5")
	w.send(t, "4hello")
	want(t, w.next(t), "4hello")
}

// TestUpgradeOfAClientThatGoesOnPolling ends after UpgradeTimeout.
func TestUpgradeOfAClientThatGoesOnPolling(t *testing.T) {
	h := newHarness(t, ServerOptions{UpgradeTimeout: 20 * time.Millisecond}, echoing)
	h.set.pollHold = patience
	p := h.openPolling(t)
	get := p.start(t)
	w := p.probe(t)
	want(t, receive(t, get, "answer"), "200 6")
	get = p.start(t)
	w.wantClosed(t)
	want(t, p.post(t, "4still"), "200 ok")
	want(t, receive(t, get, "answer"), "200 4still")
}

func TestSecondWebSocketOfASessionIsClosed(t *testing.T) {
	h := newHarness(t, ServerOptions{}, echoing)
	p := h.openPolling(t)
	w := p.probe(t)
	second := dialRaw(t, h.wsURL("EIO=4&transport=websocket&sid="+p.sid))
	want(t, isCloseFrame(second.wantClosed(t)), true)
	w.send(t, "5")
	third := dialRaw(t, h.wsURL("EIO=4&transport=websocket&sid="+p.sid))
	want(t, isCloseFrame(third.wantClosed(t)), true)
	w.send(t, "4hello")
	want(t, w.next(t), "4hello")
}

func TestSessionThatEndsClosesItsProbe(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	p := h.openPolling(t)
	w := p.probe(t)
	h.conn(t).conn.Abort(ReasonForcedClose)
	w.wantClosed(t)
}

func TestCloseDuringAnUpgrade(t *testing.T) {
	h := newHarness(t, ServerOptions{CloseTimeout: patience})
	p := h.openPolling(t)
	r := h.conn(t)
	w := p.probe(t)
	_ = r.conn.Send([]byte("last"), nil, Flags{})
	r.conn.Close("forced server close")
	w.send(t, "5")
	want(t, w.next(t), "4last")
	want(t, isCloseFrame(w.wantClosed(t)), true)
	r.wantClosed(t, "forced server close")
}

// TestUpgradesUnderTraffic upgrades while both sides send: nothing is lost,
// doubled or out of order.
func TestUpgradesUnderTraffic(t *testing.T) {
	const (
		sessions = 40
		messages = 200
	)
	h := newHarness(t, ServerOptions{})
	var all sync.WaitGroup
	for range sessions {
		p := h.openPolling(t)
		r := h.conn(t)
		all.Go(func() {
			for i := range messages {
				if err := r.conn.Send(fmt.Appendf(nil, "s%d", i), nil, Flags{}); err != nil {
					t.Error(err)
				}
				if i%16 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		})
		all.Go(func() { upgradeUnderTraffic(t, p, messages) })
		all.Go(func() {
			for i := range messages {
				select {
				case got := <-r.messages:
					if want := fmt.Sprintf("c%d", i); got != want {
						t.Errorf("server got %q, want %q", got, want)
						return
					}
				case <-time.After(patience):
					t.Errorf("server got only %d messages", i)
					return
				}
			}
		})
	}
	all.Wait()
}

// upgradeUnderTraffic is a client that polls and posts, upgrades in the middle,
// and checks what the server sends.
func upgradeUnderTraffic(t *testing.T, p *pollingSession, messages int) {
	received := 0
	check := func(text string) {
		if text == "6" {
			return
		}
		if want := fmt.Sprintf("4s%d", received); text != want {
			t.Errorf("client got %q, want %q", text, want)
		}
		received++
	}
	poll := func() {
		req := newRequest(t, "GET", p.h.url(p.query()), "")
		a, err := tryDo(req)
		if err != nil || a.status != 200 {
			t.Errorf("poll: %v %v", a, err)
			return
		}
		for text := range strings.SplitSeq(a.body, "\x1e") {
			check(text)
		}
	}
	post := func(from, to int) {
		var texts []string
		for i := from; i < to; i++ {
			texts = append(texts, fmt.Sprintf("4c%d", i))
		}
		a, err := tryDo(newRequest(t, "POST", p.h.url(p.query()), strings.Join(texts, "\x1e")))
		if err != nil || a.status != 200 {
			t.Errorf("post: %v %v", a, err)
		}
	}
	post(0, messages/4)
	poll()
	w, err := tryDialRaw(p.h.wsURL("EIO=4&transport=websocket&sid="+p.sid), nil)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() {
		_ = w.NetConn().Close()
		w.done.Wait()
	}()
	_ = w.WriteString("2probe")
	post(messages/4, messages/2)
	for probed := false; !probed; {
		poll()
		select {
		case <-w.frames: // 3probe
			probed = true
		default:
		}
	}
	_ = w.WriteString("5")
	for i := messages / 2; i < messages; i++ {
		_ = w.WriteString(fmt.Sprintf("4c%d", i))
	}
	for received < messages {
		select {
		case text := <-w.frames:
			check(text)
		case <-time.After(patience):
			t.Errorf("client got only %d messages", received)
			return
		}
	}
}
