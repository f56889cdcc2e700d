package socketio

import (
	"fmt"
	"testing"

	"github.com/siogen/siogen/runtime/driver"
)

// A client that was told that it has joined gets what is broadcast from then on.
func TestNoBroadcastIsMissedAfterTheAnswer(t *testing.T) {
	s := newTestServer(t, Options{})
	ns := s.serve("/", &app{})
	for n := range 4 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			for i := range 100 {
				c := dialRaw(t, s)
				id := c.join("/")
				packet := fmt.Sprintf(`["n",%d]`, i)
				if err := ns.Broadcast(driver.Target{Rooms: []string{id}}, event(packet)); err != nil {
					t.Error(err)
				}
				c.want("2" + packet)
				c.ws.NetConn().Close()
			}
		})
	}
}

// Nor does a broadcast come before the answer.
func TestNoBroadcastComesBeforeTheAnswer(t *testing.T) {
	s := newTestServer(t, Options{})
	ns := s.serve("/", &app{})
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				_ = ns.Broadcast(driver.Target{}, event(`["n"]`))
			}
		}
	}()
	for range 100 {
		c := dialRaw(t, s)
		c.join("/") // checks that the answer is the first that comes
		c.want(`2["n"]`)
		c.ws.NetConn().Close()
	}
	close(stop)
	<-stopped
}
