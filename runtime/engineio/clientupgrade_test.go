package engineio

import (
	"fmt"

	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxzan/gws"
)

var byUpgrade = DialOptions{Transports: []string{Polling, WebSocket}}

// TestClientUpgradesUnderTraffic upgrades while both sides send: nothing is
// lost, doubled or out of order.
func TestClientUpgradesUnderTraffic(t *testing.T) {
	const messages = 150
	sessions := 60
	if raceDetector {
		sessions = 20
	}
	h := newHarness(t, ServerOptions{})
	for i := range sessions {
		client, server := h.connect(t, byUpgrade)
		var all sync.WaitGroup
		for _, way := range []struct{ from, to *recorder }{{client, server}, {server, client}} {
			all.Go(func() {
				for n := range messages {
					var binary [][]byte
					if n%3 == 0 {
						binary = [][]byte{fmt.Append(nil, n), {1}}
					}
					if err := way.from.conn.Send(fmt.Append(nil, n), binary, Flags{}); err != nil {
						t.Errorf("%d: %v", n, err)
						return
					}
					if n%8 == i%8 {
						time.Sleep(time.Millisecond)
					}
				}
			})
			all.Go(func() { wantNumbers(t, way.to, messages) })
		}
		all.Wait()
		if t.Failed() {
			return
		}
		eventually(t, "the upgrade", func() bool { return client.conn.Transport() == WebSocket })
	}
}

// wantNumbers wants messages with the numbers from 0, every third with two
// binary ones.
func wantNumbers(t *testing.T, r *recorder, messages int) {
	for n := range messages {
		texts := []string{fmt.Sprint(n)}
		if n%3 == 0 {
			texts = append(texts, fmt.Sprint("b:", n), "b:\x01")
		}
		for _, text := range texts {
			select {
			case got := <-r.messages:
				if got != text {
					t.Errorf("got %q, want %q", got, text)
					return
				}
			case <-time.After(patience):
				t.Errorf("no %q", text)
				return
			}
		}
	}
}

// upgradeServer serves polling, and WebSockets as a test says.
func upgradeServer(t *testing.T, h *harness, onWebSocket http.HandlerFunc) string {
	return fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
		if isWebSocketRequest(r) {
			onWebSocket(w, r)
		} else {
			h.ServeHTTP(w, r)
		}
	})
}

// saying accepts WebSockets, and answers what comes with texts, in order; then
// it closes.
type saying struct {
	gws.BuiltinEventHandler
	texts chan string
}

func (s saying) OnMessage(conn *gws.Conn, _ *gws.Message) {
	select {
	case text := <-s.texts:
		_ = conn.WriteString(text)
	default:
		_ = conn.WriteClose(1000, nil)
	}
}

func sayingServer(texts ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := saying{texts: make(chan string, len(texts))}
		for _, text := range texts {
			s.texts <- text
		}
		conn, err := gws.NewUpgrader(s, nil).Upgrade(w, r)
		if err == nil {
			conn.ReadLoop()
		}
	}
}

func TestFailedUpgradeLeavesPollingAsItIs(t *testing.T) {
	for _, test := range []struct {
		name        string
		onWebSocket http.HandlerFunc
	}{
		{"refused", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }},
		{"never answered", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"cut off", func(w http.ResponseWriter, _ *http.Request) {
			if nc, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = nc.Close()
			}
		}},
		{"closed instead of an answer", sayingServer()},
		{"another answer", sayingServer("3")},
		{"a message instead of an answer", sayingServer("4x")},
		{"garbage", sayingServer("garbage")},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked := make(chan struct{}, 1)
			h := newHarness(t, ServerOptions{}, echoing)
			url := upgradeServer(t, h, func(w http.ResponseWriter, r *http.Request) {
				test.onWebSocket(w, r)
				asked <- struct{}{}
			})
			o := byUpgrade
			o.UpgradeTimeout = patience
			if test.name == "never answered" {
				o.UpgradeTimeout = 100 * time.Millisecond
			}
			client := dialTo(t, url, o)
			for i := range 20 {
				want(t, client.conn.Send(fmt.Append(nil, i), nil, Flags{}), nil)
			}
			for i := range 20 {
				want(t, client.next(t), fmt.Sprint(i))
			}
			receive(t, client.conn.poll.client.probed, "end of the upgrade")
			if test.name != "never answered" { // for which the time may be over before it was asked
				receive(t, asked, "end of the WebSocket")
			}
			want(t, client.conn.Send([]byte("still"), nil, Flags{}), nil)
			want(t, client.next(t), "still")
			want(t, client.conn.Transport(), Polling)
		})
	}
}

