package engines

import (
	"context"
	"errors"
	"fmt"
	"testing"

	clients "github.com/zishang520/socket.io/clients/socket/v3"
	"github.com/zishang520/socket.io/servers/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"

	"github.com/siogen/siogen/internal/faultproxy"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/zishang520"
	"github.com/siogen/siogen/testdata/golden/everything"
	"github.com/siogen/siogen/testdata/golden/namespaces"
)

// libraryPairs is pairings with the library on the server.
func libraryPairs(t *testing.T, test func(t *testing.T, p pairing)) {
	t.Helper()
	for _, p := range []pairing{{library, native}, {library, library}, {foreign, foreign}} {
		t.Run(p.String(), func(t *testing.T) { test(t, p) })
	}
}

// TestUntypedHandlersBesideTypedOnes: both hear every event of a socket, with the
// values that each is used to, and both can emit.
func TestUntypedHandlersBesideTypedOnes(t *testing.T) {
	libraryPairs(t, func(t *testing.T, p pairing) {
		h := newHost(t, p)
		untyped := make(chan string, 10)
		_ = h.io.Use(func(s *socket.Socket, next func(*socket.ExtendedError)) {
			if s.Handshake().Auth["token"] == "banned" {
				next(socket.NewExtendedError("banned", map[string]any{"by": "untyped"}))
				return
			}
			next(nil)
		})
		_ = h.io.On("connection", func(args ...any) {
			s := args[0].(*socket.Socket)
			_ = s.On("setAvatar", func(args ...any) {
				untyped <- fmt.Sprint("avatar ", args[0].(types.BufferInterface).Bytes())
			})
			_ = s.On("invite", func(args ...any) { untyped <- fmt.Sprint("invite ", args) })
			_ = s.On("hello", func(...any) { _ = s.Emit("basicEmit", 5, "hello", types.NewBytesBuffer([]byte{1})) })
			_ = s.On("disconnect", func(args ...any) { untyped <- fmt.Sprint("disconnect ", args[0]) })
		})
		srv := everything.NewServer(h.Server)
		typed := make(chan string, 10)
		srv.OnConnection(func(_ context.Context, s *everything.ServerSocket) error {
			s.OnSetAvatar(func(_ context.Context, image []byte) error { typed <- fmt.Sprint("avatar ", image); return nil })
			s.OnJoin(func(context.Context, everything.Room) ([]everything.User, error) {
				return []everything.User{user()}, nil
			})
			return nil
		})
		c := everything.NewClient(h.url, h.clientOptions(p))
		c.SetAuth(everything.HandshakeAuth{Token: "banned"})
		if refused := asError[*runtime.RefusedError](t, c.Connect(testContext(t))); refused.Message != "banned" || string(refused.Data.Raw()) != `{"by":"untyped"}` {
			t.Errorf("refused with %q, %s", refused.Message, refused.Data.Raw())
		}
		c.SetAuth(everything.HandshakeAuth{Token: "t"})
		basics := make(chan string, 1)
		c.OnBasicEmit(func(_ context.Context, a int, b string, c []byte) error {
			basics <- fmt.Sprint(a, b, c)
			return nil
		})
		connect(t, c)
		if err := errors.Join(c.EmitSetAvatar([]byte{1, 2}), c.EmitInvite("r", 7, 8)); err != nil {
			t.Fatal(err)
		}
		if a, b := receive(t, typed), receive(t, untyped); a != "avatar [1 2]" || b != a {
			t.Errorf("typed %q, untyped %q", a, b)
		}
		if got := receive(t, untyped); got != "invite [r 7 8]" {
			t.Errorf("untyped %q", got)
		}
		if members, err := c.EmitJoin(testContext(t), "r"); err != nil || len(members) != 1 || members[0].ID != user().ID {
			t.Errorf("join: %v, %v", members, err)
		}
		if err := c.EmitHello(); err != nil {
			t.Fatal(err)
		}
		if got, want := receive(t, basics), fmt.Sprint(5, "hello", []byte{1}); got != want {
			t.Errorf("untyped answer: %q, want %q", got, want)
		}
		h.io.Emit("basicEmit", 1<<40, "everybody", []byte{3})
		if got, want := receive(t, basics), fmt.Sprint(1<<40, "everybody", []byte{3}); got != want {
			t.Errorf("untyped broadcast: %q, want %q", got, want)
		}
		if err := c.Disconnect(); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, untyped); got != "disconnect client namespace disconnect" && got != "disconnect transport close" {
			t.Errorf("untyped %q", got)
		}
	})
}

