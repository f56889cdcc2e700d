package engines

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/internal/testproc"
	"github.com/siogen/siogen/internal/testredis"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/zishang520"
	ops "github.com/siogen/siogen/testdata/golden/cluster"
	"github.com/siogen/siogen/testdata/golden/everything"
	"github.com/siogen/siogen/testdata/golden/namespaces"
)

// nodeEnv makes the test binary a server of a cluster: its value is the socket of
// Redis and the engine.
const nodeEnv = "SIOGEN_TEST_NODE"

func TestMain(m *testing.M) {
	if v := os.Getenv(nodeEnv); v != "" {
		if err := runNode(v); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// node is a server of a cluster of two. Its behaviour is the same in both processes.
type node struct {
	url     string
	chat    *everything.Server
	tenants *namespaces.AdminServer
	pairs   *ops.Server
	close   func(ctx context.Context) error
}

// newNode starts a server with its chat, its dynamic namespaces, and a second server
// for what servers ask each other.
func newNode(ctx context.Context, redis testredis.Channel, id, engine string) (*node, error) {
	ctx, leave := context.WithCancel(ctx)
	var servers []*runtime.Server
	var left []<-chan struct{}
	for _, channel := range []string{"chat", "ops"} {
		c, done, err := joinCluster(ctx, testredis.Channel{Socket: redis.Socket, Name: channel}, id, 2)
		if err != nil {
			leave()
			return nil, err
		}
		o := socket.DefaultServerOptions()
		o.SetAdapter(c)
		o.SetParser(parserFor(engine))
		o.SetCleanupEmptyChildNamespaces(true)
		servers = append(servers, runtime.NewServer(runtime.ServerOptions{Engine: zishang520.Server(socket.NewServer(nil, o)), Logger: quiet()}))
		left = append(left, done)
	}
	web := httptest.NewServer(servers[0])
	n := &node{
		url: web.URL, chat: everything.NewServer(servers[0]), pairs: ops.NewServer(servers[1]),
		tenants: namespaces.NewDynamicAdminServer(servers[0], tenants),
		close: func(ctx context.Context) error {
			var err error
			for _, s := range servers {
				err = errors.Join(err, s.Close(ctx))
			}
			web.CloseClientConnections()
			web.Close()
			leave()
			for _, done := range left {
				<-done
			}
			return err
		},
	}
	n.serve(id)
	return n, nil
}

func (n *node) serve(id string) {
	n.chat.OnConnection(func(_ context.Context, s *everything.ServerSocket) error {
		s.Data().User = user()
		s.OnJoin(func(_ context.Context, room everything.Room) ([]everything.User, error) {
			s.Join(string(room))
			return nil, nil
		})
		s.OnSetAvatar(func(_ context.Context, data []byte) error {
			return n.chat.To("lobby").EmitMessage(&everything.ImageMessage{ID: id, From: user(), Image: data}, "lobby")
		})
		return nil
	})
	n.chat.InterServer().OnReload(func(_ context.Context, reason string) error {
		return n.chat.Local().EmitBasicEmit(1<<53-1, reason+" at "+id, []byte{0, 255})
	})
	n.pairs.InterServer().OnPair(func(context.Context) (int, string, error) { return -1 << 52, id, nil })
	n.pairs.InterServer().OnLoad(func(_ context.Context, detail *bool) (ops.Load, error) {
		return ops.Load{CPU: 0.25, Sockets: 1<<53 - 1}, nil
	})
}

// runNode serves until the standard input ends.
func runNode(v string) error {
	path, engine, _ := strings.Cut(v, " ")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	n, err := newNode(ctx, testredis.Channel{Socket: path}, "child", engine)
	if err != nil {
		return err
	}
	fmt.Println(n.url)
	_, _ = io.Copy(io.Discard, os.Stdin)
	ctx, stop = context.WithTimeout(ctx, waitLimit)
	defer stop()
	return n.close(ctx)
}

// childNode starts a node in a process of its own and returns its address.
func childNode(t *testing.T, redis testredis.Channel, engine string) (url string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), nodeEnv+"="+redis.Socket+" "+engine)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	_, stdout := testproc.Start(t, cmd, func(err error) {
		if err != nil {
			t.Errorf("the other process: %v\n%s", err, &stderr)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the other process: %v", err)
	}
	return strings.TrimSpace(line)
}

// visitor is a client of a node, in the lobby, and what it hears.
type visitor struct {
	*everything.Client
	messages chan everything.Message
	basics   chan string
	ended    chan runtime.DisconnectReason
}

func newVisitor(t *testing.T, url string, number int) *visitor {
	t.Helper()
	v := &visitor{
		Client:   everything.NewClient(url, optionsFor(native, url)),
		messages: make(chan everything.Message, 10), basics: make(chan string, 10), ended: make(chan runtime.DisconnectReason, 1),
	}
	v.SetAuth(everything.HandshakeAuth{Token: "t"})
	v.OnMessage(func(_ context.Context, m everything.Message, _ everything.Room) error { v.messages <- m; return nil })
	v.OnBasicEmit(func(_ context.Context, a int, b string, c []byte) error {
		v.basics <- fmt.Sprint(a, " ", b, " ", c)
		return nil
	})
	v.OnWithAck(func(_ context.Context, d string) (int, error) { return number * len(d), nil })
	v.OnDisconnect(func(_ context.Context, r runtime.DisconnectReason) { v.ended <- r })
	connect(t, v)
	if _, err := v.EmitJoin(testContext(t), "lobby"); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestTwoProcesses: over Redis, with an adapter that encodes as the library's does.
func TestTwoProcesses(t *testing.T) {
	for _, engine := range []string{library, foreign} {
		t.Run(engine, func(t *testing.T) {
			redis := testredis.Start(t)
			n, err := newNode(context.Background(), redis, "parent", engine)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				ctx, stop := context.WithTimeout(context.Background(), waitLimit)
				defer stop()
				if err := n.close(ctx); err != nil {
					t.Errorf("closing: %v", err)
				}
			})
			other := childNode(t, redis, engine)
			here, there := newVisitor(t, n.url, 1), newVisitor(t, other, 1000)
			t.Run("broadcasts", func(t *testing.T) { testBroadcasts(t, n, here, there) })
			t.Run("sockets", func(t *testing.T) { testRemoteSockets(t, n, here, there) })
			t.Run("servers", func(t *testing.T) { testServers(t, n, here, there) })
			t.Run("dynamic namespaces", func(t *testing.T) { testRemoteChild(t, n, other) })
			t.Run("disconnect", func(t *testing.T) { testRemoteDisconnect(t, n, here, there) })
		})
	}
}

// testBroadcasts: structs, unions and bytes arrive in both directions as they were
// sent; the wire names are the schema's, or the other end would not read them.
func testBroadcasts(t *testing.T, n *node, here, there *visitor) {
	text := &everything.TextMessage{ID: "1", From: user(), Text: "hi", SentAt: user().JoinedAt, ReplyTo: &everything.TextMessage{ID: "0", From: user(), SentAt: user().JoinedAt}}
	for _, m := range []everything.Message{text, image()} {
		if err := n.chat.To("lobby").EmitMessage(m, "lobby"); err != nil {
			t.Fatal(err)
		}
		for _, v := range []*visitor{here, there} {
			if diff := cmp.Diff(m, receive(t, v.messages), cmp.AllowUnexported(runtime.Optional[string]{})); diff != "" {
				t.Errorf("(-sent +got):\n%s", diff)
			}
		}
	}
	if err := n.chat.EmitMessage(system(t), "lobby"); err != nil {
		t.Fatal(err)
	}
	var blob []byte
	details := receive(t, there.messages).(*everything.SystemMessage).Details
	if err := details["bytes"].Decode(&blob); err != nil || !bytes.Equal(blob, []byte{9, 8}) {
		t.Errorf("bytes in any: %v, %v", blob, err)
	}
	receive(t, here.messages)
	if err := there.EmitSetAvatar([]byte{4, 0, 5}); err != nil {
		t.Fatal(err)
	}
	for _, v := range []*visitor{here, there} {
		m, ok := receive(t, v.messages).(*everything.ImageMessage)
		if !ok || m.ID != "child" || m.From.ID != 1<<53-1 || !bytes.Equal(m.Image, []byte{4, 0, 5}) {
			t.Errorf("from the other process: %+v", m)
		}
	}
	answers, err := n.chat.EmitWithAck(testContext(t), "four")
	slices.Sort(answers)
	if err != nil || !slices.Equal(answers, []int{4, 4000}) {
		t.Errorf("acknowledgements: %v, %v", answers, err)
	}
}

// testRemoteSockets: the other server's sockets are found with their data, and may be
// made to join.
func testRemoteSockets(t *testing.T, n *node, here, there *visitor) {
	sockets, err := n.chat.Sockets(testContext(t))
	if err != nil || len(sockets) != 2 {
		t.Fatalf("found %d sockets, %v", len(sockets), err)
	}
	for _, s := range sockets {
		if diff := cmp.Diff(user(), s.Data.User, cmp.AllowUnexported(runtime.Optional[string]{})); diff != "" {
			t.Errorf("data of %s (-set +got):\n%s", s.ID(), diff)
		}
		if rooms := s.Rooms(); !slices.Contains(rooms, "lobby") {
			t.Errorf("rooms of %s: %q", s.ID(), rooms)
		}
	}
	if err := n.chat.To(there.ID()).SocketsJoin("remote"); err != nil {
		t.Fatal(err)
	}
	if err := n.chat.To("remote").EmitBasicEmit(-1<<53+1, "remote", []byte{7}); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, there.basics); got != fmt.Sprint(-1<<53+1, " remote [7]") {
		t.Errorf("got %q", got)
	}
	if err := n.chat.Local().EmitBasicEmit(1, "local", nil); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, here.basics); got != "1 local []" {
		t.Errorf("got %q", got)
	}
}