// TestUpgradeIsGivenUpWhenNoPollIsReleased: the probe is answered, but not by
// the session's server.
func TestUpgradeIsGivenUpWhenNoPollIsReleased(t *testing.T) {
	h := newHarness(t, ServerOptions{}, echoing)
	polling := make(chan struct{})
	fake := sayingServer("3probe")
	url := upgradeServer(t, h, func(w http.ResponseWriter, r *http.Request) {
		<-polling
		fake(w, r)
	})
	o := byUpgrade
	o.UpgradeTimeout = 100 * time.Millisecond
	client := dialTo(t, url, o)
	server := h.conn(t).conn
	eventually(t, "a poll is open", func() bool {
		server.mu.Lock()
		defer server.mu.Unlock()
		return server.poll.polling
	})
	close(polling)
	p := client.conn.poll.client
	receive(t, p.probed, "end of the upgrade")
	want(t, client.conn.Send([]byte("still"), nil, Flags{}), nil)
	want(t, client.next(t), "still")
	want(t, client.conn.Transport(), Polling)
}

func TestClientUpgradesOnlyWhereBothWantIt(t *testing.T) {
	for _, test := range []struct {
		name   string
		server ServerOptions
		client DialOptions
	}{
		{"the server doesn't", ServerOptions{DisableUpgrades: true}, byUpgrade},
		{"the client doesn't", ServerOptions{}, DialOptions{Transports: byUpgrade.Transports, DisableUpgrades: true}},
		{"the client has no WebSocket", ServerOptions{}, byPolling},
		{"the client has given WebSocket up", ServerOptions{}, DialOptions{Transports: []string{WebSocket, Polling}, TryAllTransports: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t, test.server, echoing)
			refused := false
			url := upgradeServer(t, h, func(w http.ResponseWriter, _ *http.Request) {
				refused = true
				w.WriteHeader(http.StatusBadGateway)
			})
			client := dialTo(t, url, test.client)
			want(t, client.conn.Send([]byte("x"), nil, Flags{}), nil)
			want(t, client.next(t), "x")
			receive(t, client.conn.poll.client.probed, "decision")
			want(t, client.conn.Transport(), Polling)
			want(t, refused, test.client.TryAllTransports)
		})
	}
}

func TestCloseDuringAClientsUpgrade(t *testing.T) {
	for name, end := range map[string]func(c *Conn){
		"Close": func(c *Conn) { c.Close("client's reason") },
		"Abort": func(c *Conn) { c.Abort("client's reason") },
	} {
		for _, delay := range []time.Duration{0, time.Millisecond, 3 * time.Millisecond} {
			t.Run(fmt.Sprint(name, " after ", delay), func(t *testing.T) {
				h := newHarness(t, ServerOptions{})
				for range 10 {
					client, server := h.connect(t, byUpgrade)
					_ = client.conn.Send([]byte("last words"), nil, Flags{})
					time.Sleep(delay)
					end(client.conn)
					client.wantClosed(t, "client's reason")
					receive(t, client.conn.Done(), "end of client")
					receive(t, server.closed, "end of server")
					if name == "Close" {
						want(t, server.next(t), "last words")
					}
				}
			})
		}
	}
}

// TestCloseDoesNotWaitForAnUpgrade, which waits for the end of a poll.
func TestCloseDoesNotWaitForAnUpgrade(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	polling := make(chan struct{})
	url := fakeServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case isWebSocketRequest(r):
			<-polling
		case r.Method == http.MethodGet && r.URL.Query().Has("sid"):
			close(polling)
			<-r.Context().Done() // the poll does not end
			return
		}
		h.ServeHTTP(w, r)
	})
	o := byUpgrade
	o.UpgradeTimeout, o.CloseTimeout = 2*patience, 2*patience
	client := dialTo(t, url, o)
	p := client.conn.poll.client
	eventually(t, "polling pauses", func() bool {
		client.conn.mu.Lock()
		defer client.conn.mu.Unlock()
		return p.pausing
	})
	client.conn.Close("client's reason")
	client.wantClosed(t, "client's reason")
	receive(t, client.conn.Done(), "end of client")
	h.conn(t).wantClosed(t, ReasonTransportClose)
}

func TestServerThatClosesDuringAClientsUpgrade(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	for i := range 30 {
		client, server := h.connect(t, byUpgrade)
		_ = server.conn.Send([]byte("last words"), nil, Flags{})
		time.Sleep(time.Duration(i%4) * time.Millisecond)
		server.conn.Close("forced server close")
		want(t, client.next(t), "last words")
		receive(t, client.closed, "end of client")
		receive(t, server.closed, "end of server")
		receive(t, client.conn.Done(), "end of client")
	}
}

func TestUpgradeWaitsForWhatIsUnderWay(t *testing.T) {
	for name, messages := range map[string][]string{
		"nothing queued":  {},
		"several":         {"0", "1", "2", "3", "4"},
		"all that it may": {strings.Repeat("an empty queue takes one message of any size", 100)},
	} {
		t.Run(name, func(t *testing.T) { testUpgradeWaits(t, messages) })
	}
}

