package socketio

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

func TestClientReconnectsAndSendsWhatWasHeld(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{event: func(s driver.Socket, e driver.Event) {
		if e.AckID != driver.NoAck {
			_ = s.Ack(e.AckID, event(`["answer"]`))
		}
	}}
	s.serve("/", a)
	p := newProxy(t, s.url)
	c := newTestClient(t, p.url(), quick)
	attempt := 0
	u := join(t, c, "/", &user{auth: func(context.Context) ([]byte, error) {
		attempt++
		return fmt.Appendf(nil, `{"attempt":%d}`, attempt), nil
	}})
	if err := u.Emit(event(`["before"]`), driver.Flags{}); err != nil {
		t.Fatal(err)
	}
	u.mustConnect(t)
	a.member(t, 0).wantLog(t, "connected", `before ["before"]`)

	p.to("")
	p.cut()
	u.wantLog(t, "disconnected: transport close", "reconnecting: 1", "connect error", "reconnecting: 2")
	var sent []string
	for i := range 100 {
		if err := u.Emit(event(fmt.Sprintf(`["held",%d]`, i)), driver.Flags{}); err != nil {
			t.Fatal(err)
		}
		sent = append(sent, fmt.Sprintf(`held ["held",%d]`, i))
	}
	if err := u.Emit(event(`["volatile"]`), driver.Flags{Volatile: true}); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("volatile Emit: %v, want %v", err, driver.ErrClosed)
	}
	got := make(answers, 2)
	cancelled, _ := u.EmitAck(event(`["cancelled"]`), driver.Flags{}, got)
	if _, err := u.EmitAck(event(`["acked"]`), driver.Flags{}, got); err != nil {
		t.Fatal(err)
	}
	if !u.CancelAck(cancelled) {
		t.Error("CancelAck of a held event: false")
	}
	p.to(s.url)
	m := a.member(t, 1)
	m.wantLog(t, append(append([]string{"connected"}, sent...), `acked ["acked"] ?`)...)
	want(t, "answer", receive(t, got, "it"), `["answer"]`)
	want(t, "auth", string(m.Handshake().Auth), `{"attempt":2}`)
	eventually(t, "the client to be connected", u.Connected)
	want(t, "id", u.ID(), m.ID())
}

func TestAcknowledgementsFailWhenTheConnectionIsLost(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{}
	s.serve("/", a)
	p := newProxy(t, s.url)
	c := newTestClient(t, p.url(), quick)
	asked := make(chan int64, 1)
	u := join(t, c, "/", &user{event: func(_ *user, e driver.Event) { asked <- e.AckID }})
	u.mustConnect(t)
	got := make(answers, 2)
	if _, err := u.EmitAck(event(`["q"]`), driver.Flags{}, got); err != nil {
		t.Fatal(err)
	}
	m := a.member(t, 0)
	m.wantLog(t, "connected", `q ["q"] ?`)
	if _, err := m.EmitAck(event(`["q"]`), driver.Flags{}, make(answers, 1)); err != nil {
		t.Fatal(err)
	}
	id := receive(t, asked, "the event")
	p.cut()
	if got := receive(t, got, "the error"); !strings.HasPrefix(got, "error: ") {
		t.Errorf("answer: %s, want an error", got)
	}
	eventually(t, "the client to be back", u.Connected)
	if err := u.Ack(id, event(`[]`)); !errors.As(err, new(*AckError)) {
		t.Errorf("answer to an event of a lost connection: %v, want an *AckError", err)
	}
}

func TestAttemptsAreUsedUp(t *testing.T) {
	s := newTestServer(t, Options{})
	s.serve("/", &app{})
	p := newProxy(t, s.url)
	o := quick
	o.ReconnectionAttempts = 2
	c := newTestClient(t, p.url(), o)
	u := join(t, c, "/", &user{})
	u.mustConnect(t)
	p.to("")
	p.cut()
	u.wantLog(t, "disconnected: transport close", "reconnecting: 1", "connect error", "reconnecting: 2", "connect error", "reconnect failed")
	if err := u.Emit(event(`["x"]`), driver.Flags{}); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("Emit: %v, want %v", err, driver.ErrClosed)
	}
	p.to(s.url)
	u.mustConnect(t)
}

