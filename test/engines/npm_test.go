package engines

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/testjs"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/everything"
)

// TestOfficialClient: npm's socket.io-client with each engine's server.
func TestOfficialClient(t *testing.T) {
	testjs.Modules(t)
	for _, engine := range []string{native, library, foreign} {
		for _, transports := range []string{"websocket", "polling", "polling websocket"} {
			t.Run(engine+", "+transports, func(t *testing.T) {
				h := newHost(t, pairing{server: engine})
				srv := everything.NewServer(h.Server)
				srv.Use(func(_ context.Context, s *everything.ServerSocket) error {
					if s.Auth().Token != "t" {
						return runtime.Refuse("not you", map[string]int{"code": 401})
					}
					return nil
				})
				srv.OnConnection(serveOfficialClient(srv))
				script := filepath.Join(testjs.Root(t), "test", "engines", "testdata", "client.mjs")
				out, code := testjs.Run(t, append([]string{script, h.url}, strings.Fields(transports)...)...)
				if code != 0 {
					t.Errorf("exit code %d:\n%s", code, out)
				}
			})
		}
	}
}

func serveOfficialClient(srv *everything.Server) func(context.Context, *everything.ServerSocket) error {
	return func(_ context.Context, s *everything.ServerSocket) error {
		s.OnJoin(func(_ context.Context, room everything.Room) ([]everything.User, error) {
			if room == "full" {
				return nil, &everything.JoinError{Code: everything.JoinErrorCodeFull, Message: "no place left"}
			}
			s.Join(string(room))
			return []everything.User{user()}, nil
		})
		s.OnSetAvatar(func(_ context.Context, image []byte) error {
			return srv.To("lobby").EmitMessage(&everything.ImageMessage{ID: "i", From: user(), Image: image}, "lobby")
		})
		s.OnChatMessage(func(ctx context.Context, _ everything.Room, text string) (string, error) {
			n, err := s.EmitWithAck(ctx, text)
			return fmt.Sprint(n), err
		})
		s.OnLeave(func(context.Context, everything.Room) error { s.Disconnect(false); return nil })
		return nil
	}
}

// TestOfficialServer: npm's socket.io with each engine's client.
func TestOfficialServer(t *testing.T) {
	url := testjs.Server(t, "test/engines/testdata/server.mjs")
	for _, engine := range []string{native, library, foreign} {
		t.Run(engine, func(t *testing.T) {
			c := everything.NewClient(url, optionsFor(engine, url))
			ctx := testContext(t)
			c.SetAuth(everything.HandshakeAuth{Token: "wrong"})
			refused := asError[*runtime.RefusedError](t, c.Connect(ctx))
			if data := string(refused.Data.Raw()); refused.Message != "not you" || data != `{"code":401}` {
				t.Errorf("refused with %q, %s", refused.Message, data)
			}
			messages := make(chan everything.Message, 1)
			c.OnMessage(func(_ context.Context, m everything.Message, _ everything.Room) error { messages <- m; return nil })
			c.OnWithAck(func(_ context.Context, d string) (int, error) { return len(d), nil })
			c.SetAuth(everything.HandshakeAuth{Token: "t"})
			connect(t, c)
			members, err := c.EmitJoin(ctx, "lobby")
			if err != nil || len(members) != 1 || members[0].ID != 1<<53-1 || !bytes.Equal(members[0].Avatar, []byte{0, 1, 255}) {
				t.Errorf("join: %+v, %v", members, err)
			}
			_, err = c.EmitJoin(ctx, "full")
			if e := asError[*everything.JoinError](t, err); e.Message != "no place left" {
				t.Errorf("join: %+v", e)
			}
			if err := c.EmitSetAvatar([]byte{4, 5}); err != nil {
				t.Fatal(err)
			}
			if m, ok := receive(t, messages).(*everything.ImageMessage); !ok || !bytes.Equal(m.Image, []byte{4, 5}) || m.From.ID != 1<<53-1 {
				t.Errorf("message: %+v", m)
			}
			if id, err := c.EmitChatMessage(ctx, "lobby", "four"); err != nil || id != "4" {
				t.Errorf("chat message: %q, %v", id, err)
			}
		})
	}
}