func testUpgradeWaits(t *testing.T, messages []string) {
	holding, release := make(chan struct{}), make(chan struct{})
	h := newHarness(t, ServerOptions{}, func(r *recorder) {
		r.onMessage = func(_ *Conn, data []byte, _ bool) {
			if string(data) == "hold" {
				close(holding)
				<-release
			}
		}
	})
	probing := make(chan struct{})
	url := upgradeServer(t, h, func(w http.ResponseWriter, r *http.Request) {
		<-probing
		h.ServeHTTP(w, r)
	})
	o := byUpgrade
	o.MaxQueue = 1000
	client := dialTo(t, url, o)
	server := h.conn(t)
	want(t, client.conn.Send([]byte("hold"), nil, Flags{}), nil)
	receive(t, holding, "POST that is under way")
	close(probing)
	p := client.conn.poll.client
	eventually(t, "polling pauses", func() bool {
		client.conn.mu.Lock()
		defer client.conn.mu.Unlock()
		return p.pausing
	})
	for _, text := range messages {
		want(t, client.conn.Send([]byte(text), [][]byte{{'x'}}, Flags{}), nil)
	}
	want(t, client.conn.Transport(), Polling)
	close(release)
	want(t, server.next(t), "hold")
	for _, text := range messages {
		want(t, server.next(t) == text, true)
		want(t, server.next(t), "b:x")
	}
	eventually(t, "the upgrade", func() bool { return client.conn.Transport() == WebSocket })
}

func TestOfficialServer(t *testing.T) {
	url := officialServer(t, `{"pingInterval": 100, "pingTimeout": 5000, "maxHttpBufferSize": 100000}`)
	eachTransport(t, func(t *testing.T, transports []string) {
		client := dialTo(t, url, DialOptions{Transports: transports})
		long := strings.Repeat("€ŝ𝄞", 2000)
		const messages = 300
		for n := range messages {
			var binary [][]byte
			if n%3 == 0 {
				binary = [][]byte{fmt.Append(nil, n), {1}}
			}
			want(t, client.conn.Send(fmt.Append(nil, n), binary, Flags{}), nil)
		}
		wantNumbers(t, client, messages)
		last := transports[len(transports)-1]
		eventually(t, "the client is on "+last, func() bool { return client.conn.Transport() == last })
		want(t, client.conn.Send([]byte(long), nil, Flags{}), nil)
		want(t, client.next(t) == long, true)
		time.Sleep(300 * time.Millisecond) // some pings
		want(t, client.conn.Send([]byte("close me"), nil, Flags{}), nil)
		client.wantClosed(t, ReasonTransportClose)
		receive(t, client.conn.Done(), "end")

		client = dialTo(t, url, DialOptions{Transports: transports})
		client.conn.Close("io client disconnect")
		client.wantClosed(t, "io client disconnect")
	})
}

// TestThousandConnects connects one after the other: none fails.
func TestThousandConnects(t *testing.T) {
	n := 1000
	if raceDetector || testing.Short() {
		n = 100
	}
	h := newHarness(t, ServerOptions{}, echoing)
	for _, peer := range []struct {
		name string
		url  func(t *testing.T) string
	}{
		{"own server", func(*testing.T) string { return h.http.URL }},
		{"official server", func(t *testing.T) string { return officialServer(t, "{}") }},
	} {
		t.Run(peer.name, func(t *testing.T) {
			url := peer.url(t)
			eachTransport(t, func(t *testing.T, transports []string) {
				for i := range n {
					connectOnce(t, url, transports, i)
				}
			})
		})
	}
}

// connectOnce connects, has a message echoed, and closes.
func connectOnce(t *testing.T, url string, transports []string, i int) {
	client := newClientRecorder()
	c, err := Dial(t.Context(), url, DialOptions{Transports: transports}, client.handler)
	if err != nil {
		t.Fatalf("connect %d: %v", i, err)
	}
	want(t, c.Send([]byte("hello"), nil, Flags{}), nil)
	want(t, client.next(t), "hello")
	c.Close("io client disconnect")
	client.wantClosed(t, "io client disconnect")
	receive(t, c.Done(), "end")
}

func TestIdleClientsOnWebSocketKeepOneGoroutine(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	client, server := h.connect(t, byUpgrade)
	eventually(t, "the upgrade", func() bool {
		return client.conn.Transport() == WebSocket && server.conn.Transport() == WebSocket
	})
	p := client.conn.poll.client
	receive(t, p.polled, "end of polling")
	p.helpers.Wait()
	select {
	case <-p.probed:
		t.Error("the WebSocket's reader has ended")
	default:
	}
}
