package socketio

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/siogen/siogen/runtime/driver"
)

var recovering = Options{Recovery: &RecoveryOptions{}}

// knownSession is what a client knows of its session, from the answer to CONNECT.
type knownSession struct{ SID, PID string }

// joinSession sends CONNECT with an auth payload and returns the answer.
func (c *rawClient) joinSession(auth string) (s knownSession) {
	c.t.Helper()
	c.send("0" + auth)
	answer := c.next()
	if err := json.Unmarshal([]byte(strings.TrimPrefix(answer, "40")), &s); err != nil || s.SID == "" {
		c.t.Fatalf("answer to CONNECT: %s (%v)", answer, err)
	}
	return s
}

// offset checks the next event, which carries an offset, and returns that.
func (c *rawClient) offset(event string) string {
	c.t.Helper()
	frame := c.next()
	head, offset, _ := cutLast(frame)
	if head != "4"+event {
		c.t.Fatalf("frame: got %s, want %s with an offset", frame, event)
	}
	return offset
}

func cutLast(frame string) (head, last string, ok bool) {
	i := strings.LastIndex(frame, `,"`)
	if i < 0 || !strings.HasSuffix(frame, `"]`) {
		return frame, "", false
	}
	return frame[:i] + "]", frame[i+2 : len(frame)-2], true
}

// cut ends the connection as a lost network does.
func (c *rawClient) cut() {
	c.ws.NetConn().Close()
	<-c.closed
}

func (s knownSession) auth(offset string) string {
	if offset == "" {
		return fmt.Sprintf(`{"pid":%q}`, s.PID)
	}
	return fmt.Sprintf(`{"pid":%q,"offset":%q}`, s.PID, offset)
}

func (s knownSession) wantContinued(t *testing.T, again knownSession, continued bool) {
	t.Helper()
	want(t, "continued", again == s, continued)
	want(t, "one id without the other", again.SID == s.SID || again.PID == s.PID, continued)
}

// broadcastTo broadcasts an event to rooms, or to all.
func broadcastTo(t *testing.T, ns driver.Namespace, p driver.Payload, rooms ...string) {
	t.Helper()
	if err := ns.Broadcast(driver.Target{Rooms: rooms}, p); err != nil {
		t.Fatal(err)
	}
}
