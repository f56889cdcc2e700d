package engines

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/internal/testjs"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/zishang520"
	"github.com/siogen/siogen/testdata/golden/namespaces"
)

var tenants = runtime.NamespacePattern(regexp.MustCompile(`^/tenant-\d+$`))

// newDynamicHost is a server that may have dynamic namespaces.
func newDynamicHost(t *testing.T, p pairing) *host {
	t.Helper()
	o := socket.DefaultServerOptions()
	o.SetCleanupEmptyChildNamespaces(true)
	return newHostWith(t, p, o)
}

// tenant is a client of a namespace, with the codes that it gets.
func tenant(m *runtime.Manager, name string) (*namespaces.AdminClient, chan int) {
	c := namespaces.NewManagedAdminClientOf(m, name)
	c.SetAuth(&namespaces.Token{Token: "secret"})
	got := make(chan int, 100)
	c.OnStatus(func(_ context.Context, code int) error { got <- code; return nil })
	return c, got
}

func wantCodes(t *testing.T, got chan int, codes ...int) {
	t.Helper()
	for _, want := range codes {
		if code := receive(t, got); code != want {
			t.Fatalf("status %d, want %d", code, want)
		}
	}
}

// TestDynamicNamespaces: one contract under many names, with what each may do alone
// and what concerns all.
func TestDynamicNamespaces(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		h := newDynamicHost(t, p)
		plain := namespaces.NewServer(h.Server)
		srv := namespaces.NewDynamicAdminServer(h.Server, tenants)
		srv.Use(func(_ context.Context, s *namespaces.AdminServerSocket) error {
			if token, ok := s.Auth().(*namespaces.Token); !ok || token.Token != "secret" {
				return runtime.Refuse("wrong token", map[string]any{"code": 401})
			}
			return nil
		})
		srv.OnConnection(func(_ context.Context, s *namespaces.AdminServerSocket) error {
			s.UpdateData(func(d *namespaces.AdminSocketData) { d.Level = len(s.Namespace()) })
			s.Join("room")
			s.OnAsk(func(_ context.Context, q int) (int, int, error) {
				if q == 0 {
					return 0, 0, nil
				}
				return q, len(s.Namespace()), s.To("room").EmitStatus(900 + q)
			})
			return nil
		})
		m := h.manager(p)
		one, gotOne := tenant(m, "/tenant-1")
		two, gotTwo := tenant(m, "/tenant-22")
		other, gotOther := tenant(h.manager(p), "/tenant-22")
		wrong, _ := tenant(m, "/tenant-4")
		wrong.SetAuth(&namespaces.Token{Token: "wrong"})
		for _, c := range []*namespaces.AdminClient{one, two, other} {
			connect(t, c)
			if _, _, err := c.EmitAsk(testContext(t), 0); err != nil { // its room is joined
				t.Fatal(err)
			}
		}
		if refused := asError[*runtime.RefusedError](t, wrong.Connect(testContext(t))); refused.Message != "wrong token" || string(refused.Data.Raw()) != `{"code":401}` {
			t.Errorf("middleware: %v, %s", refused, refused.Data.Raw())
		}

		if err := errors.Join(
			srv.EmitStatus(1),
			srv.Of("/tenant-1").EmitStatus(2),
			srv.Of("/tenant-22").To("room").EmitStatus(3),
			srv.To("room").EmitStatus(4),
			srv.Of("/tenant-333").EmitStatus(5),
			plain.EmitStatus("nobody"),
		); err != nil {
			t.Fatal(err)
		}
		wantCodes(t, gotOne, 1, 2, 4)
		wantCodes(t, gotTwo, 1, 3, 4)
		wantCodes(t, gotOther, 1, 3, 4)
		if a, b, err := two.EmitAsk(testContext(t), 7); a != 7 || b != len("/tenant-22") || err != nil {
			t.Errorf("EmitAsk: %d, %d, %v", a, b, err)
		}
		wantCodes(t, gotOther, 907) // but nobody of /tenant-1, nor who asked

		var levels []int
		sockets, err := srv.Sockets(testContext(t))
		for _, s := range sockets {
			levels = append(levels, s.Data.Level)
		}
		slices.Sort(levels)
		if err != nil || !slices.Equal(levels, []int{9, 10, 10}) {
			t.Errorf("Sockets: %v, %v", levels, err)
		}
		if sockets, err := srv.Of("/tenant-1").Sockets(testContext(t)); len(sockets) != 1 || err != nil {
			t.Errorf("Sockets of one: %d, %v", len(sockets), err)
		}
		if err := errors.Join(srv.SocketsJoin("all"), srv.Of("/tenant-1").SocketsLeave("all"), srv.To("all").EmitStatus(6), srv.EmitStatus(7)); err != nil {
			t.Fatal(err)
		}
		wantCodes(t, gotOne, 7)
		wantCodes(t, gotTwo, 6, 7)
		if err := plain.Of("/tenant-1").EmitStatus("x"); err == nil {
			t.Error("a static namespace reached another one")
		}
	})
}

