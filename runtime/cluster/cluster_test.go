package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/cluster"
	between "github.com/siogen/siogen/testdata/golden/cluster"
	chat "github.com/siogen/siogen/testdata/golden/everything"
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

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// node is one server of a cluster.
type node struct {
	*runtime.Server
	adapter *cluster.Adapter
	line    *line
	url     string
}

var quiet = slog.New(slog.DiscardHandler)

// nodes starts n servers on a bus of their own, and waits until they know each other.
// serve serves what they are to have, before.
func nodes(t *testing.T, n int, o cluster.Options, so runtime.ServerOptions, serve func(i int, s *runtime.Server)) []*node {
	t.Helper()
	b := newBus()
	var lines []*line
	all := nodesOver(t, n, func() cluster.PubSub {
		lines = append(lines, b.line())
		return lines[len(lines)-1]
	}, o, so, serve)
	for i, nd := range all {
		nd.line = lines[i]
	}
	return all
}

func nodesOver(t *testing.T, n int, pubsub func() cluster.PubSub, o cluster.Options, so runtime.ServerOptions, serve func(i int, s *runtime.Server)) []*node {
	t.Helper()
	o.Logger, so.Logger = quiet, quiet
	var all []*node
	for i := range n {
		nd := &node{adapter: cluster.New(pubsub(), o)}
		so.Adapter = nd.adapter.NewAdapter
		nd.Server = runtime.NewServer(so)
		serve(i, nd.Server)
		web := httptest.NewServer(nd.Server)
		nd.url = web.URL
		t.Cleanup(func() {
			ctx, stop := context.WithTimeout(context.Background(), patience)
			defer stop()
			if err := errors.Join(nd.Server.Close(ctx), nd.adapter.Close(ctx)); err != nil {
				t.Errorf("Close: %v", err)
			}
			web.Close()
		})
		all = append(all, nd)
	}
	for _, nd := range all {
		eventually(t, "the servers to know each other", func() bool { return nd.adapter.ServerCount() == n })
	}
	return all
}

// clientOptions are for clients that do not come back.
var clientOptions = runtime.ClientOptions{Logger: quiet, NoReconnection: true}

// world is servers with the chat and a client at each.
type world struct {
	nodes   []*node
	servers []*chat.Server
	sockets []*chat.ServerSocket
	clients []*chat.Client
	// got is what the clients get, with their number before it.
	got chan string
}

func newWorld(t *testing.T, n int, o cluster.Options, so runtime.ServerOptions) *world {
	t.Helper()
	w := &world{got: make(chan string, 1000)}
	connected := make(chan *chat.ServerSocket, n)
	w.nodes = nodes(t, n, o, so, func(_ int, s *runtime.Server) {
		srv := chat.NewServer(s)
		srv.Use(func(_ context.Context, s *chat.ServerSocket) error {
			s.Data().User = user(s.Auth().Token)
			return nil
		})
		srv.OnConnection(func(_ context.Context, s *chat.ServerSocket) error {
			s.Join("all")
			connected <- s
			return nil
		})
		w.servers = append(w.servers, srv)
	})
	for i, nd := range w.nodes {
		c := chat.NewClient(nd.url, clientOptions)
		c.SetAuth(chat.HandshakeAuth{Token: fmt.Sprint("user", i)})
		c.OnBasicEmit(func(_ context.Context, a int, b string, c []byte) error {
			w.got <- fmt.Sprint(i, " ", a, " ", b, " ", c)
			return nil
		})
		c.OnWithAck(func(_ context.Context, d string) (int, error) { return i, nil })
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Errorf("closing a client: %v", err)
			}
		})
		ok(t, c.Connect(testContext(t)))
		w.clients = append(w.clients, c)
		w.sockets = append(w.sockets, receive(t, connected, "the socket"))
	}
	return w
}

// largestID is what JavaScript's numbers are exact up to, where an int holds as much.
const largestID = math.MaxInt >> 10

func user(name string) chat.User {
	return chat.User{ID: largestID, Name: name, Avatar: []byte{0, 255}, JoinedAt: time.Unix(1, 0).UTC(), Role: chat.RoleMember}
}

// want checks what the clients get, in any order, and that it is all.
func (w *world) want(t *testing.T, lines ...string) {
	t.Helper()
	var got []string
	for range lines {
		got = append(got, receive(t, w.got, fmt.Sprintf("%q", lines)))
	}
	slices.Sort(got)
	if !slices.Equal(got, lines) {
		t.Fatalf("got %q, want %q", got, lines)
	}
	// What comes behind shows that there is nothing else.
	for i, s := range w.sockets {
		ok(t, s.EmitBasicEmit(i, "end", nil))
	}
	for range w.sockets {
		if l := receive(t, w.got, "the end"); !strings.Contains(l, "end") {
			t.Fatalf("too much: %q", l)
		}
	}
}

