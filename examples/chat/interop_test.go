package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/internal/testjs"
	"github.com/siogen/siogen/runtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bothParsers runs a test with each way to write packets, which the official
// programs take from their environment.
func bothParsers(t *testing.T, test func(t *testing.T, parser runtime.Parser)) {
	for _, parser := range []runtime.Parser{runtime.ParserDefault, runtime.ParserMsgpack} {
		t.Run(parser.String(), func(t *testing.T) {
			t.Setenv("PARSER", parser.String())
			test(t, parser)
		})
	}
}

// The chat's own server, driven by npm's official client.
func TestOfficialClient(t *testing.T) { bothParsers(t, testOfficialClient) }

func testOfficialClient(t *testing.T, parser runtime.Parser) {
	modules := testjs.Modules(t)
	for _, transports := range []string{"websocket", "polling", "polling websocket"} {
		t.Run(transports, func(t *testing.T) {
			server := runtime.NewServer(runtime.ServerOptions{Logger: slog.New(slog.DiscardHandler), Parser: parser})
			newChat(server, "secret")
			web := httptest.NewServer(server)
			defer web.Close()
			defer func() {
				if err := server.Close(t.Context()); err != nil {
					t.Errorf("closing: %v", err)
				}
			}()
			script := filepath.Join(filepath.Dir(modules), "examples", "chat", "testdata", "client.mjs")
			out, code := testjs.Run(t, append([]string{script, web.URL}, strings.Fields(transports)...)...)
			if code != 0 {
				t.Errorf("exit code %d:\n%s", code, out)
			}
		})
	}
}

// officialServer runs the chat's contract on npm's server and returns its address.
func officialServer(t *testing.T) string {
	t.Helper()
	return testjs.Server(t, "examples/chat/testdata/server.mjs")
}

func newTestClient(t *testing.T, url string, parser runtime.Parser) *chatio.Client {
	t.Helper()
	c := chatio.NewClient(url, runtime.ClientOptions{Logger: slog.New(slog.DiscardHandler), NoReconnection: true, Parser: parser})
	c.SetAuth(chatio.HandshakeAuth{Token: "secret", Name: new("Ann")})
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("closing the client: %v", err)
		}
	})
	return c
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(stop)
	return ctx
}

// receive waits for the next value.
func receive[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("no %s within 30 s", what)
		panic("unreachable")
	}
}

// The generated Go client against npm's official server.
func TestOfficialServer(t *testing.T) { bothParsers(t, testOfficialServer) }

