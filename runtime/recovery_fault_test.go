package runtime_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/faultproxy"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/engineio"
)

// feeds are the rooms of a server that get numbered events, every third one with
// its number as bytes.
type feeds struct {
	mu    sync.Mutex
	rooms map[string]*feed
}

type feed struct {
	sent  int // events; read when done is closed
	end   chan struct{}
	done  chan struct{}
	every time.Duration
}

// start begins to feed a room, unless it is fed.
func (f *feeds) start(name string, room broadcast) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rooms == nil {
		f.rooms = make(map[string]*feed)
	}
	if f.rooms[name] == nil {
		f.rooms[name] = &feed{end: make(chan struct{}), done: make(chan struct{}), every: 2 * time.Millisecond}
		go f.rooms[name].run(room)
	}
}

// stop ends a feed, and returns how many events it had.
func (f *feeds) stop(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	feed := f.rooms[name]
	close(feed.end)
	<-feed.done
	return feed.sent
}

func (f *feed) run(room broadcast) {
	defer close(f.done)
	ticker := time.NewTicker(f.every)
	defer ticker.Stop()
	for {
		select {
		case <-f.end:
			return
		case <-ticker.C:
		}
		text := strconv.Itoa(f.sent)
		said := event("said", text)
		if f.sent%3 == 0 {
			said = codec.NewEvent(`["said bytes"`)
			said.Elem().Bytes([]byte(text))
		}
		if err := room.Send(said); err != nil {
			panic(err)
		}
		f.sent++
	}
}

// listener is a client that is fed, and what it got: numbers of events, and between
// them what it was told when it connected.
type listener struct {
	*client
	room string

	mu  sync.Mutex
	got []string
}

const (
	recovered = "recovered"
	anew      = "anew"
)

func newListener(t *testing.T, url string, o runtime.ClientOptions) *listener {
	t.Helper()
	o.AttemptTimeout = faultAttempt
	o.ReconnectionDelay, o.ReconnectionDelayMax = 5*time.Millisecond, 20*time.Millisecond
	o.Dial.CloseTimeout = 500 * time.Millisecond
	l := &listener{client: newClientAt(t, url, o), room: t.Name() + " "}
	l.OnConnect(func(context.Context) {
		if l.Recovered() {
			l.note(recovered)
		} else {
			l.note(anew)
		}
	})
	l.AsListener().On("said", onString(func(_ context.Context, text string) error { l.note(text); return nil }))
	l.AsListener().On("said bytes", func(_ context.Context, call *runtime.Call) error {
		dec := call.Args()
		if dec.Arg("data") {
			l.note(string(dec.Bytes()))
		}
		return dec.End()
	})
	l.connectInTime(t)
	l.ask(t, "name")
	l.ask(t, "feed")
	return l
}

func (l *listener) note(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got = append(l.got, text)
}

// notes returns what the listener got so far.
func (l *listener) notes() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.got)
}

// times returns how often the listener got text.
func (l *listener) times(text string) (n int) {
	for _, got := range l.notes() {
		if got == text {
			n++
		}
	}
	return n
}

// ask asks the server for something about the listener's room.
func (l *listener) ask(t *testing.T, name string) string {
	t.Helper()
	answer, err := ask(testContext(t), l, name, l.room)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return answer
}

// stop ends the feed, and checks that the listener gets what is left of it, that
// nothing came twice or out of order, and that nothing is missing but before a
// connection that it was told not to be the continuation of the one before.
func (l *listener) stop(t *testing.T) {
	t.Helper()
	seen := len(l.notes())
	await(t, "an event", func() bool { return len(l.notes()) > seen }) // it is in the room
	sent, err := strconv.Atoi(l.ask(t, "stop"))
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the last event", func() bool { return l.times(strconv.Itoa(sent-1)) > 0 })
	notes := l.notes()
	if notes[0] != anew {
		t.Errorf("at first: %s", notes[0])
	}
	next, gap := 0, true // the first events may have come before the room was joined
	for i, text := range notes {
		n, err := strconv.Atoi(text)
		switch {
		case text == anew:
			gap = true
		case text == recovered:
		case err != nil, n < next, n > next && !gap:
			t.Fatalf("after event %d came %s, of %d:\n%s", next-1, text, sent, strings.Join(notes[max(0, i-20):i+1], " "))
		default:
			next, gap = n+1, false
		}
	}
	if next != sent {
		t.Errorf("the last event was %d of %d", next-1, sent)
	}
}

