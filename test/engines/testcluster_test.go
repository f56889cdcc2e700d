package engines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/zishang520/socket.io/parsers/socket/v3/parser"
	"github.com/zishang520/socket.io/servers/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"

	"github.com/siogen/siogen/internal/testredis"
)

// testCluster joins servers of the library over a channel of Redis, in place of the
// library's own adapters: for tests only. As its Redis adapter does, it sends packets
// and clients' acknowledgements as MessagePack, and the rest as JSON.
type testCluster struct {
	channel testredis.Channel
	id      string
	servers int64
	ctx     context.Context

	publishing sync.Mutex

	mu       sync.Mutex
	adapters map[string]*clusterAdapter
	waiting  map[string]func(clusterMessage)
	last     int
}

// clusterMessage is what servers tell each other.
type clusterMessage struct {
	From, To, Kind, Nsp, Request string // To: an answer
	Packet                       *parser.Packet
	Options                      *socket.BroadcastOptions
	Args                         []any
	Rooms                        []socket.Room
	Close                        bool
	Count                        uint64
	Sockets                      []clusterSocket
}

func (m clusterMessage) pack() ([]byte, error) {
	if m.Packet != nil || m.Kind == "ack" {
		return msgpack.Marshal(m)
	}
	return json.Marshal(m)
}

func unpack(data []byte) (m clusterMessage, err error) {
	if data[0] == '{' { // no map of MessagePack begins so
		err = json.Unmarshal(data, &m)
	} else {
		err = msgpack.Unmarshal(data, &m)
	}
	return m, err
}

// clusterSocket is a socket of another server.
type clusterSocket struct {
	SID    socket.SocketId
	Shake  *socket.Handshake
	In     *types.Set[socket.Room]
	Custom any
}

func (s clusterSocket) Id() socket.SocketId            { return s.SID }
func (s clusterSocket) Handshake() *socket.Handshake   { return s.Shake }
func (s clusterSocket) Rooms() *types.Set[socket.Room] { return s.In }
func (s clusterSocket) Data() any                      { return s.Custom }