// TestNamesThatNobodyServesAreRefused: by no match, or by the error of the function,
// which sees the handshake.
func TestNamesThatNobodyServesAreRefused(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		h := newDynamicHost(t, p)
		namespaces.NewDynamicAdminServer(h.Server, tenants)
		namespaces.NewDynamicAdminServer(h.Server, func(_ context.Context, name string, shake *runtime.Handshake) (bool, error) {
			switch {
			case name == "/panic":
				panic("on purpose")
			case !strings.HasPrefix(name, "/closed"):
				return strings.HasPrefix(name, "/open"), nil
			case len(shake.Auth) == 0 || shake.Query.Get("EIO") != "4":
				return false, errors.New("no handshake")
			}
			return false, runtime.Refuse("closed on Sundays", map[string]any{"code": 7})
		})
		for name, want := range map[string]string{
			"/tenant-1":                           "",
			"/open":                               "",
			"/tenant-x":                           "Invalid namespace",
			"/closed":                             "closed on Sundays",
			"/panic":                              "internal server error",
			"/open" + strings.Repeat("x", 300):    "Invalid namespace",
			"/tenant-" + strings.Repeat("1", 248): "",
		} {
			c, _ := tenant(h.manager(p), name)
			t.Cleanup(func() { _ = c.Close() })
			err := c.Connect(testContext(t))
			if want == "" {
				if err != nil {
					t.Errorf("%.20q: %v", name, err)
				}
				continue
			}
			if p.client == foreign && err != nil {
				continue // the library does not hear what a refusal without data says
			}
			if refused := asError[*runtime.RefusedError](t, err); refused.Message != want {
				t.Errorf("%.20q: got %v, want %q", name, err, want)
			}
		}
	})
}

