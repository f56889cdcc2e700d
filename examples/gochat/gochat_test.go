package main

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/siogen/siogen/examples/gochat/chat"
	"github.com/siogen/siogen/examples/gochat/chatio"
	"github.com/siogen/siogen/runtime"
)

func connect(t *testing.T, url, name string) *chatio.Client {
	t.Helper()
	c := chatio.NewClient(url, runtime.ClientOptions{})
	c.SetAuth(chat.Auth{Token: "t", Name: name})
	if err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestTwoUsersTalk(t *testing.T) {
	server := runtime.NewServer(runtime.ServerOptions{})
	newRooms(server)
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		if err := server.Close(ctx); err != nil {
			t.Error(err)
		}
		web.Close()
	})

	ann, bob := connect(t, web.URL, "Ann"), connect(t, web.URL, "Bob")
	heard := make(chan chat.Message, 1)
	ann.OnMessage(func(_ context.Context, msg chat.Message, _ chat.Room) error {
		heard <- msg
		return nil
	})

	if _, err := ann.EmitJoin(t.Context(), "lobby"); err != nil {
		t.Fatal(err)
	}
	members, err := bob.EmitJoin(t.Context(), "lobby")
	if err != nil {
		t.Fatal(err)
	}
	if len(members) != 2 || members[0].Name != "Ann" || members[1].Role != chat.RoleMember {
		t.Errorf("the lobby has %+v", members)
	}
	id, err := bob.EmitChatMessage(t.Context(), "lobby", "hello")
	if err != nil {
		t.Fatal(err)
	}
	select {
	case msg := <-heard:
		text, ok := msg.(*chat.TextMessage)
		if !ok || text.ID != id || text.Text != "hello" || text.From.Name != "Bob" {
			t.Errorf("Ann heard %+v", msg)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Ann heard nothing")
	}
	_, err = bob.EmitJoin(t.Context(), "nowhere")
	if refused := (*chat.JoinError)(nil); !errors.As(err, &refused) || refused.Code != chat.JoinErrorCodeUnknownRoom {
		t.Errorf("joining nowhere gave %v", err)
	}
}