// With connection state recovery nothing is lost that the server sends while the
// network is gone, and nothing comes twice.
func TestNetworkFaultsWithRecovery(t *testing.T) {
	for _, kind := range servers {
		for _, parser := range []runtime.Parser{runtime.ParserDefault, runtime.ParserMsgpack} {
			var log told
			p := faultServers(t, kind, processOptions{Recovery: true, Msgpack: parser == runtime.ParserMsgpack}, &log)
			for _, fc := range faultCases {
				if parser != runtime.ParserDefault && fc.fault.CutAfter == 0 {
					continue // how packets are written matters where they are cut
				}
				for _, transports := range fc.transports {
					t.Run(fmt.Sprintf("%s, %s, %s, %s", kind, parser, fc.name, strings.Join(transports, "+")), func(t *testing.T) {
						testFaultWithRecovery(t, fc, p[fc.survives].url, &log, runtime.ClientOptions{
							Dial:   engineio.DialOptions{Transports: transports},
							Parser: parser,
						})
					})
				}
			}
		}
	}
}

func testFaultWithRecovery(t *testing.T, fc faultCase, url string, log *told, o runtime.ClientOptions) {
	t.Parallel()
	proxy := faultproxy.New(t, url)
	l := newListener(t, proxy.URL(), o)
	await(t, "some events", func() bool { return len(l.notes()) > 20 })
	proxy.Set(fc.fault)
	if fc.cut {
		proxy.Cut()
	}
	if fc.survives {
		time.Sleep(100 * time.Millisecond)
	} else {
		await(t, "disconnection", func() bool { return !l.Connected() })
		// npm's server has no session to continue before it has noticed.
		await(t, "the server to notice", func() bool { return len(log.with(l.room)) > 0 })
	}
	proxy.Set(faultproxy.Fault{})
	if !fc.survives {
		await(t, "recovery", func() bool { return l.times(recovered) == 1 })
	}
	if l.times(anew) != 1 || fc.survives && l.times(recovered) > 0 {
		t.Errorf("connected anew %d times, recovered %d times", l.times(anew), l.times(recovered))
	}
	l.stop(t)
}

// A client that is back at once, perhaps before our server has noticed that it was
// gone, misses nothing. npm's server has the next socket of such a client leave its
// rooms when it notices that the one before is gone.
func TestManyCutsWithRecovery(t *testing.T) {
	var log told
	p := startServer(t, "ours", processOptions{PingInterval: 300, PingTimeout: 300, Recovery: true}, &log)
	for _, transports := range [][]string{byWebSocket, byPolling, byBoth} {
		t.Run(strings.Join(transports, "+"), func(t *testing.T) {
			t.Parallel()
			proxy := faultproxy.New(t, p.url)
			l := newListener(t, proxy.URL(), runtime.ClientOptions{Dial: engineio.DialOptions{Transports: transports}})
			var lost atomic.Int32
			l.OnDisconnect(func(context.Context, runtime.DisconnectReason) { lost.Add(1) })
			for i := range 10 {
				seen, before := len(l.notes()), lost.Load()
				await(t, "events", func() bool { return len(l.notes()) > seen+10 })
				if i%2 == 0 {
					proxy.Set(faultproxy.Fault{CutAfter: int64(2 + 50*i)})
				}
				await(t, "disconnection", func() bool {
					if i%2 == 1 { // what a client on polling survives is that between two requests
						proxy.Cut()
					}
					return lost.Load() > before
				})
				proxy.Set(faultproxy.Fault{})
				await(t, "the connection", func() bool {
					_, err := ask(testContext(t), l, "name", l.room)
					return err == nil
				})
			}
			if n := l.times(anew); n != 1 {
				t.Errorf("connected anew %d times", n)
			}
			l.stop(t)
		})
	}
}

// A client that was away for too long is told that it missed something.
func TestAwayForTooLong(t *testing.T) {
	for _, kind := range servers {
		var log told
		const limit = 50 * time.Millisecond
		p := startServer(t, kind, processOptions{Recovery: true, MaxDisconnection: int(limit.Milliseconds())}, &log)
		t.Run(kind, func(t *testing.T) {
			proxy := faultproxy.New(t, p.url)
			l := newListener(t, proxy.URL(), runtime.ClientOptions{})
			await(t, "some events", func() bool { return len(l.notes()) > 20 })
			proxy.Set(faultproxy.Fault{Refuse: true})
			proxy.Cut()
			await(t, "the server to notice", func() bool { return len(log.with(l.room)) > 0 })
			time.Sleep(5 * limit)
			proxy.Set(faultproxy.Fault{})
			await(t, "the connection", func() bool { return l.times(anew) == 2 })
			l.ask(t, "feed")
			l.stop(t)
			if n := l.times(recovered); n > 0 {
				t.Errorf("recovered %d times", n)
			}
		})
	}
}