// TestDynamicNamespacesCloseWhenEmpty, and open again: also for those who come in the
// moment in which the last one leaves.
func TestDynamicNamespacesCloseWhenEmpty(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		h := newDynamicHost(t, p)
		created := make(chan string, 100)
		if h.io != nil {
			_ = h.io.On("new_namespace", func(args ...any) { created <- args[0].(socket.Namespace).Name() })
		}
		srv := namespaces.NewDynamicAdminServer(h.Server, tenants)
		srv.OnConnection(func(_ context.Context, s *namespaces.AdminServerSocket) error {
			s.OnAsk(func(_ context.Context, q int) (int, int, error) { return q, q, nil })
			return nil
		})
		const rounds = 20
		ends := make(chan error, 2)
		for range 2 {
			c, _ := tenant(h.manager(p), "/tenant-1")
			t.Cleanup(func() { _ = c.Close() })
			go func() {
				for range rounds {
					if err := c.Connect(testContext(t)); err != nil {
						ends <- err
						return
					}
					if a, _, err := c.EmitAsk(testContext(t), 3); err != nil || a != 3 {
						ends <- fmt.Errorf("ask: %d, %w", a, err)
						return
					}
					if err := c.Disconnect(); err != nil {
						ends <- err
						return
					}
				}
				ends <- nil
			}()
		}
		for range 2 {
			if err := receive(t, ends); err != nil {
				t.Fatal(err)
			}
		}
		if h.io == nil {
			return
		}
		for ; len(created) > 0; <-created {
		}
		last, _ := tenant(h.manager(p), "/tenant-2")
		connect(t, last)
		if name := receive(t, created); name != "/tenant-2" {
			t.Fatalf("%s was made", name)
		}
		if err := last.Disconnect(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(waitLimit); ; { // until it was closed, and is made again
			if err := last.Connect(testContext(t)); err != nil {
				t.Fatal(err)
			}
			if len(created) > 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("the empty namespace is not closed")
			}
			if err := last.Disconnect(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestClientsOfANamespaceThatIsClosingAreServed: the library makes one without a
// parent for a client that it took for one of a namespace that is just being closed.
func TestClientsOfANamespaceThatIsClosingAreServed(t *testing.T) {
	p := pairing{server: library, client: native}
	h := newDynamicHost(t, p)
	made := make(chan socket.Namespace, 10)
	_ = h.io.On("new_namespace", func(args ...any) { made <- args[0].(socket.Namespace) })
	namespaces.NewDynamicAdminServer(h.Server, tenants).OnConnection(func(_ context.Context, s *namespaces.AdminServerSocket) error {
		return s.EmitStatus(1)
	})
	c, got := tenant(h.manager(p), "/tenant-1")
	connect(t, c)
	wantCodes(t, got, 1)
	if err := c.Disconnect(); err != nil {
		t.Fatal(err)
	}
	first := receive(t, made)
	for deadline := time.Now().Add(waitLimit); h.io.Of("/tenant-1", nil) == first; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the empty namespace is not closed")
		}
	}
	connect(t, c)
	wantCodes(t, got, 1)
	h.io.Of("/tenant-x", nil) // the application's own
	other, _ := tenant(h.manager(p), "/tenant-x")
	connect(t, other)
}

// TestDynamicNamespacesNeedALibraryThatClosesThem: clients could fill it otherwise.
func TestDynamicNamespacesNeedALibraryThatClosesThem(t *testing.T) {
	h := newHost(t, pairing{server: library})
	defer func() {
		err, _ := recover().(error)
		unsupported := asError[*zishang520.UnsupportedError](t, err)
		if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(unsupported.Error(), "SetCleanupEmptyChildNamespaces") {
			t.Errorf("got %v", err)
		}
	}()
	namespaces.NewDynamicAdminServer(h.Server, tenants)
}

// TestRoomEventsComeInOrder: one create, join, leave and delete for what happens, and
// none for what does not.
func TestRoomEventsComeInOrder(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		h := newDynamicHost(t, p)
		srv := namespaces.NewDynamicAdminServer(h.Server, tenants)
		got := make(chan string, 100)
		note := func(kind string) func(context.Context, runtime.RoomEvent) {
			return func(_ context.Context, e runtime.RoomEvent) {
				if e.Room == "room" {
					got <- kind + " " + e.Namespace + " " + e.SocketID
				}
			}
		}
		srv.OnCreateRoom(note("create"))
		srv.OnDeleteRoom(note("delete"))
		srv.OnJoinRoom(note("join"))
		srv.OnLeaveRoom(note("leave"))
		sockets := make(chan *namespaces.AdminServerSocket, 2)
		srv.OnConnection(func(_ context.Context, s *namespaces.AdminServerSocket) error { sockets <- s; return nil })
		a, _ := tenant(h.manager(p), "/tenant-1")
		connect(t, a)
		first := receive(t, sockets)
		b, _ := tenant(h.manager(p), "/tenant-1")
		connect(t, b)
		second := receive(t, sockets)
		first.Join("room")
		first.Join("room")
		second.Join("room")
		first.Leave("room")
		first.Leave("room")
		if err := b.Disconnect(); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"create /tenant-1 ", "join /tenant-1 " + first.ID(), "join /tenant-1 " + second.ID(),
			"leave /tenant-1 " + first.ID(), "leave /tenant-1 " + second.ID(), "delete /tenant-1 ",
		} {
			if e := receive(t, got); e != want {
				t.Fatalf("got %q, want %q", e, want)
			}
		}
	})
}

// TestOfficialClientInDynamicNamespaces: several over one connection, one of them
// unknown.
func TestOfficialClientInDynamicNamespaces(t *testing.T) {
	testjs.Modules(t)
	for _, engine := range []string{native, library, foreign} {
		t.Run(engine, func(t *testing.T) {
			h := newDynamicHost(t, pairing{server: engine})
			plain := namespaces.NewServer(h.Server)
			plain.OnConnection(func(_ context.Context, s *namespaces.ServerSocket) error { return s.EmitStatus("hello") })
			srv := namespaces.NewDynamicAdminServer(h.Server, tenants)
			srv.OnConnection(func(_ context.Context, s *namespaces.AdminServerSocket) error {
				s.OnAsk(func(_ context.Context, q int) (int, int, error) { return q, len(s.Namespace()), nil })
				return nil
			})
			script := filepath.Join(testjs.Root(t), "test", "engines", "testdata", "tenants.mjs")
			out, code := testjs.Run(t, script, h.url)
			if want := "/ hello\n/tenant-1 5 9\n/tenant-22 5 10\nInvalid namespace\n"; code != 0 || out != want {
				t.Errorf("exit code %d, got\n%s", code, out)
			}
		})
	}
}