func TestBroadcastsReachTheSocketsOfAllServers(t *testing.T) {
	w := newWorld(t, 3, cluster.Options{}, runtime.ServerOptions{})
	a, s := w.servers[0], w.sockets
	bytes := []byte{1, 2}
	for name, test := range map[string]struct {
		to   chat.ServerBroadcast
		want []string
	}{
		"everybody":                       {a.ServerBroadcast, []string{"0 -7 x [1 2]", "1 -7 x [1 2]", "2 -7 x [1 2]"}},
		"a room":                          {a.To("all"), []string{"0 -7 x [1 2]", "1 -7 x [1 2]", "2 -7 x [1 2]"}},
		"this server":                     {a.Local(), []string{"0 -7 x [1 2]"}},
		"a socket of another":             {a.To(s[2].ID()), []string{"2 -7 x [1 2]"}},
		"all but one of another":          {a.Except(s[1].ID()).Compress(false), []string{"0 -7 x [1 2]", "2 -7 x [1 2]"}},
		"a room but one":                  {a.To("all").Except(s[1].ID()), []string{"0 -7 x [1 2]", "2 -7 x [1 2]"}},
		"from a socket to the others":     {s[1].Broadcast(), []string{"0 -7 x [1 2]", "2 -7 x [1 2]"}},
		"from a socket to those in rooms": {s[1].To("all", s[0].ID()), []string{"0 -7 x [1 2]", "2 -7 x [1 2]"}},
		"nobody":                          {a.To("nowhere"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			ok(t, test.to.EmitBasicEmit(-7, "x", bytes))
			// The way back over the bus shows that nothing is under way any more.
			_, err := a.Sockets(testContext(t))
			ok(t, err)
			_, err = w.servers[1].Sockets(testContext(t))
			ok(t, err)
			w.want(t, test.want...)
		})
	}
}

