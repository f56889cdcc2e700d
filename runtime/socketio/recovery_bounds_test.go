package socketio

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

func TestRecoveryForgetsWhatIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecovery(RecoveryOptions{}, engineio.ServerOptions{})
		x := &session{pid: newPID(r.mark), namespace: "/", id: "id"}
		s := &socket{id: "id", ns: &namespace{name: "/"}, handler: &member{}}
		if _, ok := r.admitted(s, x, 0, nil); !ok {
			t.Fatal("not admitted")
		}
		r.record("/", driver.Target{}, event(`["x"]`))
		r.released(s, x, true, "ping timeout")
		want(t, "known while away", r.knows(x), true)
		time.Sleep(r.o.MaxDisconnection + r.pace() + time.Second)
		want(t, "known later", r.knows(x), false)
		r.mu.Lock()
		want(t, "events before the end was noticed are kept longer", len(r.log.entries), 1)
		r.mu.Unlock()
		time.Sleep(r.keep)
		r.mu.Lock()
		defer r.mu.Unlock()
		want(t, "events", len(r.log.entries), 0)
		want(t, "bytes", r.log.bytes, 0)
		want(t, "the sweeper rests", r.sweeper == nil, true)
	})
}

func TestRecoveryThatIsOffCostsNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	s := NewServer(Options{})
	defer s.Close(context.Background())
	ns, err := s.Namespace("/", &app{})
	if err != nil {
		t.Fatal(err)
	}
	m := &socket{ns: ns.(*namespace), conn: &serverConn{server: s, conn: packetConn{conn: nowhere{}}}}
	m.state.Store(stateJoined)
	p := event(`["x",1]`)
	want(t, "recovery", s.recovery == nil && m.Recovered() == nil, true)
	want(t, "allocations of Emit", testing.AllocsPerRun(1000, func() { _ = m.Emit(p, driver.Flags{}) }), 0)
}
