package engines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/everything"
)

// pair is a connected client of everything, and its socket.
type pair struct {
	host   *host
	server *everything.Server
	socket *everything.ServerSocket
	client *everything.Client
}

func newPair(t *testing.T, p pairing, prepare func(*everything.Client)) *pair {
	t.Helper()
	h := newHost(t, p)
	x := &pair{host: h, server: everything.NewServer(h.Server)}
	sockets := make(chan *everything.ServerSocket, 1)
	x.server.OnConnection(func(_ context.Context, s *everything.ServerSocket) error {
		s.OnJoin(func(_ context.Context, room everything.Room) ([]everything.User, error) {
			if room == "full" {
				return nil, &everything.JoinError{Code: everything.JoinErrorCodeFull, Message: "no place left"}
			}
			s.Join(string(room))
			return []everything.User{user()}, nil
		})
		sockets <- s
		return nil
	})
	x.client = everything.NewClient(h.url, h.clientOptions(p))
	x.client.SetAuth(everything.HandshakeAuth{Token: "t"})
	if prepare != nil {
		prepare(x.client)
	}
	connect(t, x.client)
	x.socket = receive(t, sockets)
	return x
}

// user has every sort of field: bytes among them, and the largest integer that all
// ends hold.
func user() everything.User {
	return everything.User{
		ID: 1<<53 - 1, Name: `Ada "<&>" ☃`, Avatar: []byte{0, 1, 255}, Email: nil,
		Mood: runtime.Null[string](), JoinedAt: time.Date(2026, 5, 4, 3, 2, 1, 123456789, time.UTC),
		Role: everything.RoleAdmin, Tags: everything.Tags{"a", ""},
	}
}

// image is a union's variant with bytes at two depths.
func image() everything.Message {
	caption := "c"
	return &everything.ImageMessage{
		ID: "i", From: user(), Image: bytes.Repeat([]byte{7}, 3000), Caption: &caption,
		Size: everything.ImageMessageSize{Width: math.MaxUint16},
	}
}

func system(t *testing.T) everything.Message {
	t.Helper()
	level := everything.SystemMessageLevelWarning
	m := &everything.SystemMessage{Text: "s", Level: level, Details: map[string]runtime.Any{}}
	for name, v := range map[string]any{"list": []any{1, "two", nil}, "bytes": []byte{9, 8}} {
		a, err := runtime.AnyOf(v)
		if err != nil {
			t.Fatal(err)
		}
		m.Details[name] = a
	}
	return m
}

// TestEventsArriveAsTheyWereSent: structs, unions, optional arguments, and bytes
// wherever they stand.
func TestEventsArriveAsTheyWereSent(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		basics, messages, avatars := make(chan string, 1), make(chan everything.Message, 3), make(chan []byte, 2)
		x := newPair(t, p, func(c *everything.Client) {
			c.OnBasicEmit(func(_ context.Context, a int, b string, c []byte) error {
				basics <- fmt.Sprint(a, b, c)
				return nil
			})
			c.OnMessage(func(_ context.Context, m everything.Message, _ everything.Room) error { messages <- m; return nil })
			c.OnAvatarChanged(func(_ context.Context, _ int, image []byte) error { avatars <- image; return nil })
		})
		if err := x.socket.EmitBasicEmit(-5, "x", []byte{1, 2}); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, basics); got != fmt.Sprint(-5, "x", []byte{1, 2}) {
			t.Errorf("basicEmit: %s", got)
		}
		text := &everything.TextMessage{ID: "1", From: user(), Text: "hi", SentAt: user().JoinedAt, ReplyTo: &everything.TextMessage{ID: "0", From: user(), SentAt: user().JoinedAt}}
		for _, m := range []everything.Message{text, image()} {
			for name, emit := range map[string]func(everything.Message, everything.Room) error{
				"emit": x.socket.EmitMessage, "broadcast": x.server.EmitMessage,
			} {
				if err := emit(m, "room"); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(m, receive(t, messages), cmp.AllowUnexported(runtime.Optional[string]{})); diff != "" {
					t.Errorf("%s (-sent +got):\n%s", name, diff)
				}
			}
		}
		if err := x.socket.EmitMessage(system(t), "room"); err != nil {
			t.Fatal(err)
		}
		details := receive(t, messages).(*everything.SystemMessage).Details
		var blob []byte
		var list []any
		if err := errors.Join(details["bytes"].Decode(&blob), details["list"].Decode(&list)); err != nil || !bytes.Equal(blob, []byte{9, 8}) || len(list) != 3 {
			t.Errorf("any: %v, %v, %v", blob, list, err)
		}
		if err := errors.Join(x.socket.EmitAvatarChanged(1, nil), x.socket.EmitAvatarChanged(1, []byte{})); err != nil {
			t.Fatal(err)
		}
		if absent, empty := receive(t, avatars), receive(t, avatars); absent != nil || empty == nil || len(empty) > 0 {
			t.Errorf("optional bytes: %v, %v", absent, empty)
		}
	})
}

