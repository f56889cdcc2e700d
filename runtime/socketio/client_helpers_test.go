package socketio

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

// user is a namespace of a client and notes what its handler is called for.
type user struct {
	driver.ClientSocket
	auth func(context.Context) ([]byte, error)
	// event, unless nil, is called for each event.
	event func(u *user, e driver.Event)
	log   chan string
}

// userHandler is how the client reaches a user.
type userHandler struct{ *user }

func (u userHandler) Auth(ctx context.Context) ([]byte, error) {
	if u.auth == nil {
		return nil, nil
	}
	return u.auth(ctx)
}
func (u userHandler) Connected(bool) { u.log <- "connected" }
func (u userHandler) Event(e driver.Event) {
	u.log <- describe(e)
	if u.event != nil {
		u.event(u.user, e)
	}
}
func (u userHandler) Disconnected(reason string) { u.log <- "disconnected: " + reason }
func (u userHandler) ConnectError(err error) {
	var refused *driver.RefusedError
	if errors.As(err, &refused) {
		u.log <- fmt.Sprintf("refused: %s %s", refused.Message, refused.Data)
		return
	}
	u.log <- "connect error"
}
func (u userHandler) Reconnecting(n int) { u.log <- fmt.Sprintf("reconnecting: %d", n) }
func (u userHandler) ReconnectFailed()   { u.log <- "reconnect failed" }

func (u *user) wantLog(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		want(t, "call", receive(t, u.log, line), line)
	}
}

func newTestClient(t *testing.T, url string, o ClientOptions) *Client {
	t.Helper()
	o.Logger = slog.New(slog.DiscardHandler)
	c, err := NewClient(url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return c
}

func join(t *testing.T, c *Client, name string, u *user) *user {
	t.Helper()
	u.log = make(chan string, 10_000)
	s, err := c.Namespace(name, userHandler{u})
	if err != nil {
		t.Fatal(err)
	}
	u.ClientSocket = s
	return u
}

func (u *user) mustConnect(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if err := u.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	u.wantLog(t, "connected")
}

// quick makes a client reconnect without the wait that real ones need.
var quick = ClientOptions{ReconnectionDelay: time.Millisecond, ReconnectionDelayMax: 5 * time.Millisecond}
