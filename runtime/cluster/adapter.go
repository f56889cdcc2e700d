package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/socketio"
)

// Errors of an Adapter's methods, possibly wrapped.
var (
	// ErrTooLarge: an event does not fit into a message.
	ErrTooLarge = errors.New("too large for a message of the cluster")
	// ErrTooManyRequests: the limit of requests under way is reached.
	ErrTooManyRequests = errors.New("too many requests to the cluster")
)

// Adapter is one server's place in a cluster. It serves one server. Its methods may be
// called from several goroutines at once.
type Adapter struct {
	id     string
	o      Options
	pubsub PubSub
	out    outbox
	ctx    context.Context // of everything that runs here
	cancel context.CancelFunc
	// loops are the goroutines that live as long as the Adapter, work those that do
	// something for another server. The sender, last of all, has done published.
	loops, work sync.WaitGroup
	published   chan struct{}

	mu         sync.Mutex
	closed     bool
	namespaces map[string]*namespace
	servers    map[string]*server // the others
	requests   map[uint64]*request
	last       uint64 // the number of the latest request
	serving    map[serving]*service
}

// New returns an Adapter that talks to the other servers through p. Close ends it.
func New(p PubSub, o Options) *Adapter {
	a := &Adapter{
		id:         rand.Text(),
		o:          o.withDefaults(),
		pubsub:     p,
		namespaces: make(map[string]*namespace),
		servers:    make(map[string]*server),
		requests:   make(map[uint64]*request),
		serving:    make(map[serving]*service),
		published:  make(chan struct{}),
	}
	a.out.init(a.id, a.o)
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.loops.Go(a.subscribe)
	a.loops.Go(a.heartbeat)
	go func() {
		defer close(a.published)
		a.out.run(a.ctx, p.Publish)
	}()
	return a
}

// NewAdapter makes the adapter of a namespace: a socketio.AdapterFunc.
func (a *Adapter) NewAdapter(ns socketio.LocalNamespace) (socketio.Adapter, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, driver.ErrClosed
	}
	n := &namespace{a: a, local: ns, name: ns.Name()}
	a.namespaces[n.name] = n
	return n, nil
}

// ServerID is how the other servers know this one. It is new each time.
func (a *Adapter) ServerID() string { return a.id }

// ServerCount is how many servers are in the cluster, as far as this one knows: itself,
// and those that said that they are alive.
func (a *Adapter) ServerCount() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return 1 + len(a.servers)
}

// Close tells the other servers that this one is gone, ends all requests, and waits,
// until ctx ends, for what is queued to be published and for handlers of other
// servers' events. Call it after the server's Close.
func (a *Adapter) Close(ctx context.Context) error {
	a.mu.Lock()
	first := !a.closed
	a.closed = true
	ended := a.endAll()
	a.mu.Unlock()
	if first {
		ended.run()
		_ = a.send(&record{kind: bye}) // a full queue: they notice by themselves
		a.out.close()
	}
	defer a.cancel()
	select {
	case <-a.published:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	a.cancel()
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		a.loops.Wait()
		a.work.Wait()
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// send queues a record for the other servers.
func (a *Adapter) send(r *record) error {
	return a.out.add(r.append(nil))
}

// answer sends an answer to a request of another server. If that fails, the other one's
// wait will end without.
func (a *Adapter) answer(r *record) {
	if err := a.send(r); err != nil && !errors.Is(err, driver.ErrClosed) {
		a.o.Logger.Warn("socket.io cluster: not answered", "error", err)
	}
}

// spawn runs f, which does something for another server, unless the Adapter is closed.
// a.mu is held.
func (a *Adapter) spawn(f func()) bool {
	if a.closed {
		return false
	}
	a.work.Go(f)
	return true
}

// subscribe receives, and begins again when the subscription fails.
func (a *Adapter) subscribe() {
	const least, most = 50 * time.Millisecond, 5 * time.Second
	wait := least
	for a.ctx.Err() == nil {
		begin := time.Now()
		err := a.pubsub.Subscribe(a.ctx, a.receive)
		if a.ctx.Err() != nil {
			return
		}
		a.o.Logger.Error("socket.io cluster: the subscription ended", "error", err)
		if time.Since(begin) > most {
			wait = least
		}
		a.sleep(wait)
		wait = min(2*wait, most)
	}
}

func (a *Adapter) sleep(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-a.ctx.Done():
	}
}

// heartbeat tells the others that this server is alive, and notices when they are not.
// It begins by asking who is there, several times: a message may go out before the
// subscription is in place that the answers come by.
func (a *Adapter) heartbeat() {
	pause := min(20*time.Millisecond, a.o.HeartbeatInterval)
	for a.ctx.Err() == nil {
		kind := alive
		if pause < a.o.HeartbeatInterval {
			kind = hello
		}
		if err := a.send(&record{kind: kind}); err != nil && !errors.Is(err, driver.ErrClosed) {
			a.o.Logger.Warn("socket.io cluster: no heartbeat", "error", err)
		}
		a.sleep(pause)
		pause = min(2*pause, a.o.HeartbeatInterval)
		a.dropSilent()
	}
}

// dropSilent forgets servers that have been silent for too long.
func (a *Adapter) dropSilent() {
	a.mu.Lock()
	var silent []string
	for id, s := range a.servers {
		if time.Since(s.seen) > a.o.HeartbeatTimeout {
			silent = append(silent, id)
		}
	}
	var calls calls
	for _, id := range silent {
		calls = append(calls, a.drop(id, false)...)
	}
	a.mu.Unlock()
	calls.run()
	if len(silent) > 0 {
		a.o.Logger.Warn("socket.io cluster: servers are silent", "ids", slices.Sorted(slices.Values(silent)))
	}
}