// TestEventsKeepTheirOrder: those with attachments among them, in both directions.
func TestEventsKeepTheirOrder(t *testing.T) {
	const events = 200
	pairings(t, func(t *testing.T, p pairing) {
		got := make(chan int, events)
		x := newPair(t, p, func(c *everything.Client) {
			c.OnBasicEmit(func(_ context.Context, a int, _ string, _ []byte) error { got <- a; return nil })
			c.OnAvatarChanged(func(_ context.Context, id int, _ []byte) error { got <- id; return nil })
		})
		back := make(chan int, events)
		x.socket.OnInvite(func(_ context.Context, _ everything.Room, ids ...int) error { back <- ids[0]; return nil })
		x.socket.OnSetAvatar(func(_ context.Context, image []byte) error { back <- int(image[0]); return nil })
		for i := range events {
			var err error
			if i%2 == 0 {
				err = errors.Join(x.socket.EmitBasicEmit(i, "", []byte("attachment")), x.client.EmitInvite("r", i, -1))
			} else {
				err = errors.Join(x.socket.EmitAvatarChanged(i, nil), x.client.EmitSetAvatar([]byte{byte(i)}))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for i := range events {
			if a, b := receive(t, got), receive(t, back); a != i || b != i {
				t.Fatalf("event %d: client got %d, server %d", i, a, b)
			}
		}
	})
}

// TestHandlersMayBlock: an acknowledgement is heard while a handler waits for it.
func TestHandlersMayBlock(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		x := newPair(t, p, func(c *everything.Client) {
			c.OnWithAck(func(_ context.Context, d string) (int, error) { return len(d), nil })
		})
		x.socket.OnChatMessage(func(ctx context.Context, _ everything.Room, text string) (string, error) {
			n, err := x.socket.EmitWithAck(ctx, text)
			return fmt.Sprint(n), err
		})
		if id, err := x.client.EmitChatMessage(testContext(t), "r", "four"); err != nil || id != "4" {
			t.Errorf("got %q, %v", id, err)
		}
	})
}

// TestDeclaredErrorsCross, and bytes in an acknowledgement.
func TestDeclaredErrorsCross(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		x := newPair(t, p, nil)
		ctx := testContext(t)
		members, err := x.client.EmitJoin(ctx, "lobby")
		if diff := cmp.Diff([]everything.User{user()}, members, cmp.AllowUnexported(runtime.Optional[string]{})); diff != "" || err != nil {
			t.Errorf("members: %v\n%s", err, diff)
		}
		_, err = x.client.EmitJoin(ctx, "full")
		if e := asError[*everything.JoinError](t, err); e.Code != everything.JoinErrorCodeFull {
			t.Errorf("got %+v", e)
		}
	})
}

