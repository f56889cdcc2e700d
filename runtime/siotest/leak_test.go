package siotest_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
	"github.com/siogen/siogen/runtime/siotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Outside of bubbles, too, nothing is left of a test when it has ended: neither of
// clients that are connected nor of those that have lost their connection, nor of
// handlers that are still running.
func TestNothingIsLeftOutsideOfABubble(t *testing.T) {
	for name, list := range transports {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			t.Run("", func(t *testing.T) {
				s := siotest.NewServer(t, runtime.ServerOptions{})
				handling := make(chan struct{})
				chatio.NewServer(s.Server).OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
					s.OnHello(func(ctx context.Context) error {
						close(handling)
						<-ctx.Done()
						return nil
					})
					return nil
				})
				o := runtime.ClientOptions{Dial: engineio.DialOptions{Transports: list}}
				for range 3 {
					c := newClient(s, o)
					if err := c.Connect(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				s.Cut()
				c := newClient(s, o)
				if err := c.Connect(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := c.EmitHello(); err != nil {
					t.Fatal(err)
				}
				<-handling
				s.Down(true)
				s.Stall(true)
			})
		})
	}
}

// What the runtime keeps for its next use, such as buffers, is shared by bubbles and
// what runs outside of them.
func TestBubblesBesideEachOther(t *testing.T) {
	for i := range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			if i%2 == 0 {
				synctest.Test(t, exchange)
			} else {
				exchange(t)
			}
		})
	}
}

// exchange has events go back and forth over each transport.
func exchange(t *testing.T) {
	s := siotest.NewServer(t, runtime.ServerOptions{PerMessageDeflate: true, CompressionThreshold: 1})
	chatio.NewServer(s.Server).OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
		s.OnChatMessage(func(_ context.Context, _ chatio.Room, text string) (string, error) { return text, nil })
		return nil
	})
	for _, list := range transports {
		c := newClient(s, runtime.ClientOptions{Dial: engineio.DialOptions{
			Transports: list, PerMessageDeflate: true, CompressionThreshold: 1,
		}})
		if err := c.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 50 {
			if _, err := c.EmitChatMessage(t.Context(), "lobby", "text"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// An http.Client of the test's own gets at the server as well.
func TestPlainRequests(t *testing.T) {
	s := siotest.NewServer(t, runtime.ServerOptions{})
	transport := &http.Transport{DialContext: s.DialContext}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	res, err := client.Get(s.URL + "/socket.io/?EIO=3&transport=polling")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	want(t, res.StatusCode, http.StatusBadRequest)
}
