package socketio

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

func TestAuthThatFailsWhileReconnectingIsAskedForAgain(t *testing.T) {
	s := newTestServer(t, Options{})
	s.serve("/", &app{})
	p := newProxy(t, s.url)
	c := newTestClient(t, p.url(), quick)
	asked := 0
	u := join(t, c, "/", &user{auth: func(context.Context) ([]byte, error) {
		if asked++; asked == 2 || asked == 3 {
			return nil, errors.New("the token server is away")
		}
		return nil, nil
	}})
	u.mustConnect(t)
	p.cut()
	u.wantLog(t, "disconnected: transport close", "reconnecting: 1", "connect error", "connect error", "connected")
}

// slowly is a namespace that decides when it is told to.
func slowly() (a *app, entered chan struct{}, release chan struct{}) {
	entered, release = make(chan struct{}, 10), make(chan struct{})
	return &app{event: echo, connect: func(ctx context.Context, _ driver.Socket) error {
		entered <- struct{}{}
		select {
		case <-release:
		case <-ctx.Done():
		}
		return nil
	}}, entered, release
}

func TestAnswerThatNobodyWaitsForAnyMoreIsDeclined(t *testing.T) {
	s := newTestServer(t, Options{})
	s.serve("/", &app{event: echo})
	slow, entered, release := slowly()
	s.serve("/slow", slow)
	c := newTestClient(t, s.url, quick)
	u := join(t, c, "/", &user{})
	u.mustConnect(t)
	v := join(t, c, "/slow", &user{})
	ctx, cancel := context.WithCancel(context.Background())
	failed := make(chan error, 1)
	go func() { failed <- v.Connect(ctx) }()
	receive(t, entered, "the middleware")
	cancel()
	if err := receive(t, failed, "Connect"); !errors.Is(err, context.Canceled) {
		t.Errorf("Connect: %v, want %v", err, context.Canceled)
	}
	close(release)
	slow.member(t, 0).wantLog(t, "connected", "disconnected: client namespace disconnect [own]")
	want(t, "calls", len(v.log), 0)
	want(t, "the other namespace is connected", u.Connected(), true)
}

func TestConnectAgainWhileTheServerStillDecides(t *testing.T) {
	s := newTestServer(t, Options{})
	s.serve("/", &app{})
	slow, entered, release := slowly()
	s.serve("/slow", slow)
	c := newTestClient(t, s.url, quick)
	join(t, c, "/", &user{}).mustConnect(t)
	v := join(t, c, "/slow", &user{})
	for range 2 {
		go func() { _ = v.Connect(context.Background()) }()
	}
	receive(t, entered, "the middleware")
	if err := v.Disconnect(); err != nil {
		t.Fatal(err)
	}
	joined := make(chan error, 1)
	go func() { joined <- v.Connect(context.Background()) }()
	eventually(t, "the namespace to be wanted", func() bool { wanted, _ := v.ClientSocket.(*clientSocket).wants(); return wanted })
	close(release)
	if err := receive(t, joined, "Connect"); err != nil {
		t.Fatal(err)
	}
	v.wantLog(t, "connected")
	if err := v.Emit(event(`["alive"]`), driver.Flags{}); err != nil {
		t.Fatal(err)
	}
	v.wantLog(t, `alive ["alive"]`)
	want(t, "times that the server was asked", len(entered), 0)
}

func TestServerThatAnswersNoMoreIsGivenUpOn(t *testing.T) {
	var stuck chan struct{}
	a := &app{connect: func(ctx context.Context, _ driver.Socket) error {
		if stuck == nil { // the first
			return nil
		}
		select {
		case <-stuck:
		case <-ctx.Done():
		}
		return nil
	}}
	o := quick
	o.AttemptTimeout = time.Second
	inABubble(t, a, o, func(t *testing.T, u *user, network *pipes) {
		stuck = make(chan struct{})
		network.cut()
		u.wantLog(t, "disconnected: transport close", "reconnecting: 1", "connect error", "reconnecting: 1")
		close(stuck)
		eventually(t, "the client to be connected", u.Connected)
	})
}

func TestSecondAnswerSaysWhich(t *testing.T) {
	want(t, "error", (&AckError{ID: 7}).Error(), "acknowledgement 7 is not owed, or was given before")
}
