package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/faultproxy"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
)

// The heartbeat of the servers in these tests, and how long an attempt to connect
// may take: what is lost in a black hole is not sent again.
const (
	faultInterval = 300 * time.Millisecond
	faultTimeout  = time.Second
	faultAttempt  = time.Second
)

// connectInTime connects a client whose attempts are short, as often as the machine is
// too slow for one.
func (c *client) connectInTime(t *testing.T) {
	t.Helper()
	ctx := testContext(t)
	for {
		err := c.Connect(ctx)
		if err == nil {
			return
		}
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			t.Fatalf("Connect: %v", err)
		}
	}
}

// faultServers returns servers of a kind, by whether the fault is one that clients
// survive: the heartbeat must not end a connection then because the machine is slow.
func faultServers(t *testing.T, kind string, o processOptions, log *told) map[bool]*process {
	t.Helper()
	o.PingInterval, o.PingTimeout = int(faultInterval.Milliseconds()), int(faultTimeout.Milliseconds())
	hasty := startServer(t, kind, o, log)
	o.PingTimeout = 20_000
	return map[bool]*process{false: hasty, true: startServer(t, kind, o, log)}
}

var (
	byWebSocket = []string{engineio.WebSocket}
	byPolling   = []string{engineio.Polling}
	byBoth      = []string{engineio.Polling, engineio.WebSocket}
)

// faultCase is a fault of the network that lasts until the client has noticed, and
// a little longer.
type faultCase struct {
	name       string
	transports [][]string
	fault      faultproxy.Fault
	// cut: connections end when the fault begins.
	cut bool
	// survives: the client does not notice.
	survives bool
	// reasons are those that the client may give for the end.
	reasons []runtime.DisconnectReason
}

var faultCases = []faultCase{
	{"black hole", [][]string{byWebSocket, byPolling, byBoth}, faultproxy.Fault{BlackHole: true}, false, false,
		[]runtime.DisconnectReason{runtime.PingTimeout}},
	{"cut in a frame", [][]string{byWebSocket, byPolling, byBoth}, faultproxy.Fault{CutAfter: 2}, false, false,
		[]runtime.DisconnectReason{runtime.TransportClose, runtime.TransportError}},
	{"cut and refused", [][]string{byWebSocket, byPolling}, faultproxy.Fault{Refuse: true}, true, false,
		[]runtime.DisconnectReason{runtime.TransportClose, runtime.TransportError}},
	{"502 for polling", [][]string{byPolling, byBoth}, faultproxy.Fault{Polling: 502}, true, false,
		[]runtime.DisconnectReason{runtime.TransportClose, runtime.TransportError}},
	{"400 for WebSocket", [][]string{byWebSocket}, faultproxy.Fault{Upgrade: 400}, true, false,
		[]runtime.DisconnectReason{runtime.TransportClose, runtime.TransportError}},
	{"delay", [][]string{byWebSocket, byPolling, byBoth}, faultproxy.Fault{Delay: 10 * time.Millisecond}, false, true, nil},
}

func TestNetworkFaults(t *testing.T) {
	for _, kind := range servers {
		var log told
		p := faultServers(t, kind, processOptions{}, &log)
		for _, fc := range faultCases {
			for _, transports := range fc.transports {
				for _, retries := range []int{0, 1000} {
					t.Run(fmt.Sprintf("%s, %s, %s, %d retries", kind, fc.name, strings.Join(transports, "+"), retries), func(t *testing.T) {
						testFault(t, fc, p[fc.survives].url, &log, transports, retries)
					})
				}
			}
		}
	}
}