func testOfficialServer(t *testing.T, parser runtime.Parser) {
	url := officialServer(t)
	c := newTestClient(t, url, parser)
	ctx := testContext(t)

	type basic struct {
		a int
		b string
		c []byte
	}
	noArg, basics, messages := make(chan struct{}, 1), make(chan basic, 1), make(chan chatio.Message, 2)
	avatars, invalid := make(chan []byte, 1), make(chan string, 1)
	left, ended := make(chan chatio.User, 1), make(chan runtime.DisconnectReason, 1)
	c.OnNoArg(func(context.Context) error { noArg <- struct{}{}; return nil })
	c.OnBasicEmit(func(_ context.Context, a int, b string, c []byte) error { basics <- basic{a, b, c}; return nil })
	c.OnWithAck(func(_ context.Context, d string) (int, error) { return len(d), nil })
	c.OnMessage(func(_ context.Context, msg chatio.Message, _ chatio.Room) error { messages <- msg; return nil })
	c.OnAvatarChanged(func(_ context.Context, _ int, image []byte) error { avatars <- image; return nil })
	c.OnUserLeft(func(_ context.Context, user chatio.User, _ chatio.Room) error { left <- user; return nil })
	c.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) { ended <- reason })
	c.OnInvalid(func(_ context.Context, err *runtime.DecodeError) error { invalid <- err.Error(); return nil })
	if err := c.Connect(ctx); err != nil {
		t.Fatal(err)
	}

	if err := c.EmitHello(); err != nil {
		t.Fatal(err)
	}
	receive(t, noArg, "noArg")
	if got, want := receive(t, basics, "basicEmit"), (basic{1, "welcome", []byte{1, 2, 3}}); !reflect.DeepEqual(got, want) {
		t.Errorf("basicEmit %v, want %v", got, want)
	}
	system, ok := receive(t, messages, "message").(*chatio.SystemMessage)
	if !ok || system.Text != "you said 9" || system.Level != chatio.SystemMessageLevelWarning || len(system.Details) != 1 {
		t.Errorf("message %+v", system)
	}

	members, err := c.EmitJoin(ctx, "lobby")
	if err != nil || len(members) != 1 || members[0].Name != "Ann" || string(members[0].Avatar) != "\t\b\a" || !members[0].Mood.IsNull() {
		t.Errorf("join: %+v, %v", members, err)
	}
	_, err = c.EmitJoin(ctx, "tiny")
	if refused, ok := errors.AsType[*chatio.JoinError](err); !ok || refused.Code != chatio.JoinErrorCodeFull {
		t.Errorf("join of a full room: %v", err)
	}
	_, err = c.EmitJoin(ctx, "broken")
	if wrong, ok := errors.AsType[*runtime.DecodeError](err); !ok || wrong.Error() != `join.members[0].role: "king" is not a Role` {
		t.Errorf("join with an answer that is not as declared: %v", err)
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err = c.EmitJoin(short, "silent")
	if _, ok := errors.AsType[*runtime.AckTimeoutError](err); !ok {
		t.Errorf("join without an answer: %v", err)
	}

	if id, err := c.EmitChatMessage(ctx, "lobby", "hi \u2028 \U0001F600"); err != nil || id != "1" {
		t.Errorf("chat message: %q, %v", id, err)
	}
	if text, ok := receive(t, messages, "message").(*chatio.TextMessage); !ok || text.Text != "hi \u2028 \U0001F600" || !text.SentAt.Equal(time.Unix(0, 0)) {
		t.Errorf("message %+v", text)
	}
	_, err = c.EmitChatMessage(ctx, "go", "hi")
	if refused, ok := errors.AsType[*chatio.SendError](err); !ok || refused.Code != chatio.SendErrorCodeNotInRoom {
		t.Errorf("a chat message into a room of others: %v", err)
	}
	image := []byte(strings.Repeat("\x00\xff", 3000))
	if err := c.EmitSetAvatar(image); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, avatars, "avatar"); string(got) != string(image) {
		t.Errorf("avatar of %d bytes", len(got))
	}

	if err := c.EmitLeave("lobby"); err != nil {
		t.Fatal(err)
	}
	if got, want := receive(t, invalid, "invalid payload"), `message.msg.kind: "poem" is not a Message: expected "text" or "image" or "system"`; got != want {
		t.Errorf("invalid payload: %q, want %q", got, want)
	}
	receive(t, left, "event after the invalid one")

	if err := c.EmitTyping("lobby"); err != nil {
		t.Fatal(err)
	}
	if reason := receive(t, ended, "disconnect"); reason != runtime.IOServerDisconnect {
		t.Errorf("reason %q", reason)
	}
}

func TestOfficialServerRefuses(t *testing.T) { bothParsers(t, testOfficialServerRefuses) }

func testOfficialServerRefuses(t *testing.T, parser runtime.Parser) {
	c := newTestClient(t, officialServer(t), parser)
	c.SetAuth(chatio.HandshakeAuth{Token: "wrong"})
	err := c.Connect(testContext(t))
	refused, ok := errors.AsType[*runtime.RefusedError](err)
	if !ok || refused.Message != "wrong token" || string(refused.Data.Raw()) != `{"code":401}` {
		t.Errorf("Connect = %v", err)
	}
}

func TestTwoNamespacesOverOneConnection(t *testing.T) {
	m := runtime.NewManager(officialServer(t), runtime.ClientOptions{Logger: slog.New(slog.DiscardHandler)})
	defer func() {
		if err := m.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	ctx := testContext(t)
	c, admin := chatio.NewManagedClient(m), chatio.NewManagedAdminClient(m)
	c.SetAuth(chatio.HandshakeAuth{Token: "secret"})
	admin.SetAuth(chatio.AdminHandshakeAuth{Token: "any"})
	if err := errors.Join(c.Connect(ctx), admin.Connect(ctx)); err != nil {
		t.Fatal(err)
	}
	users, rooms, sent, err := admin.EmitStats(ctx)
	if err != nil || users != 3 || rooms["lobby"] != 3 || sent != 1<<64-1 {
		t.Errorf("stats: %d, %v, %d, %v", users, rooms, sent, err)
	}
	if _, err := c.EmitJoin(ctx, "lobby"); err != nil {
		t.Error(err)
	}
}
