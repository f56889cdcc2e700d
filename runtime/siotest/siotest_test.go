package siotest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
	"github.com/siogen/siogen/runtime/siotest"
)

// transports are the ways in which a client connects, by name.
var transports = map[string][]string{
	"websocket": {engineio.WebSocket},
	"polling":   {engineio.Polling},
	"upgrade":   {engineio.Polling, engineio.WebSocket},
}

// onEach runs a test in a bubble, for each way to connect.
func onEach(t *testing.T, f func(t *testing.T, o runtime.ClientOptions)) {
	for name, list := range transports {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f(t, runtime.ClientOptions{
					Dial:                engineio.DialOptions{Transports: list},
					RandomizationFactor: -1,
				})
			})
		})
	}
}

func newClient(s *siotest.Server, o runtime.ClientOptions) *chatio.Client {
	c := siotest.NewClient(s, chatio.NewClient, o)
	c.SetAuth(chatio.HandshakeAuth{Token: "secret"})
	return c
}

func connect(t *testing.T, s *siotest.Server, o runtime.ClientOptions) *chatio.Client {
	t.Helper()
	c := newClient(s, o)
	if err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second) // until it has its last transport
	synctest.Wait()
	return c
}

func want[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestEventsGoBothWays(t *testing.T) {
	onEach(t, func(t *testing.T, o runtime.ClientOptions) {
		s := siotest.NewServer(t, runtime.ServerOptions{})
		chatio.NewServer(s.Server).OnConnection(func(ctx context.Context, s *chatio.ServerSocket) error {
			s.OnJoin(func(ctx context.Context, room chatio.Room) ([]chatio.User, error) {
				n, err := s.EmitWithAck(ctx, "how many?")
				return slices.Repeat([]chatio.User{{Name: "guest", Role: chatio.RoleMember}}, n), err
			})
			return s.EmitBasicEmit(1, "welcome", []byte{1, 2, 3})
		})
		c := newClient(s, o)
		var got []byte
		c.OnBasicEmit(func(_ context.Context, _ int, _ string, data []byte) error { got = data; return nil })
		c.OnWithAck(func(context.Context, string) (int, error) { return 3, nil })
		if err := c.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		members, err := c.EmitJoin(t.Context(), "lobby")
		if err != nil {
			t.Fatal(err)
		}
		want(t, len(members), 3)
		synctest.Wait()
		want(t, string(got), "\x01\x02\x03")
	})
}

func TestMoreThanTheNetworkHolds(t *testing.T) {
	onEach(t, func(t *testing.T, o runtime.ClientOptions) {
		const n, size = 20, 60_000
		s := siotest.NewServer(t, runtime.ServerOptions{})
		chatio.NewServer(s.Server).OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
			s.OnSetAvatar(func(_ context.Context, image []byte) error { return s.EmitAvatarChanged(7, image) })
			return nil
		})
		c := connect(t, s, o)
		next := byte(0)
		c.OnAvatarChanged(func(_ context.Context, _ int, image []byte) error {
			if slices.Equal(image, bytes.Repeat([]byte{next}, size)) {
				next++
			}
			return nil
		})
		s.Stall(true)
		for i := range n {
			if err := c.EmitSetAvatar(bytes.Repeat([]byte{byte(i)}, size)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		want(t, next, 0)
		s.Stall(false)
		synctest.Wait()
		want(t, next, n)
	})
}

func TestTimeoutOfAnAcknowledgement(t *testing.T) {
	onEach(t, func(t *testing.T, o runtime.ClientOptions) {
		s := siotest.NewServer(t, runtime.ServerOptions{})
		chatio.NewServer(s.Server).OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
			s.OnJoin(func(ctx context.Context, _ chatio.Room) ([]chatio.User, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			})
			return nil
		})
		c := connect(t, s, o)
		began := time.Now()
		_, err := c.EmitJoin(t.Context(), "lobby")
		var timeout *runtime.AckTimeoutError
		if !errors.As(err, &timeout) {
			t.Fatal(err)
		}
		want(t, time.Since(began), runtime.DefaultAckTimeout)
		want(t, c.Connected(), true)
	})
}

func TestIdleConnectionStays(t *testing.T) {
	onEach(t, func(t *testing.T, o runtime.ClientOptions) {
		s := siotest.NewServer(t, runtime.ServerOptions{})
		chatio.NewServer(s.Server)
		c := connect(t, s, o)
		id := c.ID()
		time.Sleep(time.Hour)
		want(t, c.Connected(), true)
		want(t, c.ID(), id)
	})
}

// events records what happens, and how long after the record was made.
type events struct {
	since time.Time
	mu    sync.Mutex
	seen  []string
}

func (e *events) add(what string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen = append(e.seen, fmt.Sprintf("%v: %s", time.Since(e.since), fmt.Sprintf(what, args...)))
}

// watch records what becomes of a client's connection from now on.
func watch(c *chatio.Client) *events {
	e := &events{since: time.Now()}
	c.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) { e.add("disconnect: %s", reason) })
	c.OnReconnectAttempt(func(_ context.Context, attempt int) { e.add("attempt %d", attempt) })
	return e
}

func (e *events) want(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.Equal(e.seen, want) {
		t.Fatalf("got  %q\nwant %q", e.seen, want)
	}
}

