package engines

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/internal/faultproxy"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/recovery"
)

// TestStateIsRecovered: the id, the rooms, the data, and the events that were missed,
// bytes among them, in order.
func TestStateIsRecovered(t *testing.T) {
	pairings(t, func(t *testing.T, p pairing) {
		o := socket.DefaultServerOptions()
		o.SetConnectionStateRecovery(socket.DefaultConnectionStateRecovery())
		h := newHostWith(t, p, o)
		srv := recovery.NewServer(h.Server)
		srv.Use(func(_ context.Context, s *recovery.ServerSocket) error {
			s.Data().Name, s.Data().Picture = "Ada", []byte{0, 255}
			s.Data().Visits++
			return nil
		})
		sockets, ended := make(chan *recovery.ServerSocket, 2), make(chan struct{}, 2)
		srv.OnConnection(func(_ context.Context, s *recovery.ServerSocket) error {
			if !s.Recovered() {
				s.Join("room")
			}
			sockets <- s
			return nil
		})

		proxy := faultproxy.New(t, h.url)
		c := recovery.NewClient(proxy.URL(), optionsFor(p.client, proxy.URL()))
		c.SetAuth(recovery.HandshakeAuth{Token: "t"})
		back, words, pictures := make(chan bool, 2), make(chan string, 100), make(chan []byte, 10)
		c.OnConnect(func(context.Context) { back <- c.Recovered() })
		c.OnDisconnect(func(context.Context, runtime.DisconnectReason) { ended <- struct{}{} })
		c.OnSaid(func(_ context.Context, _, text string) error { words <- text; return nil })
		c.OnPicture(func(_ context.Context, image []byte, caption *string) error {
			if caption != nil {
				t.Errorf("a caption came: %q", *caption)
			}
			pictures <- image
			return nil
		})
		c.OnWords(func(_ context.Context, rest ...string) error { words <- strings.Join(rest, " "); return nil })
		connect(t, c)
		first := receive(t, sockets)
		if receive(t, back) || first.Recovered() {
			t.Error("recovered at first")
		}
		if err := first.EmitSaid("server", "before"); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, words); got != "before" {
			t.Fatalf("got %q", got)
		}

		proxy.Set(faultproxy.Fault{Refuse: true})
		proxy.Cut()
		receive(t, ended)
		<-first.Context().Done()
		for _, text := range []string{"one", "two"} {
			if err := srv.To("room").EmitSaid("room", text); err != nil {
				t.Fatal(err)
			}
		}
		if err := srv.EmitPicture([]byte{1, 2, 3}, nil); err != nil {
			t.Fatal(err)
		}
		if err := srv.EmitWords("a", "b"); err != nil {
			t.Fatal(err)
		}
		if err := srv.To("elsewhere").EmitSaid("elsewhere", "nobody"); err != nil {
			t.Fatal(err)
		}
		proxy.Set(faultproxy.Fault{})

		second := receive(t, sockets)
		if !second.Recovered() || second.ID() != first.ID() {
			t.Fatalf("recovered %t, %s after %s", second.Recovered(), second.ID(), first.ID())
		}
		if d := second.Data(); d.Name != "Ada" || d.Visits != 1 || !bytes.Equal(d.Picture, []byte{0, 255}) {
			t.Errorf("data: %+v", d)
		}
		if !receive(t, back) {
			t.Error("the client does not know that it is recovered")
		}
		if err := srv.To("room").EmitSaid("room", "after"); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"one", "two", "a b", "after"} {
			if got := receive(t, words); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		if got := receive(t, pictures); !bytes.Equal(got, []byte{1, 2, 3}) {
			t.Errorf("picture: %v", got)
		}
	})
}
