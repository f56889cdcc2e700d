package socketio

import (
	"context"
	"fmt"
	"testing"

	"github.com/siogen/siogen/runtime/driver"
)

// children serves every namespace that a client asks for with one handler.
type children struct{ *app }

func (children) Name() string { return "children" }
func (children) Match(context.Context, string, *driver.Handshake) (bool, error) {
	return true, nil
}
func (c children) Open(driver.Namespace) driver.NamespaceHandler { return c.app }
func (children) Closed(driver.Namespace)                         {}

// A packet that was under way when the server disconnected its socket is no
// mistake; what is kept for that does not grow with the names that a client makes
// up.
func TestNamespacesThatAClientWasMadeToLeave(t *testing.T) {
	const limit = 3
	s := newTestServer(t, Options{MaxNamespaces: limit, CleanupEmptyChildNamespaces: true})
	s.serve("/", &app{event: echo})
	a := &app{}
	if _, err := s.DynamicNamespace(children{a}); err != nil {
		t.Fatal(err)
	}
	c := dialRaw(t, s)
	c.join("/")
	var conn *serverConn
	for n := range 4 * limit {
		name := fmt.Sprintf("/child-%d", n)
		c.join(name)
		m := a.member(t, n)
		m.Disconnect(false)
		c.want("1" + name + ",")
		c.send("2" + name + `,["late"]`)
		conn = m.Socket.(*socket).conn
	}
	c.wantAlive("/")
	conn.mu.Lock()
	defer conn.mu.Unlock()
	want(t, "namespaces remembered", len(conn.left), limit)
}
