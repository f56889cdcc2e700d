package zishang520

import (
	"sync/atomic"
	"time"

	"github.com/zishang520/socket.io/clients/engine/v3"
	clients "github.com/zishang520/socket.io/clients/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"
)

// Bounds of the wait for listeners.
const (
	listenersTimeout = 5 * time.Second
	listenersPause   = 100 * time.Microsecond
)

// useTransports has a Manager open its transports once it listens to them. Where
// the application chose none it is WebSocket alone: with polling the library sends
// nothing while it waits for the server.
func useTransports(m *clients.Manager) {
	chosen := []engine.TransportCtor{clients.WebSocket}
	if set := m.Opts().Transports(); set != nil && set.Len() > 0 {
		chosen = set.Keys()
	}
	set := types.NewSet[engine.TransportCtor]()
	for _, t := range chosen {
		if _, patient := t.(*patientTransports); !patient {
			t = &patientTransports{t}
		}
		set.Add(t)
	}
	m.Opts().SetTransports(set)
}

// patientTransports makes transports that connect in a goroutine of their own,
// after the Manager has begun to listen. The library connects while it still makes
// the object that is to be listened to: a connection that is refused, or a server
// that is quick to answer, goes unheard then, and the attempt ends only with its
// timeout.
type patientTransports struct{ engine.TransportCtor }

// New implements engine.TransportCtor.
func (p *patientTransports) New(s engine.Socket, o engine.SocketOptionsInterface) engine.Transport {
	t := &patientTransport{Transport: p.TransportCtor.New(s, o), socket: s}
	_ = t.Once("packet", func(...any) { t.heard.Store(true) })
	_ = t.Once("open", func(...any) { t.ready.Store(true) })
	return t
}

type patientTransport struct {
	engine.Transport
	socket engine.Socket
	// heard: something came from the server; ready: the transport says that it is open.
	heard, ready atomic.Bool
}

// Writable implements engine.Transport. A WebSocket of the library reads before it
// says that it is open: what is sent in answer to a server that is quick, CONNECT,
// would be discarded.
func (t *patientTransport) Writable() bool {
	for deadline := time.Now().Add(listenersTimeout); t.heard.Load() && !t.ready.Load() && time.Now().Before(deadline); {
		time.Sleep(listenersPause)
	}
	return t.Transport.Writable()
}

// Open implements engine.Transport. Its goroutine ends with the attempt to connect.
func (t *patientTransport) Open() engine.Transport {
	t.SetReadyState(engine.TransportStateOpening)
	go func() {
		// "error" is what the Manager listens to last.
		for deadline := time.Now().Add(listenersTimeout); t.socket.ListenerCount("error") == 0 && time.Now().Before(deadline); {
			time.Sleep(listenersPause)
		}
		if t.ReadyState() == engine.TransportStateOpening {
			t.Transport.Open()
		}
	}()
	return t
}
