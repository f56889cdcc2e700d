// Package namespaces tests what generated code offers for namespaces and rooms, with
// typed clients and the npm client.
package namespaces

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/siogen/siogen/runtime"
	events "github.com/siogen/siogen/testdata/golden/namespaces"
)

// patience bounds every wait of a test; it is no measure of speed.
const patience = 20 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	t.Cleanup(stop)
	return ctx
}

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

func serve(t *testing.T, o runtime.ServerOptions) (*runtime.Server, string) {
	t.Helper()
	o.Logger = slog.New(slog.DiscardHandler)
	server := runtime.NewServer(o)
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), patience)
		defer stop()
		if err := server.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		web.Close()
	})
	return server, web.URL
}

func manager(t *testing.T, url string) *runtime.Manager {
	t.Helper()
	m := runtime.NewManager(url, runtime.ClientOptions{Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), patience)
		defer stop()
		if err := m.Close(ctx); err != nil {
			t.Errorf("closing the client: %v", err)
		}
	})
	return m
}

// tenant is a client of a namespace that notes the codes that it gets.
func tenant(t *testing.T, m *runtime.Manager, name string) (*events.AdminClient, chan int) {
	t.Helper()
	c := events.NewManagedAdminClientOf(m, name)
	c.SetAuth(&events.Token{Token: "secret"})
	got := make(chan int, 100)
	c.OnStatus(func(_ context.Context, code int) error { got <- code; return nil })
	return c, got
}

