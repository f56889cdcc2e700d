package engineio_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
)

// TestGeneratedClientOnEachTransport sends acknowledged and binary events both
// ways, through an upgrade where there is one.
func TestGeneratedClientOnEachTransport(t *testing.T) {
	for _, transports := range [][]string{{engineio.WebSocket}, {engineio.Polling}, {engineio.Polling, engineio.WebSocket}} {
		t.Run(strings.Join(transports, ","), func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
			defer stop()
			log := slog.New(slog.DiscardHandler)
			server := runtime.NewServer(runtime.ServerOptions{Logger: log, PerMessageDeflate: true})
			srv := chatio.NewServer(server)
			srv.OnConnection(func(ctx context.Context, s *chatio.ServerSocket) error {
				s.OnJoin(func(ctx context.Context, room chatio.Room) ([]chatio.User, error) {
					return []chatio.User{}, s.Compress(false).EmitAvatarChanged(len(room), []byte(room))
				})
				return nil
			})
			web := httptest.NewServer(server)
			defer web.Close()
			defer func() {
				if err := server.Close(ctx); err != nil {
					t.Errorf("closing: %v", err)
				}
			}()

			c := chatio.NewClient(web.URL, runtime.ClientOptions{Logger: log, NoReconnection: true,
				Dial: engineio.DialOptions{Transports: transports, PerMessageDeflate: true}})
			defer c.Close()
			c.SetAuth(chatio.HandshakeAuth{Token: "secret"})
			avatars := make(chan []byte, 1)
			c.OnAvatarChanged(func(_ context.Context, _ int, image []byte) error {
				avatars <- image
				return nil
			})
			if err := c.Connect(ctx); err != nil {
				t.Fatal(err)
			}
			for i := range 100 {
				room := fmt.Sprint(i, strings.Repeat("r", i%20))
				if _, err := c.EmitJoin(ctx, chatio.Room(room)); err != nil {
					t.Fatalf("join %d: %v", i, err)
				}
				if image := <-avatars; !bytes.Equal(image, []byte(room)) {
					t.Fatalf("avatar %d: %q", i, image)
				}
			}
		})
	}
}