func TestPingTimeoutOfASilentPeer(t *testing.T) {
	onEach(t, func(t *testing.T, o runtime.ClientOptions) {
		s := siotest.NewServer(t, runtime.ServerOptions{})
		server := new(events)
		chatio.NewServer(s.Server).OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
			s.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) { server.add("%s", reason) })
			return nil
		})
		c := connect(t, s, o)
		client := watch(c)
		server.since = client.since
		s.Stall(true)
		time.Sleep(44*time.Second - time.Nanosecond) // the last sign of life was the connection, a second ago
		client.want(t)
		server.want(t)
		time.Sleep(time.Nanosecond)
		client.want(t, "44s: disconnect: ping timeout")
		server.want(t, "44s: ping timeout")
		time.Sleep(1500 * time.Millisecond)
		want(t, c.Connected(), false)
		s.Stall(false)
		time.Sleep(time.Second)
		client.want(t, "44s: disconnect: ping timeout", "45s: attempt 1")
		want(t, c.Connected(), true)
	})
}

func TestStallLosesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, o runtime.ClientOptions) {
		s := siotest.NewServer(t, runtime.ServerOptions{})
		chatio.NewServer(s.Server).OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
			s.OnChatMessage(func(_ context.Context, _ chatio.Room, text string) (string, error) { return text, nil })
			return nil
		})
		c := connect(t, s, o)
		s.Stall(true)
		began := time.Now()
		time.AfterFunc(15*time.Second, func() { s.Stall(false) })
		id, err := c.EmitChatMessage(t.Context(), "lobby", "late")
		if err != nil {
			t.Fatal(err)
		}
		want(t, id, "late")
		want(t, time.Since(began), 15*time.Second)
		want(t, c.Connected(), true)
	})
}

func TestWaitsBetweenAttemptsToReconnect(t *testing.T) {
	onEach(t, func(t *testing.T, o runtime.ClientOptions) {
		s := siotest.NewServer(t, runtime.ServerOptions{})
		chatio.NewServer(s.Server)
		c := connect(t, s, o)
		e := watch(c)
		s.Down(true)
		time.Sleep(18 * time.Second)
		s.Down(false)
		time.Sleep(10 * time.Second)
		e.want(t, "0s: disconnect: transport error", "1s: attempt 1", "3s: attempt 2", "7s: attempt 3",
			"12s: attempt 4", "17s: attempt 5", "22s: attempt 6")
		want(t, c.Connected(), true)
	})
}

func TestRecoveryAfterACut(t *testing.T) {
	for name, recovery := range map[string]*runtime.RecoveryOptions{"on": {}, "off": nil} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, o runtime.ClientOptions) {
				s := siotest.NewServer(t, runtime.ServerOptions{Recovery: recovery})
				srv := chatio.NewServer(s.Server)
				srv.OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
					s.Join("lobby")
					return nil
				})
				c := newClient(s, o)
				var got []string
				c.OnMessage(func(_ context.Context, m chatio.Message, _ chatio.Room) error {
					got = append(got, m.(*chatio.SystemMessage).Text)
					return nil
				})
				if err := c.Connect(t.Context()); err != nil {
					t.Fatal(err)
				}
				send := func(text string) {
					m := &chatio.SystemMessage{Text: text, Level: chatio.SystemMessageLevelInfo}
					if err := srv.To("lobby").EmitMessage(m, "lobby"); err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
				}
				synctest.Wait() // until it is in the room
				send("before")
				id := c.ID()
				s.Cut()
				synctest.Wait()
				want(t, c.Connected(), false)
				send("meanwhile")
				time.Sleep(2 * time.Second)
				synctest.Wait()
				send("after")
				want(t, c.Recovered(), recovery != nil)
				want(t, c.ID() == id, recovery != nil)
				if recovery != nil {
					want(t, fmt.Sprint(got), "[before meanwhile after]")
				} else {
					want(t, fmt.Sprint(got), "[before after]")
				}
			})
		})
	}
}

func TestNamespacesShareAConnection(t *testing.T) {
	onEach(t, func(t *testing.T, o runtime.ClientOptions) {
		s := siotest.NewServer(t, runtime.ServerOptions{})
		chatio.NewServer(s.Server)
		chatio.NewAdminServer(s.Server)
		m := s.Manager(o)
		c, admin := chatio.NewManagedClient(m), chatio.NewManagedAdminClient(m)
		c.SetAuth(chatio.HandshakeAuth{Token: "secret"})
		admin.SetAuth(chatio.AdminHandshakeAuth{Token: "secret"})
		if err := errors.Join(c.Connect(t.Context()), admin.Connect(t.Context())); err != nil {
			t.Fatal(err)
		}
		want(t, c.Connected() && admin.Connected(), true)
	})
}

func TestClientsSeeTheServerClose(t *testing.T) {
	onEach(t, func(t *testing.T, o runtime.ClientOptions) {
		s := siotest.NewServer(t, runtime.ServerOptions{})
		chatio.NewServer(s.Server)
		c := connect(t, s, o)
		e := watch(c)
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.want(t, "0s: disconnect: transport close")
	})
}

func TestClientWithOptionsOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := siotest.NewServer(t, runtime.ServerOptions{})
		srv := chatio.NewServer(s.Server)
		var address string
		srv.OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
			address = s.Handshake().RemoteAddr
			return nil
		})
		c := chatio.NewClient(s.URL, s.ClientOptions())
		defer c.Close()
		c.SetAuth(chatio.HandshakeAuth{Token: "secret"})
		if err := c.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		want(t, address, "192.0.2.2:49152")
	})
}