func connect(t *testing.T, c interface{ Connect(context.Context) error }) {
	t.Helper()
	if err := c.Connect(testContext(t)); err != nil {
		t.Fatalf("Connect: %v", err)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var tenants = runtime.NamespacePattern(regexp.MustCompile(`^/tenant-\d+$`))

// wantCodes checks what a client gets next.
func wantCodes(t *testing.T, got chan int, codes ...int) {
	t.Helper()
	for _, code := range codes {
		if c := receive(t, got, "status"); c != code {
			t.Fatalf("status %d, want %d", c, code)
		}
	}
}

func TestNamespacesByPattern(t *testing.T) {
	server, url := serve(t, runtime.ServerOptions{})
	plain := events.NewServer(server)
	srv := events.NewDynamicAdminServer(server, tenants)
	srv.OnConnection(func(_ context.Context, s *events.AdminServerSocket) error {
		s.UpdateData(func(d *events.AdminSocketData) { d.Level = len(s.Namespace()) })
		s.Join("room")
		s.OnAsk(func(_ context.Context, q int) (int, int, error) {
			if q == 0 {
				return 0, 0, nil
			}
			return q, len(s.Namespace()), s.To("room").EmitStatus(900 + q)
		})
		return nil
	})
	m := manager(t, url)
	c := events.NewManagedClient(m)
	c.SetAuth(events.HandshakeAuth{Token: "secret"})
	status := make(chan string, 1)
	c.OnStatus(func(_ context.Context, text string) error { status <- text; return nil })
	one, gotOne := tenant(t, m, "/tenant-1")
	two, gotTwo := tenant(t, m, "/tenant-22")
	other, gotOther := tenant(t, manager(t, url), "/tenant-22")
	for _, c := range []interface{ Connect(context.Context) error }{c, one, two, other} {
		connect(t, c)
	}
	for _, c := range []*events.AdminClient{one, two, other} { // its room is joined
		if _, _, err := c.EmitAsk(testContext(t), 0); err != nil {
			t.Fatal(err)
		}
	}

	ok(t, srv.EmitStatus(1))
	ok(t, srv.Of("/tenant-1").EmitStatus(2))
	ok(t, srv.Of("/tenant-22").To("room").EmitStatus(3))
	ok(t, srv.To("room").EmitStatus(4))
	ok(t, srv.Of("/tenant-333").EmitStatus(5))
	ok(t, plain.EmitStatus("plain"))
	wantCodes(t, gotOne, 1, 2, 4)
	wantCodes(t, gotTwo, 1, 3, 4)
	wantCodes(t, gotOther, 1, 3, 4)
	if text := receive(t, status, "status in /"); text != "plain" {
		t.Errorf("in / came %q", text)
	}

	if a, b, err := two.EmitAsk(testContext(t), 7); a != 7 || b != len("/tenant-22") || err != nil {
		t.Errorf("EmitAsk: %d, %d, %v", a, b, err)
	}
	wantCodes(t, gotOther, 907) // but nobody of /tenant-1, nor who asked
	ok(t, srv.EmitStatus(6))
	wantCodes(t, gotOne, 6)
	wantCodes(t, gotTwo, 6)

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
	if err := plain.Of("/tenant-1").EmitStatus("x"); err == nil {
		t.Error("a static namespace reached another one")
	}
	ok(t, plain.Of("/").EmitStatus("own"))
	if text := receive(t, status, "status in /"); text != "own" {
		t.Errorf("in / came %q", text)
	}
}

func TestNamesThatNobodyServesAreRefused(t *testing.T) {
	server, url := serve(t, runtime.ServerOptions{})
	events.NewDynamicAdminServer(server, tenants)
	events.NewDynamicAdminServer(server, func(_ context.Context, name string, h *runtime.Handshake) (bool, error) {
		switch {
		case name == "/panic":
			panic("on purpose")
		case !strings.HasPrefix(name, "/closed"):
			return strings.HasPrefix(name, "/open"), nil
		case len(h.Auth) == 0:
			return false, errors.New("no auth")
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
		c, _ := tenant(t, manager(t, url), name)
		err := c.Connect(testContext(t))
		refused, is := errors.AsType[*runtime.RefusedError](err)
		switch {
		case want == "" && err != nil:
			t.Errorf("%.20q: %v", name, err)
		case want != "" && (!is || refused.Message != want):
			t.Errorf("%.20q: got %v, want %q", name, err, want)
		}
	}
}

func TestEmptyNamespacesAreCountedOrClosed(t *testing.T) {
	for _, cleanup := range []bool{false, true} {
		t.Run(fmt.Sprint("cleanup ", cleanup), func(t *testing.T) {
			server, url := serve(t, runtime.ServerOptions{MaxChildNamespaces: 2, CleanupEmptyChildNamespaces: cleanup})
			srv := events.NewDynamicAdminServer(server, tenants)
			ended := make(chan string, 10)
			srv.OnConnection(func(_ context.Context, s *events.AdminServerSocket) error {
				s.OnDisconnect(func(context.Context, runtime.DisconnectReason) { ended <- s.Namespace() })
				return nil
			})
			m := manager(t, url)
			first, _ := tenant(t, m, "/tenant-1")
			second, _ := tenant(t, m, "/tenant-2")
			connect(t, first)
			connect(t, second)
			third, got := tenant(t, m, "/tenant-3")
			if err := third.Connect(testContext(t)); err == nil || err.Error() != "Too many namespaces" {
				t.Fatalf("one too many: %v", err)
			}
			if err := srv.Of("/tenant-3").EmitStatus(1); err == nil {
				t.Error("a broadcast opened one too many")
			}
			ok(t, first.Disconnect())
			if name := receive(t, ended, "the end"); name != "/tenant-1" {
				t.Fatalf("%s ended", name)
			}
			deadline := time.Now().Add(patience)
			err := third.Connect(testContext(t))
			for cleanup && err != nil && time.Now().Before(deadline) { // its last handler may still be running
				err = third.Connect(testContext(t))
			}
			if cleanup != (err == nil) {
				t.Fatalf("after one was left: %v", err)
			}
			if cleanup {
				ok(t, srv.Of("/tenant-3").EmitStatus(1))
				wantCodes(t, got, 1)
			}
		})
	}
}

func TestRoomEventsComeInOrderForEachRoom(t *testing.T) {
	server, url := serve(t, runtime.ServerOptions{CleanupEmptyChildNamespaces: true})
	srv := events.NewDynamicAdminServer(server, tenants)
	got := make(chan string, 100)
	note := func(kind string) func(context.Context, runtime.RoomEvent) {
		return func(ctx context.Context, e runtime.RoomEvent) {
			if e.Room != "room" {
				return
			}
			if err := srv.To("nobody").SocketsJoin("x"); err != nil { // anything may be called
				t.Error(err)
			}
			got <- kind + " " + e.Namespace + " " + e.SocketID
		}
	}
	srv.OnCreateRoom(note("create"))
	srv.OnDeleteRoom(note("delete"))
	srv.OnJoinRoom(note("join"))
	srv.OnLeaveRoom(note("leave"))
	sockets := make(chan *events.AdminServerSocket, 2)
	srv.OnConnection(func(_ context.Context, s *events.AdminServerSocket) error { sockets <- s; return nil })
	a, _ := tenant(t, manager(t, url), "/tenant-1")
	connect(t, a)
	first := receive(t, sockets, "a socket")
	b, _ := tenant(t, manager(t, url), "/tenant-1")
	connect(t, b)
	second := receive(t, sockets, "a socket")
	first.Join("room")
	first.Join("room")
	second.Join("room")
	first.Leave("room")
	first.Leave("room")
	ok(t, b.Disconnect())
	for _, want := range []string{
		"create /tenant-1 ", "join /tenant-1 " + first.ID(), "join /tenant-1 " + second.ID(),
		"leave /tenant-1 " + first.ID(), "leave /tenant-1 " + second.ID(), "delete /tenant-1 ",
	} {
		if e := receive(t, got, want); e != want {
			t.Fatalf("got %q, want %q", e, want)
		}
	}
}

// TestNpmClientInSeveralNamespacesAtOnce also has one that the server does not know.
func TestNpmClientInSeveralNamespacesAtOnce(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed")
	}
	server, url := serve(t, runtime.ServerOptions{})
	plain := events.NewServer(server)
	plain.OnConnection(func(_ context.Context, s *events.ServerSocket) error { return s.EmitStatus("hello") })
	srv := events.NewDynamicAdminServer(server, tenants)
	conns := make(chan string, 10)
	srv.OnConnection(func(_ context.Context, s *events.AdminServerSocket) error {
		conns <- s.Handshake().RemoteAddr
		s.OnAsk(func(_ context.Context, q int) (int, int, error) { return q, len(s.Namespace()), nil })
		return nil
	})
	cmd := exec.CommandContext(testContext(t), "node", "--input-type=module", "-e", `
import { Manager } from "socket.io-client";
const manager = new Manager(process.env.URL);
const auth = { method: "token", token: "secret" };
const main = manager.socket("/", { auth }), one = manager.socket("/tenant-1", { auth }), two = manager.socket("/tenant-22", { auth }), none = manager.socket("/nobody", { auth });
const said = [];
said.push(new Promise(done => main.on("status", text => done("/ " + text))));
for (const s of [one, two]) said.push(new Promise(done => s.emit("ask", 5, (a, b) => done(s.nsp + " " + a + " " + b))));
said.push(new Promise(done => none.on("connect_error", e => done(e.message))));
console.log((await Promise.all(said)).join("\n"));
manager._close();
`)
	cmd.Dir = "../.."
	cmd.Env = append(cmd.Environ(), "URL="+url)
	out, err := cmd.CombinedOutput()
	if want := "/ hello\n/tenant-1 5 9\n/tenant-22 5 10\nInvalid namespace\n"; err != nil || string(out) != want {
		t.Fatalf("%v, got\n%s", err, out)
	}
	if a, b := receive(t, conns, "a connection"), receive(t, conns, "a connection"); a != b {
		t.Errorf("two connections: %s, %s", a, b)
	}
}