// joinCluster returns when messages of others come. It is left when ctx ends; done is
// closed then.
func joinCluster(ctx context.Context, channel testredis.Channel, id string, servers int64) (c *testCluster, done <-chan struct{}, err error) {
	c = &testCluster{
		channel: channel, id: id, servers: servers, ctx: ctx,
		adapters: make(map[string]*clusterAdapter), waiting: make(map[string]func(clusterMessage)),
	}
	ended, joined := make(chan struct{}), make(chan struct{})
	var once sync.Once
	go func() {
		defer close(ended)
		_ = channel.Subscribe(ctx, func(data []byte) {
			m, err := unpack(data)
			if err != nil {
				panic(fmt.Sprintf("a message of the cluster: %v", err))
			}
			if m.From == id {
				once.Do(func() { close(joined) })
				return
			}
			c.receive(m)
		})
	}()
	for {
		if err := c.publish(clusterMessage{Kind: "hello"}); err != nil {
			return nil, nil, err
		}
		select {
		case <-joined:
			return c, ended, nil
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (c *testCluster) publish(m clusterMessage) error {
	m.From = c.id
	data, err := m.pack()
	if err != nil {
		return err
	}
	c.publishing.Lock()
	defer c.publishing.Unlock()
	return c.channel.Publish(c.ctx, data)
}

// ask publishes a question; f gets the answers.
func (c *testCluster) ask(m clusterMessage, f func(clusterMessage)) error {
	c.mu.Lock()
	c.last++
	m.Request = fmt.Sprint(c.id, " ", c.last)
	c.waiting[m.Request] = f
	c.mu.Unlock()
	return c.publish(m)
}

func (c *testCluster) receive(m clusterMessage) {
	c.mu.Lock()
	a, f := c.adapters[m.Nsp], c.waiting[m.Request]
	c.mu.Unlock()
	switch {
	case m.To == c.id && f != nil:
		f(m)
	case m.To == "" && a != nil:
		a.receive(m)
	}
}

// New implements socket.AdapterConstructor.
func (c *testCluster) New(nsp socket.Namespace) socket.Adapter {
	a := &clusterAdapter{Adapter: socket.MakeAdapter(), cluster: c}
	a.Prototype(a)
	a.Construct(nsp)
	return a
}

// clusterAdapter is the adapter of a namespace.
type clusterAdapter struct {
	socket.Adapter
	cluster *testCluster
}

func (a *clusterAdapter) Init() {
	a.cluster.mu.Lock()
	defer a.cluster.mu.Unlock()
	a.cluster.adapters[a.Nsp().Name()] = a
}

func (a *clusterAdapter) ServerCount() int64 { return a.cluster.servers }

// tell tells the other servers, unless it is for this one only.
func (a *clusterAdapter) tell(m clusterMessage) {
	if m.Options != nil && m.Options.Flags != nil && m.Options.Flags.Local {
		return
	}
	m.Nsp = a.Nsp().Name()
	if err := a.cluster.publish(m); err != nil && a.cluster.ctx.Err() == nil {
		panic(fmt.Sprintf("telling the cluster: %v", err))
	}
}

func (a *clusterAdapter) Broadcast(p *parser.Packet, o *socket.BroadcastOptions) {
	a.tell(clusterMessage{Kind: "broadcast", Packet: p, Options: o})
	a.Adapter.Broadcast(p, o)
}

func (a *clusterAdapter) BroadcastWithAck(p *parser.Packet, o *socket.BroadcastOptions, count func(uint64), ack socket.Ack) {
	if o == nil || o.Flags == nil || !o.Flags.Local {
		_ = a.cluster.ask(clusterMessage{Kind: "broadcast with ack", Nsp: a.Nsp().Name(), Packet: p, Options: o}, func(m clusterMessage) {
			if m.Kind == "count" {
				count(m.Count)
				return
			}
			ack(m.Args, nil)
		})
	}
	a.Adapter.BroadcastWithAck(p, o, count, ack)
}

func (a *clusterAdapter) AddSockets(o *socket.BroadcastOptions, rooms []socket.Room) {
	a.tell(clusterMessage{Kind: "join", Options: o, Rooms: rooms})
	a.Adapter.AddSockets(o, rooms)
}

func (a *clusterAdapter) DelSockets(o *socket.BroadcastOptions, rooms []socket.Room) {
	a.tell(clusterMessage{Kind: "leave", Options: o, Rooms: rooms})
	a.Adapter.DelSockets(o, rooms)
}

func (a *clusterAdapter) DisconnectSockets(o *socket.BroadcastOptions, closeConn bool) {
	a.tell(clusterMessage{Kind: "disconnect", Options: o, Close: closeConn})
	a.Adapter.DisconnectSockets(o, closeConn)
}

// errNoAnswer: other servers said nothing in time.
var errNoAnswer = errors.New("servers did not answer")

func (a *clusterAdapter) FetchSockets(o *socket.BroadcastOptions) func(func([]socket.SocketDetails, error)) {
	return func(callback func([]socket.SocketDetails, error)) {
		var found []socket.SocketDetails
		a.Adapter.FetchSockets(o)(func(local []socket.SocketDetails, _ error) { found = local })
		if o != nil && o.Flags != nil && o.Flags.Local {
			callback(found, nil)
			return
		}
		answers := make(chan []clusterSocket, a.cluster.servers)
		err := a.cluster.ask(clusterMessage{Kind: "fetch", Nsp: a.Nsp().Name(), Options: o}, func(m clusterMessage) { answers <- m.Sockets })
		for range a.cluster.servers - 1 {
			select {
			case remote := <-answers:
				for _, s := range remote {
					found = append(found, s)
				}
			case <-time.After(waitLimit):
				err = errNoAnswer
			}
		}
		callback(found, err)
	}
}

func (a *clusterAdapter) ServerSideEmit(args []any) error {
	m := clusterMessage{Kind: "server", Nsp: a.Nsp().Name(), Args: args}
	ack, asks := args[len(args)-1].(socket.Ack)
	if !asks {
		return a.cluster.publish(m)
	}
	m.Kind, m.Args = "server with ack", args[:len(args)-1]
	var mu sync.Mutex
	var answers []any
	return a.cluster.ask(m, func(m clusterMessage) {
		mu.Lock()
		defer mu.Unlock()
		if answers = append(answers, m.Args); int64(len(answers)) == a.cluster.servers-1 {
			ack(answers, nil)
		}
	})
}

// receive does what another server says.
func (a *clusterAdapter) receive(m clusterMessage) {
	answer := func(r clusterMessage) {
		r.To, r.Nsp, r.Request = m.From, m.Nsp, m.Request
		_ = a.cluster.publish(r) // whoever asked stops waiting
	}
	switch m.Kind {
	case "broadcast":
		a.Adapter.Broadcast(m.Packet, m.Options)
	case "broadcast with ack":
		a.Adapter.BroadcastWithAck(m.Packet, m.Options,
			func(n uint64) { answer(clusterMessage{Kind: "count", Count: n}) },
			func(args []any, err error) {
				if err == nil {
					answer(clusterMessage{Kind: "ack", Args: args})
				}
			})
	case "join":
		a.Adapter.AddSockets(m.Options, m.Rooms)
	case "leave":
		a.Adapter.DelSockets(m.Options, m.Rooms)
	case "disconnect":
		a.Adapter.DisconnectSockets(m.Options, m.Close)
	case "fetch":
		var found []clusterSocket
		a.Adapter.FetchSockets(m.Options)(func(local []socket.SocketDetails, _ error) {
			for _, s := range local {
				found = append(found, clusterSocket{s.Id(), s.Handshake(), s.Rooms(), s.Data()})
			}
		})
		answer(clusterMessage{Kind: "sockets", Sockets: found})
	case "server":
		a.Nsp().OnServerSideEmit(m.Args)
	case "server with ack":
		a.Nsp().OnServerSideEmit(append(m.Args, socket.Ack(func(args []any, _ error) {
			answer(clusterMessage{Kind: "server ack", Args: args})
		})))
	}
}
