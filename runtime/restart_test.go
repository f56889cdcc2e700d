package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/engineio"
)

// inOrder checks that each of n numbered events came, for the first time in the
// order of their numbers, and at most once if once is set.
func inOrder(t *testing.T, got []string, n int, once bool) {
	t.Helper()
	next := 0
	for _, text := range got {
		i, err := strconv.Atoi(text)
		switch {
		case err != nil || i > next:
			t.Fatalf("after event %d came %q:\n%s", next-1, text, strings.Join(got, " "))
		case i < next && once:
			t.Fatalf("event %d came twice:\n%s", i, strings.Join(got, " "))
		case i == next:
			next++
		}
	}
	if next != n {
		t.Fatalf("%d events came, want %d", next, n)
	}
}

// await waits until ok reports true.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestServerIsKilledAndStartedAgain(t *testing.T) {
	for _, kind := range servers {
		for name, o := range map[string]processOptions{
			"plain":    {},
			"auth":     {Token: "secret"},
			"recovery": {Recovery: true},
			"msgpack":  {Msgpack: true},
		} {
			for _, transports := range [][]string{{engineio.WebSocket}, {engineio.Polling}} {
				for _, retries := range []int{0, 1000} {
					t.Run(fmt.Sprintf("%s %s, %s, %d retries", kind, name, transports[0], retries), func(t *testing.T) {
						testRestart(t, kind, o, transports, retries)
					})
				}
			}
		}
	}
}

// testRestart kills a server while the client sends, and starts another on its
// port. With retries everything arrives; without them what is emitted while the
// client knows that it is not connected, once.
func testRestart(t *testing.T, kind string, o processOptions, transports []string, retries int) {
	t.Parallel()
	const n = 150
	var log told
	p := startServer(t, kind, o, &log)
	c := newClientAt(t, p.url, runtime.ClientOptions{
		Dial:              engineio.DialOptions{Transports: transports},
		Parser:            o.parser(),
		Retries:           retries,
		AckTimeout:        10 * time.Second,
		ReconnectionDelay: 5 * time.Millisecond, ReconnectionDelayMax: 20 * time.Millisecond,
	})
	var tokens atomic.Int32
	runtime.ClientAuth(c.Client, func(context.Context) (string, error) { tokens.Add(1); return "secret", nil },
		func(enc *codec.Encoder, token string) {
			enc.BeginObject()
			enc.Field("token").String(token)
			enc.EndObject()
		})
	said := make(chan string, 10)
	c.AsListener().On("said", onString(func(_ context.Context, text string) error { said <- text; return nil }))
	down := make(chan runtime.DisconnectReason, 10)
	c.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) { down <- reason })
	back := make(chan int, 10)
	c.OnReconnect(func(_ context.Context, attempt int) { back <- attempt })
	c.connect(t)

	emit := func(from, to int) {
		t.Helper()
		for i := from; i < to; i++ {
			if err := c.emit("tell", "mark "+strconv.Itoa(i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	emitted := 0
	if retries > 0 {
		emit(0, n/3)
		await(t, "some events", func() bool { return len(log.with("mark ")) > n/10 })
		emit(n/3, 2*n/3) // under way when the server dies
		emitted = 2 * n / 3
	}
	p.kill()
	if reason := wait(t, down, "disconnection"); reason != runtime.TransportClose && reason != runtime.TransportError {
		t.Errorf("disconnected: %s", reason)
	}
	emit(emitted, n)
	o.Port = p.port
	startServer(t, kind, o, &log)
	wait(t, back, "reconnection")
	await(t, "the last event", func() bool { return slices.Contains(log.with("mark "), strconv.Itoa(n-1)) })
	inOrder(t, log.with("mark "), n, retries == 0)
	if c.Recovered() {
		t.Error("recovered from a server that knows nothing")
	}

	if err := c.emit("say", "hello"); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, said, "an event, by a handler that was set before"); got != "hello" {
		t.Errorf("said %q", got)
	}
	if answer, err := ask(testContext(t), c, "ask", "x"); err != nil || answer != "re: x" {
		t.Errorf("ask: %q, %v", answer, err)
	}
	if o.Token != "" && tokens.Load() < 2 {
		t.Errorf("asked for auth %d times", tokens.Load())
	}
}

// What the client does with npm's server and with ours is the same.
func TestClientOfEitherServer(t *testing.T) {
	for _, kind := range servers {
		for _, msgpack := range []bool{false, true} {
			var log told
			po := processOptions{Token: "secret", PingInterval: 200, PingTimeout: 5000, Msgpack: msgpack}
			p := startServer(t, kind, po, &log)
			for _, transports := range [][]string{byWebSocket, byPolling, byBoth} {
				t.Run(fmt.Sprintf("%s, %s, %s", kind, po.parser(), strings.Join(transports, "+")), func(t *testing.T) {
					testEitherServer(t, p, &log, runtime.ClientOptions{
						Dial:   engineio.DialOptions{Transports: transports},
						Parser: po.parser(),
					})
				})
			}
		}
	}
}

func testEitherServer(t *testing.T, p *process, log *told, o runtime.ClientOptions) {
	t.Parallel()
	c := newClientAt(t, p.url, o)
	c.authenticate("wrong")
	failed := make(chan error, 1)
	c.OnConnectError(func(_ context.Context, err error) { failed <- err })
	for _, err := range []error{c.Connect(testContext(t)), wait(t, failed, "connect_error")} {
		refused, ok := errors.AsType[*runtime.RefusedError](err)
		if !ok || refused.Message != "no" || string(refused.Data.Raw()) != `{"code":401}` {
			t.Errorf("refused: %v", err)
		}
	}
	if c.Active() {
		t.Error("active after a refusal")
	}
	c.authenticate("secret")
	c.AsListener().On("question", onAsk(func(_ context.Context, text string) (string, error) { return text + " not", nil }))
	down := make(chan runtime.DisconnectReason, 2)
	c.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) { down <- reason })
	c.connect(t)
	if answer, err := ask(testContext(t), c, "ask me"); err != nil || answer != "why not" {
		t.Errorf("the server asks the client: %q, %v", answer, err)
	}
	mark := strings.Join(o.Dial.Transports, "") + " "
	data := codec.NewEvent(`["tell bytes"`)
	data.Elem().Bytes([]byte(mark + "bytes"))
	if err := c.Send(data); err != nil {
		t.Fatal(err)
	}
	await(t, "binary", func() bool { return slices.Equal(log.with(mark), []string{"bytes"}) })
	time.Sleep(500 * time.Millisecond) // some heartbeats
	if answer, err := ask(testContext(t), c, "ask", "later"); err != nil || answer != "re: later" {
		t.Errorf("ask: %q, %v", answer, err)
	}
	if err := c.emit("go away"); err != nil {
		t.Fatal(err)
	}
	if reason := wait(t, down, "disconnection"); reason != runtime.IOServerDisconnect || c.Active() {
		t.Errorf("disconnected: %s, active %v", reason, c.Active())
	}
	c.connect(t)
	if err := c.Disconnect(); err != nil {
		t.Fatal(err)
	}
	if reason := wait(t, down, "disconnection"); reason != runtime.IOClientDisconnect {
		t.Errorf("disconnected: %s", reason)
	}
}