// testFault lets a client send while a fault lasts. Without retries nothing comes
// twice, and with them everything comes, in order.
func testFault(t *testing.T, fc faultCase, url string, log *told, transports []string, retries int) {
	t.Parallel()
	proxy := faultproxy.New(t, url)
	c := newClientAt(t, proxy.URL(), runtime.ClientOptions{
		Dial:              engineio.DialOptions{Transports: transports, CloseTimeout: 500 * time.Millisecond},
		Retries:           retries,
		AckTimeout:        10 * time.Second,
		AttemptTimeout:    faultAttempt,
		ReconnectionDelay: 5 * time.Millisecond, ReconnectionDelayMax: 20 * time.Millisecond,
	})
	down := make(chan runtime.DisconnectReason, 100)
	c.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) { down <- reason })
	c.connectInTime(t)
	mark := t.Name() + " "
	emitted := 0
	emit := func() {
		t.Helper()
		if err := c.emit("tell", mark+strconv.Itoa(emitted)); err != nil {
			t.Fatal(err)
		}
		emitted++
	}
	for range 20 {
		emit()
	}
	await(t, "the first events", func() bool { return len(log.with(mark)) == 20 })

	proxy.Set(fc.fault)
	if fc.cut {
		proxy.Cut()
	}
	began := time.Now()
	for noticed := fc.survives; !noticed; {
		emit()
		select {
		case reason := <-down:
			noticed = true
			if !slices.Contains(fc.reasons, reason) {
				t.Errorf("disconnected: %s, want one of %v", reason, fc.reasons)
			}
		case <-time.After(5 * time.Millisecond):
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Fatal("the client does not notice")
		}
	}
	if took := time.Since(began); took > faultInterval+faultTimeout+10*time.Second { // the rest is for a busy machine
		t.Errorf("noticed after %v", took)
	}
	for range 20 {
		emit()
		time.Sleep(time.Millisecond)
	}
	proxy.Set(faultproxy.Fault{})
	emit()
	last := strconv.Itoa(emitted - 1)
	await(t, "the last event", func() bool { return slices.Contains(log.with(mark), last) })
	if fc.survives && len(down) > 0 {
		t.Errorf("disconnected: %s", <-down)
	}
	got := log.with(mark)
	if retries > 0 || fc.survives {
		inOrder(t, got, emitted, fc.survives)
	} else {
		ascending(t, got)
	}
}

// ascending checks that nothing came twice or out of order.
func ascending(t *testing.T, got []string) {
	t.Helper()
	last := -1
	for _, text := range got {
		i, err := strconv.Atoi(text)
		if err != nil || i <= last {
			t.Fatalf("after event %d came %q", last, text)
		}
		last = i
	}
}

// A gateway that lets no WebSocket through does not hurt a connection on polling.
func TestUpgradesThatFail(t *testing.T) {
	for _, kind := range servers {
		var log told
		p := startServer(t, kind, processOptions{}, &log)
		for name, fault := range map[string]faultproxy.Fault{
			"refused":        {Upgrade: 400},
			"never answered": {HangUpgrade: true},
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				proxy := faultproxy.New(t, p.url)
				proxy.Set(fault)
				c := newClientAt(t, proxy.URL(), runtime.ClientOptions{Dial: engineio.DialOptions{
					Transports:     byBoth,
					UpgradeTimeout: 100 * time.Millisecond,
				}})
				down := make(chan runtime.DisconnectReason, 1)
				c.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) { down <- reason })
				c.connect(t)
				mark := t.Name() + " "
				for i := range 50 {
					if err := c.emit("tell", mark+strconv.Itoa(i)); err != nil {
						t.Fatal(err)
					}
					time.Sleep(5 * time.Millisecond)
				}
				await(t, "all events", func() bool { return len(log.with(mark)) >= 50 })
				inOrder(t, log.with(mark), 50, true)
				if len(down) > 0 {
					t.Errorf("disconnected: %s", <-down)
				}
			})
		}
	}
}

// Who leaves while the server can't be reached does not wait long, on any
// transport.
func TestLeavingAServerThatCannotBeReached(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{PingInterval: time.Second, PingTimeout: time.Second})
	for _, transports := range [][]string{byWebSocket, byPolling, byBoth} {
		t.Run(strings.Join(transports, "+"), func(t *testing.T) {
			proxy := faultproxy.New(t, s.url)
			c := newClientAt(t, proxy.URL(), runtime.ClientOptions{Dial: engineio.DialOptions{
				Transports:   transports,
				CloseTimeout: 50 * time.Millisecond,
			}})
			c.connect(t)
			proxy.Set(faultproxy.Fault{BlackHole: true})
			if err := c.emit("tell", "nobody"); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if err := c.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			if took := time.Since(start); took > runtime.CloseTimeout/2 {
				t.Errorf("Close took %v", took)
			}
		})
	}
}