// TestAcknowledgementsTimeOut, and fail when the peer goes.
func TestAcknowledgementsTimeOut(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		release := make(chan struct{})
		x := newPair(t, p, func(c *everything.Client) {
			c.OnWithAck(func(ctx context.Context, _ string) (int, error) {
				select {
				case <-release:
				case <-ctx.Done():
				}
				return 0, nil
			})
		})
		ctx, stop := context.WithTimeout(testContext(t), 50*time.Millisecond)
		defer stop()
		_, err := x.socket.EmitWithAck(ctx, "slow")
		asError[*runtime.AckTimeoutError](t, err)
		gone := make(chan error, 1)
		go func() {
			_, err := x.socket.EmitWithAck(context.Background(), "never")
			gone <- err
		}()
		close(release) // the first one; the second is asked of a client that leaves
		if err := x.client.Disconnect(); err != nil {
			t.Fatal(err)
		}
		if err := receive(t, gone); err != nil && !errors.Is(err, runtime.ErrClosed) {
			t.Errorf("after the client left: %v", err)
		}
	})
}

// TestCatchAllHandlersSeeEverything, also what the schema does not know.
func TestCatchAllHandlersSeeEverything(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		got, sent := make(chan string, 8), make(chan string, 8)
		x := newPair(t, p, func(c *everything.Client) {
			c.OnAny(func(_ context.Context, event string, args runtime.Any) { got <- event + string(args.Raw()) })
		})
		x.socket.OnAnyOutgoing(func(event string, args runtime.Any) { sent <- event + string(args.Raw()) })
		if err := x.socket.EmitAvatarChanged(7, nil); err != nil {
			t.Fatal(err)
		}
		if a, b := receive(t, got), receive(t, sent); a != "avatarChanged[7]" || b != a {
			t.Errorf("client saw %s, server sent %s", a, b)
		}
	})
}

// TestPanicsEndNothingButTheCall.
func TestPanicsEndNothingButTheCall(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		x := newPair(t, p, nil)
		x.socket.OnHello(func(context.Context) error { panic("help") })
		if err := x.client.EmitHello(); err != nil {
			t.Fatal(err)
		}
		if _, err := x.client.EmitJoin(testContext(t), "lobby"); err != nil {
			t.Errorf("after the panic: %v", err)
		}
	})
}