// TestUntypedHandlersInDynamicNamespaces: by the library's event for new ones.
func TestUntypedHandlersInDynamicNamespaces(t *testing.T) {
	libraryPairs(t, func(t *testing.T, p pairing) {
		h := newDynamicHost(t, p)
		asked := make(chan string, 10)
		_ = h.io.On("new_namespace", func(args ...any) {
			nsp := args[0].(socket.Namespace)
			_ = nsp.On("connection", func(args ...any) {
				s := args[0].(*socket.Socket)
				_ = s.On("ask", func(args ...any) { asked <- fmt.Sprint(nsp.Name(), " ", args[0]) })
			})
		})
		namespaces.NewDynamicAdminServer(h.Server, tenants).OnConnection(func(_ context.Context, s *namespaces.AdminServerSocket) error {
			s.OnAsk(func(_ context.Context, q int) (int, int, error) { return q, q, nil })
			return nil
		})
		c, _ := tenant(h.manager(p), "/tenant-5")
		connect(t, c)
		if a, b, err := c.EmitAsk(testContext(t), 9); a != 9 || b != 9 || err != nil {
			t.Errorf("typed: %d, %d, %v", a, b, err)
		}
		if got := receive(t, asked); got != "/tenant-5 9" {
			t.Errorf("untyped: %q", got)
		}
	})
}

// TestANamespaceThatLeavesKeepsTheOthersListeners: those of one Manager, typed and not,
// hear everything when the connection is back.
func TestANamespaceThatLeavesKeepsTheOthersListeners(t *testing.T) {
	for _, engine := range []string{library, foreign} {
		t.Run(engine, func(t *testing.T) {
			p := pairing{server: native, client: engine}
			h := newHost(t, p)
			root := namespaces.NewServer(h.Server)
			root.OnConnection(func(_ context.Context, s *namespaces.ServerSocket) error { return s.EmitStatus("hello") })
			admin := namespaces.NewAdminServer(h.Server)
			connected := make(chan struct{}, 10)
			admin.OnConnection(func(context.Context, *namespaces.AdminServerSocket) error { connected <- struct{}{}; return nil })

			proxy := faultproxy.New(t, h.url)
			o := clients.DefaultManagerOptions()
			o.SetAutoConnect(false)
			o.SetParser(parserFor(engine))
			o.SetReconnectionDelay(20)
			library := clients.NewManager(proxy.URL(), o)
			m := runtime.NewManager(proxy.URL(), runtime.ClientOptions{Engine: zishang520.Client(library), Logger: quiet()})
			c := namespaces.NewManagedClient(m)
			c.SetAuth(namespaces.HandshakeAuth{Token: "secret"})
			status := make(chan string, 10)
			c.OnStatus(func(_ context.Context, s string) error { status <- s; return nil })
			untyped := make(chan string, 10)
			_ = library.Socket("/", nil).On("status", func(args ...any) { untyped <- fmt.Sprint(args...) })
			connect(t, c)
			boss, got := tenant(m, "/admin")
			connect(t, boss)
			receive(t, connected)
			for _, ch := range []chan string{status, untyped} {
				if s := receive(t, ch); s != "hello" {
					t.Errorf("status %q", s)
				}
			}

			if err := boss.Disconnect(); err != nil {
				t.Fatal(err)
			}
			if err := root.EmitStatus("still there"); err != nil {
				t.Fatal(err)
			}
			for _, ch := range []chan string{status, untyped} {
				if s := receive(t, ch); s != "still there" {
					t.Errorf("after another namespace left: %q", s)
				}
			}
			proxy.Cut()
			for _, ch := range []chan string{status, untyped} {
				if s := receive(t, ch); s != "hello" {
					t.Errorf("after reconnecting: %q", s)
				}
			}
			connect(t, boss) // and the one that left may come again
			receive(t, connected)
			if err := admin.EmitStatus(3); err != nil {
				t.Fatal(err)
			}
			wantCodes(t, got, 3)
		})
	}
}
