package socketio

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/siogen/siogen/runtime/driver"
)

// npm's client sends CONNECT twice when told to connect twice; the second may come
// just as the first is refused.
func TestConnectWhileTheOneBeforeIsRefused(t *testing.T) {
	const rounds = 2000
	s := newTestServer(t, Options{})
	s.serve("/", &app{event: echo})
	s.serve("/no", &app{connect: func(context.Context, driver.Socket) error { return errors.New("no") }})
	c := dialRaw(t, s)
	c.join("/")
	for range rounds {
		c.send("0/no,", "0/no,")
	}
	c.send(`2["alive"]`)
	refusals := 0
	for {
		f := receive(t, c.frames, "a frame: the connection must stay")
		if f == `42["alive"]` {
			break
		}
		if !strings.HasPrefix(f, `44/no,{"message":"no"}`) {
			t.Fatalf("got %s", f)
		}
		refusals++
	}
	if refusals == 0 {
		t.Error("never refused")
	}
}