func TestValuesOfAllTypesCrossTheCluster(t *testing.T) {
	w := newWorld(t, 2, cluster.Options{}, runtime.ServerOptions{})
	got := make(chan chat.Message, 1)
	w.clients[1].OnMessage(func(_ context.Context, m chat.Message, _ chat.Room) error { got <- m; return nil })
	caption := "ünï"
	want := &chat.ImageMessage{
		ID: "id", From: user("sender"), Image: []byte("image"), Caption: &caption,
		Size: chat.ImageMessageSize{Width: 65535, Height: 1},
	}
	ok(t, w.servers[0].To(w.sockets[1].ID()).EmitMessage(want, "room"))
	if diff := cmp.Diff(chat.Message(want), receive(t, got, "the message"), cmp.AllowUnexported(runtime.Optional[string]{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAcknowledgementsComeFromAllServers(t *testing.T) {
	w := newWorld(t, 3, cluster.Options{}, runtime.ServerOptions{})
	answers, err := w.servers[0].EmitWithAck(testContext(t), "?")
	slices.Sort(answers)
	if err != nil || !slices.Equal(answers, []int{0, 1, 2}) {
		t.Errorf("got %v, %v", answers, err)
	}
	answers, err = w.servers[0].Local().EmitWithAck(testContext(t), "?")
	if err != nil || !slices.Equal(answers, []int{0}) {
		t.Errorf("local: got %v, %v", answers, err)
	}

	// One does not answer, and one disconnects instead.
	asked := make(chan struct{}, 2)
	release := make(chan struct{})
	w.clients[1].OnWithAck(func(ctx context.Context, _ string) (int, error) {
		asked <- struct{}{}
		select {
		case <-release:
		case <-ctx.Done():
		}
		return 1, nil
	})
	w.clients[2].OnWithAck(func(ctx context.Context, _ string) (int, error) {
		asked <- struct{}{}
		<-ctx.Done()
		return 0, errors.New("disconnected")
	})
	go func() {
		<-asked
		<-asked
		_ = w.clients[2].Close()
		close(release)
	}()
	answers, err = w.servers[0].EmitWithAck(testContext(t), "?")
	slices.Sort(answers)
	missing, is := errors.AsType[*runtime.BroadcastAckError](err)
	if !is || !slices.Equal(missing.Missing, []string{w.sockets[2].ID()}) || !slices.Equal(answers, []int{0, 1}) {
		t.Errorf("got %v, %v", answers, err)
	}
}

func TestSocketsOfAllServersWithTheirData(t *testing.T) {
	// Small messages: each server's sockets come in several records.
	w := newWorld(t, 2, cluster.Options{MaxMessage: 4000}, runtime.ServerOptions{})
	w.sockets[1].UpdateData(func(d *chat.SocketData) { d.User.Name = "renamed" })
	sockets, err := w.servers[0].Sockets(testContext(t))
	if err != nil || len(sockets) != 2 {
		t.Fatalf("%d sockets, %v", len(sockets), err)
	}
	i := slices.IndexFunc(sockets, func(s *chat.ServerRemoteSocket) bool { return s.ID() == w.sockets[1].ID() })
	remote := sockets[i]
	if remote.Data.User.Name != "renamed" || remote.Data.User.ID != largestID || !slices.Equal(remote.Data.User.Avatar, []byte{0, 255}) {
		t.Errorf("data %+v", remote.Data)
	}
	if h := remote.Handshake(); h.RemoteAddr == "" || h.Header.Get("Upgrade") == "" || !strings.Contains(string(h.Auth), "user1") {
		t.Errorf("handshake %+v", h)
	}
	if !slices.Contains(remote.Rooms(), "all") {
		t.Errorf("rooms %q", remote.Rooms())
	}

	ok(t, remote.EmitBasicEmit(1, "to one", nil))
	w.want(t, "1 1 to one []")
	ok(t, remote.Join("late"))
	eventually(t, "the room", func() bool { return slices.Contains(w.sockets[1].Rooms(), "late") })
	ok(t, remote.Leave("late"))
	eventually(t, "the end of the room", func() bool { return !slices.Contains(w.sockets[1].Rooms(), "late") })
	ok(t, remote.Disconnect(true))
	eventually(t, "the end of the socket", func() bool { return !w.clients[1].Connected() })
	if !w.clients[0].Connected() {
		t.Error("another socket was disconnected")
	}

	sockets, err = w.servers[1].Local().Sockets(testContext(t))
	if err != nil || len(sockets) != 0 {
		t.Errorf("local: %d sockets, %v", len(sockets), err)
	}
}

func TestAServerThatDiesDuringARequest(t *testing.T) {
	w := newWorld(t, 3, cluster.Options{RequestTimeout: 300 * time.Millisecond}, runtime.ServerOptions{})
	dead := w.nodes[2]
	dead.line.sever()
	sockets, err := w.servers[0].Sockets(testContext(t))
	lost, is := errors.AsType[*runtime.ServersError](err)
	if !is || !slices.Equal(lost.Missing, []string{dead.adapter.ServerID()}) || len(sockets) != 2 {
		t.Errorf("Sockets: %d, %v", len(sockets), err)
	}
	answers, err := w.servers[0].EmitWithAck(testContext(t), "?")
	slices.Sort(answers)
	if lost, is = errors.AsType[*runtime.ServersError](err); !is || len(lost.Missing) != 1 || !slices.Equal(answers, []int{0, 1}) {
		t.Errorf("acknowledgements: %v, %v", answers, err)
	}
}

func TestASilentServerIsForgotten(t *testing.T) {
	o := cluster.Options{HeartbeatInterval: 20 * time.Millisecond, HeartbeatTimeout: 2 * time.Second}
	w := newWorld(t, 2, o, runtime.ServerOptions{})
	w.nodes[1].line.sever()
	eventually(t, "the other to be forgotten", func() bool { return w.nodes[0].adapter.ServerCount() == 1 })
	sockets, err := w.servers[0].Sockets(testContext(t))
	if err != nil || len(sockets) != 1 {
		t.Errorf("%d sockets, %v", len(sockets), err)
	}
}

func TestAServerThatClosesIsForgottenAtOnce(t *testing.T) {
	w := newWorld(t, 2, cluster.Options{HeartbeatInterval: time.Hour, HeartbeatTimeout: time.Hour}, runtime.ServerOptions{})
	ok(t, w.nodes[1].Server.Close(testContext(t)))
	ok(t, w.nodes[1].adapter.Close(testContext(t)))
	eventually(t, "the other to be forgotten", func() bool { return w.nodes[0].adapter.ServerCount() == 1 })
	if err := w.servers[1].EmitBasicEmit(1, "x", nil); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("a broadcast of the closed server: %v", err)
	}
}

func TestEventsBetweenServers(t *testing.T) {
	var servers []*between.Server
	got := make(chan string, 100)
	release := make(chan struct{})
	all := nodes(t, 3, cluster.Options{}, runtime.ServerOptions{}, func(i int, s *runtime.Server) {
		srv := between.NewServer(s)
		on := srv.InterServer()
		on.OnReload(func(_ context.Context, reason string) error { got <- fmt.Sprint(i, " ", reason); return nil })
		on.OnLoad(func(context.Context, *bool) (between.Load, error) { return between.Load{Sockets: i}, nil })
		on.OnTry(func(ctx context.Context) error {
			if i == 1 {
				return nil
			}
			select {
			case <-release:
			case <-ctx.Done():
			}
			return nil
		})
		servers = append(servers, srv)
	})
	ctx := testContext(t)
	for n := range 10 {
		ok(t, servers[0].InterServer().EmitReload(ctx, fmt.Sprint(n)))
	}
	next := map[string]int{}
	for range 20 {
		server, n, _ := strings.Cut(receive(t, got, "an event"), " ")
		if server == "0" || n != fmt.Sprint(next[server]) {
			t.Fatalf("server %s got %s, want %d", server, n, next[server])
		}
		next[server]++
	}
	loads, err := servers[1].InterServer().EmitLoad(ctx, nil)
	slices.SortFunc(loads, func(a, b between.Load) int { return a.Sockets - b.Sockets })
	if err != nil || !slices.Equal(loads, []between.Load{{Sockets: 0}, {Sockets: 2}}) {
		t.Errorf("got %v, %v", loads, err)
	}

	limit, stop := context.WithTimeout(ctx, 200*time.Millisecond)
	defer stop()
	err = servers[0].InterServer().EmitTry(limit)
	missing, is := errors.AsType[*runtime.BroadcastAckError](err)
	if _, timeout := errors.AsType[*runtime.AckTimeoutError](err); !is || !timeout || !slices.Equal(missing.Missing, []string{all[2].adapter.ServerID()}) {
		t.Errorf("one does not answer: %v", err)
	}
	close(release)
}

func TestDynamicNamespacesAcrossServers(t *testing.T) {
	var servers []*chat.AdminServer
	all := nodes(t, 2, cluster.Options{}, runtime.ServerOptions{CleanupEmptyChildNamespaces: true}, func(_ int, s *runtime.Server) {
		servers = append(servers, chat.NewDynamicAdminServer(s, runtime.NamespacePattern(regexp.MustCompile(`^/t-\d$`))))
	})
	got := make(chan string, 100)
	for i, nd := range all { // the namespaces are open at one server each
		name := fmt.Sprintf("/t-%d", i)
		m := runtime.NewManager(nd.url, clientOptions)
		t.Cleanup(func() {
			if err := m.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		c := chat.NewManagedAdminClientOf(m, name)
		c.SetAuth(chat.AdminHandshakeAuth{Token: "x"})
		c.OnReport(func(_ context.Context, from chat.User, _ chat.Message) error {
			got <- name + " " + from.Name
			return nil
		})
		ok(t, c.Connect(testContext(t)))
	}
	about := &chat.SystemMessage{Level: chat.SystemMessageLevelInfo}
	ok(t, servers[0].EmitReport(user("all"), about))
	heard := []string{receive(t, got, "a report"), receive(t, got, "a report")}
	slices.Sort(heard)
	if !slices.Equal(heard, []string{"/t-0 all", "/t-1 all"}) {
		t.Errorf("got %q", heard)
	}
	ok(t, servers[0].Of("/t-1").EmitReport(user("one"), about))
	if r := receive(t, got, "a report"); r != "/t-1 one" {
		t.Errorf("got %q", r)
	}
	sockets, err := servers[1].Sockets(testContext(t))
	if err != nil || len(sockets) != 2 {
		t.Errorf("%d sockets, %v", len(sockets), err)
	}
}

func TestGarbageOnTheBusChangesNothing(t *testing.T) {
	w := newWorld(t, 2, cluster.Options{}, runtime.ServerOptions{})
	intruder := w.nodes[0].line.bus.line()
	for _, m := range []string{"", "\x01", "garbage", "\x01\x01a\xff\xff\xff\xff\xff\xff", "\x01\x01a\x05\x04\x01/\x00\x00", strings.Repeat("x", 2<<20)} {
		ok(t, intruder.Publish(testContext(t), []byte(m)))
	}
	// An event whose JSON is none, well wrapped up.
	ok(t, intruder.Publish(testContext(t), []byte("\x01\x01a\x0b\x04\x01/\x00\x00\x00\x03[\"x\x00\x00")))
	ok(t, w.servers[0].EmitBasicEmit(1, "fine", nil))
	w.want(t, "0 1 fine []", "1 1 fine []")
}

func TestWhatDoesNotFitIsAnError(t *testing.T) {
	w := newWorld(t, 2, cluster.Options{MaxMessage: 4000}, runtime.ServerOptions{})
	if err := w.servers[0].EmitBasicEmit(1, strings.Repeat("x", 5000), nil); !errors.Is(err, cluster.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	if l := receive(t, w.got, "the event at this server"); !strings.HasPrefix(l, "0 1 xxx") {
		t.Errorf("got %.20q", l)
	}
}
