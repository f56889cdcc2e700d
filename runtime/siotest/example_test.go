package siotest_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/siotest"
)

// A handler is tested through a client: with the generated types at both ends, and
// without a port.
func Example() {
	// In a _test.go file, this is TestHello.
	_ = func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := siotest.NewServer(t, runtime.ServerOptions{})
			chatio.NewServer(s.Server).OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
				s.OnHello(func(context.Context) error { return s.EmitNoArg() })
				return nil
			})
			c := siotest.NewClient(s, chatio.NewClient, runtime.ClientOptions{})
			c.SetAuth(chatio.HandshakeAuth{Token: "secret"})
			answered := false
			c.OnNoArg(func(context.Context) error { answered = true; return nil })
			if err := c.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := c.EmitHello(); err != nil {
				t.Fatal(err)
			}
			synctest.Wait() // until everything that was sent has been handled
			if !answered {
				t.Error("hello was not answered")
			}
		})
	}
}
