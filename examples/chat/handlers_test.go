package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/siotest"
)

// guest is a client of the chat that has not connected yet.
func guest(s *siotest.Server, name string) *chatio.Client {
	c := siotest.NewClient(s, chatio.NewClient, runtime.ClientOptions{})
	c.SetAuth(chatio.HandshakeAuth{Token: "secret", Name: &name})
	return c
}

func TestJoinKnowsRoomsAndTheirLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := siotest.NewServer(t, runtime.ServerOptions{})
		newChat(s.Server, "secret")
		anna, bert := guest(s, "anna"), guest(s, "bert")
		if err := errors.Join(anna.Connect(t.Context()), bert.Connect(t.Context())); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			who  *chatio.Client
			room chatio.Room
			code chatio.JoinErrorCode // none: it succeeds
		}{
			{anna, "nowhere", chatio.JoinErrorCodeUnknownRoom},
			{anna, "tiny", ""},
			{anna, "tiny", ""},
			{bert, "tiny", chatio.JoinErrorCodeFull},
			{bert, "lobby", ""},
		} {
			_, err := step.who.EmitJoin(t.Context(), step.room)
			var declared *chatio.JoinError
			switch {
			case step.code == "" && err != nil:
				t.Errorf("%s: %v", step.room, err)
			case step.code != "" && (!errors.As(err, &declared) || declared.Code != step.code):
				t.Errorf("%s: %v, want %s", step.room, err, step.code)
			}
		}
	})
}

func TestOthersLearnOfWhoLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := siotest.NewServer(t, runtime.ServerOptions{})
		newChat(s.Server, "secret")
		anna, bert := guest(s, "anna"), guest(s, "bert")
		var left []string
		anna.OnUserLeft(func(_ context.Context, user chatio.User, room chatio.Room) error {
			left = append(left, fmt.Sprintf("%s left %s", user.Name, room))
			return nil
		})
		for _, c := range []*chatio.Client{anna, bert} {
			if err := c.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := c.EmitJoin(t.Context(), "lobby"); err != nil {
				t.Fatal(err)
			}
		}
		if err := bert.Disconnect(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := fmt.Sprint(left); got != "[bert left lobby]" {
			t.Error(got)
		}
	})
}