// testServers: events between servers, with acknowledgements and without.
func testServers(t *testing.T, n *node, here, there *visitor) {
	ctx := testContext(t)
	if err := n.chat.InterServer().EmitReload(ctx, "new"); err != nil {
		t.Fatal(err)
	}
	if got, want := receive(t, there.basics), fmt.Sprint(1<<53-1, " new at child [0 255]"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	pairs, err := n.pairs.InterServer().EmitPair(ctx)
	if err != nil || len(pairs) != 1 || pairs[0].A != -1<<52 || pairs[0].B != "child" {
		t.Errorf("pair: %+v, %v", pairs, err)
	}
	detail := true
	loads, err := n.pairs.InterServer().EmitLoad(ctx, &detail)
	if err != nil || !slices.Equal(loads, []ops.Load{{CPU: 0.25, Sockets: 1<<53 - 1}}) {
		t.Errorf("load: %+v, %v", loads, err)
	}
	if len(here.basics) > 0 {
		t.Errorf("the server told itself: %s", <-here.basics)
	}
}

// testRemoteChild: a dynamic namespace that is open on the other server only.
func testRemoteChild(t *testing.T, n *node, other string) {
	c, got := tenant(runtime.NewManager(other, optionsFor(native, other)), "/tenant-9")
	connect(t, c)
	if err := n.tenants.Of("/tenant-9").EmitStatus(7); err != nil {
		t.Fatal(err)
	}
	wantCodes(t, got, 7)
	sockets, err := n.tenants.Of("/tenant-9").Sockets(testContext(t))
	if err != nil || len(sockets) != 1 || sockets[0].ID() != c.ID() {
		t.Errorf("its sockets: %v, %v", sockets, err)
	}
}

func testRemoteDisconnect(t *testing.T, n *node, here, there *visitor) {
	if err := n.chat.To("remote").DisconnectSockets(false); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, there.ended); got != runtime.IOServerDisconnect {
		t.Errorf("disconnected for %q", got)
	}
	if !here.Connected() {
		t.Error("one more was disconnected")
	}
}