func TestClientWithoutReconnection(t *testing.T) {
	s := newTestServer(t, Options{})
	s.serve("/", &app{})
	p := newProxy(t, s.url)
	c := newTestClient(t, p.url(), ClientOptions{NoReconnection: true})
	u := join(t, c, "/", &user{})
	u.mustConnect(t)
	p.cut()
	u.wantLog(t, "disconnected: transport close")
	if err := u.Emit(event(`["x"]`), driver.Flags{}); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("Emit: %v, want %v", err, driver.ErrClosed)
	}
	u.mustConnect(t)
}

func TestWhatIsHeldIsLimited(t *testing.T) {
	c := newTestClient(t, "http://127.0.0.1:1", ClientOptions{MaxBuffer: 1000})
	u := join(t, c, "/", &user{})
	big := event(`["x",{"_placeholder":true,"num":0}]`, strings.Repeat("x", 500))
	if err := u.Emit(big, driver.Flags{}); err != nil {
		t.Fatal(err)
	}
	if err := u.Emit(big, driver.Flags{}); !errors.Is(err, driver.ErrQueueFull) {
		t.Errorf("Emit: %v, want %v", err, driver.ErrQueueFull)
	}
	if _, err := u.EmitAck(big, driver.Flags{}, make(answers, 1)); !errors.Is(err, driver.ErrQueueFull) {
		t.Errorf("EmitAck: %v, want %v", err, driver.ErrQueueFull)
	}
}

func TestDelaysBetweenAttempts(t *testing.T) {
	o := ClientOptions{}.withDefaults()
	steady := ClientOptions{RandomizationFactor: -1}.withDefaults()
	for n, want := range []time.Duration{1: 1, 2: 2, 3: 4, 4: 5, 5: 5, 100: 5} {
		if n == 0 || want == 0 {
			continue
		}
		want *= time.Second
		if got := steady.delay(n); got != want {
			t.Errorf("without jitter: attempt %d after %v, want %v", n, got, want)
		}
		for range 100 {
			if got := o.delay(n); got < want/2 || got > min(want*3/2, 5*time.Second) {
				t.Fatalf("attempt %d after %v, want %v and up to half of it more or less, at most 5 s", n, got, want)
			}
		}
	}
}

func TestClientUnderManyCuts(t *testing.T) {
	s := newTestServer(t, Options{})
	a := &app{event: echo}
	s.serve("/", a)
	s.serve("/admin", a)
	p := newProxy(t, s.url)
	c := newTestClient(t, p.url(), quick)
	u := join(t, c, "/", &user{})
	v := join(t, c, "/admin", &user{})
	u.mustConnect(t)
	stop := make(chan struct{})
	var busy sync.WaitGroup
	got := make(answers, 100_000)
	asked := 0
	busy.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
			}
			_ = u.Emit(event(`["x"]`), driver.Flags{})
			if _, err := u.EmitAck(event(`["y"]`), driver.Flags{}, got); err == nil {
				asked++
			}
		}
	})
	busy.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Millisecond)
			_ = v.Connect(ctx)
			cancel()
			v.Disconnect()
		}
	})
	for range 50 {
		time.Sleep(5 * time.Millisecond)
		p.cut()
	}
	close(stop)
	busy.Wait()
	eventually(t, "the client to be connected", u.Connected)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, "acknowledgements that got an answer or an error", len(got), asked)
	state := ""
	for len(u.log) > 0 {
		call, _, _ := strings.Cut(<-u.log, ":")
		if call == "connected" || call == "disconnected" {
			if call == state {
				t.Fatalf("%s twice in a row", call)
			}
			state = call
		}
	}
	want(t, "last call", state, "disconnected")
}
