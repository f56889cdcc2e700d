package engines

import (
	"context"
	"errors"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/namespaces"
)

func TestEachNamespaceHasItsOwnAuthDataAndEvents(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		h := newHost(t, p)
		root := namespaces.NewServer(h.Server)
		root.Use(func(_ context.Context, s *namespaces.ServerSocket) error {
			if s.Auth().Token != "secret" {
				return runtime.Refuse("wrong token", map[string]any{"code": 401})
			}
			s.Data().User = "Ada"
			s.Data().Visits++
			return nil
		})
		root.OnConnection(func(_ context.Context, s *namespaces.ServerSocket) error {
			s.OnAsk(func(_ context.Context, q string) (string, error) { return s.Data().User + " asks " + q, nil })
			return s.EmitStatus("welcome")
		})
		namespaces.NewAdminServer(h.Server).OnConnection(func(_ context.Context, s *namespaces.AdminServerSocket) error {
			password, ok := s.Auth().(*namespaces.Password)
			if !ok {
				return errors.New("only with a password")
			}
			s.OnAsk(func(_ context.Context, q int) (a, b int, err error) { return q, len(password.User), nil })
			return s.EmitStatus(200)
		})

		manager := h.manager(p)
		ctx := testContext(t)
		c := namespaces.NewManagedClient(manager)
		text := make(chan string, 1)
		c.OnStatus(func(_ context.Context, s string) error { text <- s; return nil })
		c.SetAuth(namespaces.HandshakeAuth{Token: "wrong"})
		refused := asError[*runtime.RefusedError](t, c.Connect(ctx))
		if data := string(refused.Data.Raw()); refused.Message != "wrong token" || data != `{"code":401}` {
			t.Errorf("refused with %q, %s", refused.Message, data)
		}
		c.SetAuth(namespaces.HandshakeAuth{Token: "secret"})
		connect(t, c)
		if got := receive(t, text); got != "welcome" {
			t.Errorf("status of /: %q", got)
		}
		if a, err := c.EmitAsk(ctx, "why"); err != nil || a != "Ada asks why" {
			t.Errorf("ask of /: %q, %v", a, err)
		}

		boss := namespaces.NewManagedAdminClient(manager)
		code := make(chan int, 1)
		boss.OnStatus(func(_ context.Context, n int) error { code <- n; return nil })
		boss.SetAuthFunc(func(context.Context) (namespaces.Login, error) {
			return &namespaces.Password{User: "root", Password: "x"}, nil
		})
		connect(t, boss)
		if got := receive(t, code); got != 200 {
			t.Errorf("status of /admin: %d", got)
		}
		if a, b, err := boss.EmitAsk(ctx, 7); err != nil || a != 7 || b != 4 {
			t.Errorf("ask of /admin: %d, %d, %v", a, b, err)
		}

		sockets, err := root.Sockets(ctx)
		if err != nil || len(sockets) != 1 || sockets[0].Data != (namespaces.Session{User: "Ada", Visits: 1}) {
			t.Errorf("sockets of /: %+v, %v", sockets, err)
		}
	})
}
