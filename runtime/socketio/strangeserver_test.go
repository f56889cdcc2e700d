package socketio

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/siogen/siogen/runtime/engineio"
)

// badServer is an Engine.IO server that answers a CONNECT packet with frames of
// the test's choice.
func badServer(t *testing.T, frames ...string) string {
	t.Helper()
	engine := engineio.NewServer(engineio.ServerOptions{}, func(c *engineio.Conn) engineio.Handler { return &script{c, frames} })
	web := httptest.NewServer(engine)
	t.Cleanup(func() {
		_ = engine.Close(context.Background())
		web.Close()
	})
	return web.URL
}

type script struct {
	conn   *engineio.Conn
	frames []string
}

func (s *script) Message([]byte, bool) {
	for _, f := range s.frames {
		_ = s.conn.Send([]byte(f), nil, engineio.Flags{})
	}
	s.frames = nil
}
func (s *script) Closed(string, error) {}

func TestServersThatAnswerStrangely(t *testing.T) {
	many := make([]string, 100)
	for i := range many {
		many[i] = `2["early","` + strings.Repeat("x", 100) + `"]`
	}
	tests := []struct {
		name   string
		frames []string
		want   string // of Connect's error
	}{
		{"garbage", []string{"garbage"}, "parse error"},
		{"an old server", []string{"0"}, "parse error"},
		{"no session id", []string{`0{"sid":1}`}, "parse error"},
		{"a binary packet cut short", []string{`51-["x",{"_placeholder":true,"num":0}]`, `0{"sid":"1"}`}, "parse error"},
		{"too many events before the answer", many, "parse error"},
		{"a refusal that is just text", []string{`4"go away"`}, "go away"},
		{"a refusal that is something else", []string{`4[1]`}, "[1]"},
		{"another namespace's packets first", []string{`0/x,{"sid":"1"}`, `2/x,["y"]`, `1/x,`, `1`, `35[]`, `4{"message":"no"}`}, "no"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newTestClient(t, badServer(t, test.frames...), ClientOptions{MaxBuffer: 5000})
			u := join(t, c, "/", &user{})
			err := u.Connect(context.Background())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Connect: %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestEventsBeforeTheAnswerAreDeliveredAfterIt(t *testing.T) {
	c := newTestClient(t, badServer(t, `2["early",1]`, `23["early",2]`, `0{"sid":"abc"}`, `2["then"]`), quick)
	u := join(t, c, "/", &user{})
	u.mustConnect(t)
	u.wantLog(t, `early ["early",1]`, `early ["early",2] ?`, `then ["then"]`)
	want(t, "id", u.ID(), "abc")
}
