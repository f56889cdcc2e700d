package faults

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/rawpeer"
	"github.com/siogen/siogen/internal/testscale"
	siogen "github.com/siogen/siogen/runtime"
)

// inSubtests runs f for 0 to n-1, several at a time. Each has a test of its own, so
// that its connections do not stay open until the last has run.
func inSubtests(t *testing.T, from, n int, f func(t *testing.T, i int)) {
	t.Helper()
	const batch = 20
	for first := from; first < n; first += batch {
		t.Run(fmt.Sprint("from ", first), func(t *testing.T) {
			for i := first; i < min(first+batch, n); i++ {
				t.Run(strconv.Itoa(i), func(t *testing.T) {
					t.Parallel()
					f(t, i)
				})
			}
		})
		if t.Failed() {
			return
		}
	}
}

// CONNECT leaves with the handshake's segment; nobody is left without an answer,
// and when all have gone nothing is left of them.
func TestShortLivedConnections(t *testing.T) {
	n := testscale.N(t, 500)
	a := serve(t, siogen.ServerOptions{})
	before := runtime.NumGoroutine()
	connect := func(t *testing.T, from, to int) {
		// One test for many: package testing remembers the name of each.
		for from := from; from < to; from += 100 {
			t.Run(strconv.Itoa(from), func(t *testing.T) {
				for i := from; i < min(from+100, to); i++ {
					leave(t, a, i)
				}
			})
		}
	}
	connect(t, 0, n/10)
	settle(t, before)
	first := heap()
	connect(t, n/10, n)
	settle(t, before)
	last := heap()
	t.Logf("%d connections, heap %d KiB after a tenth and %d KiB at the end", n, first>>10, last>>10)
	if last > first+(4<<20) {
		t.Errorf("the heap grew from %d to %d bytes", first, last)
	}
}

// leave connects and disconnects in one of three ways.
func leave(t *testing.T, a *app, i int) {
	t.Helper()
	ws, m := a.join(t)
	switch i % 3 {
	case 0:
		ws.Send("1")
	case 1:
		ws.Send("41")
	}
	ws.Close()
	wait(t, m.gone, "disconnect")
}

// settle waits until the goroutines of connections have ended.
func settle(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(rawpeer.Patience); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // for what finalizers and pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Both sides send while a client goes from polling to WebSocket.
func TestUpgradesUnderTraffic(t *testing.T) {
	a := serve(t, siogen.ServerOptions{})
	inSubtests(t, 0, testscale.N(t, 30), func(t *testing.T, _ int) {
		p := a.at.OpenPolling(t)
		p.Send("40")
		sid := strings.TrimSuffix(strings.TrimPrefix(p.Receive(1)[0], `40{"sid":"`), `"}`)
		m := a.memberWithID(t, sid)
		upgradeUnderTraffic(t, p, m)
	})
}

// memberWithID is member where several connect at once.
func (a *app) memberWithID(t *testing.T, id string) *member {
	t.Helper()
	for {
		m := a.member(t)
		if m.ID() == id {
			return m
		}
		a.members <- m
	}
}

func upgradeUnderTraffic(t *testing.T, p *rawpeer.Polling, m *member) {
	t.Helper()
	const news, asks = 60, 60
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		for i := range news {
			if err := m.AsTarget().Send(event("news", strconv.Itoa(i))); err != nil {
				t.Errorf("event %d: %v", i, err)
			}
			time.Sleep(100 * time.Microsecond)
		}
	})
	var heard, answered, asked int
	take := func(packet string) {
		t.Helper()
		switch packet {
		case "6", "2":
		case fmt.Sprintf(`42["news","%d"]`, heard):
			heard++
		case fmt.Sprintf(`43%d["%d"]`, answered, answered):
			answered++
		default:
			t.Fatalf("after %d events and %d answers came %.200q", heard, answered, packet)
		}
	}
	question := func() string {
		asked++
		return fmt.Sprintf(`42%d["ask","%d"]`, asked-1, asked-1)
	}
	poll := func() {
		t.Helper()
		for _, packet := range rawpeer.Packets(p.Get().Body) {
			take(packet)
		}
	}
	for range asks / 4 {
		p.Send(question(), question())
	}
	poll()
	ws := p.WebSocket(t, "EIO=4&transport=websocket&sid="+p.SID)
	get := p.BeginGet()
	ws.Send("2probe")
	p.Send(question(), question())
	ws.Want("3probe")
	for _, packet := range rawpeer.Packets(get.Answer().Body) {
		take(packet)
	}
	ws.Send("5")
	for asked < asks {
		ws.Send(question())
	}
	for heard < news || answered < asks {
		take(ws.Next())
	}
	ws.Send("1")
	wait(t, m.gone, "disconnect")
	ws.Close()
}