// TestRoomsAndBroadcasts.
func TestRoomsAndBroadcasts(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		h := newHost(t, p)
		srv := everything.NewServer(h.Server)
		sockets := make(chan *everything.ServerSocket, 1)
		srv.OnConnection(func(_ context.Context, s *everything.ServerSocket) error {
			sockets <- s
			return nil
		})
		const members = 3
		heard := make(chan string, 100)
		var all []*everything.ServerSocket
		for i := range members {
			c := everything.NewClient(h.url, h.clientOptions(p))
			c.SetAuth(everything.HandshakeAuth{Token: "t"})
			c.OnBasicEmit(func(_ context.Context, a int, _ string, _ []byte) error {
				heard <- fmt.Sprintf("%d:%d", i, a)
				return nil
			})
			c.OnWithAck(func(_ context.Context, d string) (int, error) {
				if d == "odd" && i == 1 {
					<-t.Context().Done() // never answers
				}
				return i, nil
			})
			connect(t, c)
			all = append(all, receive(t, sockets))
		}
		expect := func(what string, err error, want ...string) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			var got []string
			for range want {
				got = append(got, receive(t, heard))
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: heard %q, want %q", what, got, want)
			}
		}
		expect("everybody", srv.EmitBasicEmit(1, "", nil), "0:1", "1:1", "2:1")
		all[0].Join("a", "b")
		all[1].Join("b")
		expect("two rooms", srv.To("a", "b").EmitBasicEmit(2, "", nil), "0:2", "1:2")
		expect("but the sender", all[0].Broadcast().EmitBasicEmit(3, "", nil), "1:3", "2:3")
		expect("but a room", srv.Except("a").EmitBasicEmit(4, "", []byte{1}), "1:4", "2:4")
		expect("one by its id", srv.To(all[2].ID()).Local().Compress(false).EmitBasicEmit(5, "", nil), "2:5")
		if err := srv.To("a").SocketsJoin("c"); err != nil {
			t.Fatal(err)
		}
		expect("after joining", srv.To("c").EmitBasicEmit(6, "", nil), "0:6")
		if err := srv.To("c").SocketsLeave("b"); err != nil {
			t.Fatal(err)
		}
		expect("after leaving", srv.To("b").EmitBasicEmit(7, "", nil), "1:7")
		if rooms, want := all[0].Rooms(), []string{"a", "c", all[0].ID()}; !cmp.Equal(rooms, sorted(want)) {
			t.Errorf("rooms %q, want %q", rooms, want)
		}

		answers, err := srv.EmitWithAck(testContext(t), "all")
		slices.Sort(answers)
		if err != nil || !slices.Equal(answers, []int{0, 1, 2}) {
			t.Errorf("acknowledgements: %v, %v", answers, err)
		}
		for timeout := 200 * time.Millisecond; timeout < waitLimit; timeout *= 2 { // the others may be slow, too
			if answers, err = srv.Timeout(timeout).EmitWithAck(testContext(t), "odd"); len(answers) == 2 {
				break
			}
		}
		missing := asError[*runtime.BroadcastAckError](t, err)
		if len(answers) != 2 || !slices.Equal(missing.Missing, []string{all[1].ID()}) {
			t.Errorf("answered %v, missing %v, want %s", answers, missing.Missing, all[1].ID())
		}

		found, err := srv.To("b").Sockets(testContext(t))
		if err != nil || len(found) != 1 || found[0].ID() != all[1].ID() {
			t.Errorf("sockets of a room: %v, %v", found, err)
		}
		if err := srv.To("b").DisconnectSockets(true); err != nil {
			t.Fatal(err)
		}
		select {
		case <-all[1].Context().Done():
		case <-time.After(waitLimit):
			t.Error("a socket is still there")
		}
	})
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// TestReasonsOfDisconnects.
func TestReasonsOfDisconnects(t *testing.T) {
	for _, test := range []struct {
		name           string
		end            func(x *pair) error
		server, client []runtime.DisconnectReason
	}{
		{
			"client leaves", func(x *pair) error { return x.client.Disconnect() },
			[]runtime.DisconnectReason{runtime.ClientNamespaceDisconnect, runtime.TransportClose},
			[]runtime.DisconnectReason{runtime.IOClientDisconnect},
		},
		{
			"server disconnects", func(x *pair) error { x.socket.Disconnect(false); return nil },
			[]runtime.DisconnectReason{runtime.ServerNamespaceDisconnect},
			[]runtime.DisconnectReason{runtime.IOServerDisconnect},
		},
		{
			"server closes", func(x *pair) error { return x.host.Close(context.Background()) },
			[]runtime.DisconnectReason{runtime.ServerShuttingDown},
			[]runtime.DisconnectReason{runtime.TransportClose},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			pairings(t, func(t *testing.T, p pairing) {
				client := make(chan runtime.DisconnectReason, 1)
				x := newPair(t, p, func(c *everything.Client) {
					c.OnDisconnect(func(_ context.Context, r runtime.DisconnectReason) { client <- r })
				})
				server, rooms := make(chan runtime.DisconnectReason, 1), make(chan []string, 1)
				x.socket.OnDisconnect(func(_ context.Context, r runtime.DisconnectReason) { server <- r })
				x.socket.OnDisconnecting(func(_ context.Context, _ runtime.DisconnectReason, in []string) { rooms <- in })
				x.socket.Join("last")
				if err := test.end(x); err != nil {
					t.Fatal(err)
				}
				if got := receive(t, server); !slices.Contains(test.server, got) {
					t.Errorf("server: %q, want one of %q", got, test.server)
				}
				if got := receive(t, client); !slices.Contains(test.client, got) {
					t.Errorf("client: %q, want %q", got, test.client)
				}
				if got := receive(t, rooms); !slices.Contains(got, "last") || !slices.Contains(got, x.socket.ID()) {
					t.Errorf("rooms at the end: %q", got)
				}
				if err := x.socket.EmitNoArg(); !errors.Is(err, runtime.ErrClosed) {
					t.Errorf("emitting after the end: %v", err)
				}
			})
		})
	}
}
