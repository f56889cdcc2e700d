package engines

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	clients "github.com/zishang520/socket.io/clients/socket/v3"
	"github.com/zishang520/socket.io/parsers/socket/v3/parser"
	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/socketio"
	"github.com/siogen/siogen/runtime/zishang520"
)

// waitLimit ends a wait for something that should have happened long before.
const waitLimit = 5 * time.Second

// The engines. "foreign parser" is the library as it is, without zishang520.Parser.
const (
	native  = "native"
	library = "zishang520"
	foreign = "zishang520 with its own parser"
)

// pairing is an engine for the server and one for the client.
type pairing struct{ server, client string }

func (p pairing) String() string { return p.server + " server, " + p.client + " client" }

// pairings runs a test with each pair of engines.
func pairings(t *testing.T, test func(t *testing.T, p pairing)) {
	t.Helper()
	for _, p := range []pairing{
		{native, native}, {native, library}, {library, native}, {library, library}, {foreign, foreign},
	} {
		t.Run(p.String(), func(t *testing.T) { test(t, p) })
	}
}

// host is a server on a free port until the test ends.
type host struct {
	*runtime.Server
	url string
	io  *socket.Server // the library's; nil for the native engine
}

func newHost(t *testing.T, p pairing) *host {
	t.Helper()
	return newHostWith(t, p, socket.DefaultServerOptions())
}

// newHostWith is newHost with options of the library, for its engines. Of them the
// native engine has whether state is recovered.
func newHostWith(t *testing.T, p pairing, o *socket.ServerOptions) *host {
	t.Helper()
	h := new(host)
	var engine driver.Server
	if p.server != native {
		o.SetParser(parserFor(p.server))
		h.io = socket.NewServer(nil, o)
		engine = zishang520.Server(h.io)
	}
	ours := runtime.ServerOptions{Engine: engine, Logger: quiet()}
	if p.server == native && o.ConnectionStateRecovery() != nil {
		ours.Recovery = &runtime.RecoveryOptions{}
	}
	h.Server = runtime.NewServer(ours)
	web := httptest.NewServer(h.Server)
	h.url = web.URL
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), waitLimit)
		defer stop()
		if err := h.Close(ctx); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		web.CloseClientConnections()
		web.Close()
	})
	return h
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// parserFor is the parser of an engine; nil is the library's own.
func parserFor(engine string) parser.Parser {
	if engine == foreign {
		return parser.NewParser()
	}
	return zishang520.NewParser(socketio.Limits{})
}

// clientOptions are those of a client of h.
func (h *host) clientOptions(p pairing) runtime.ClientOptions {
	return optionsFor(p.client, h.url)
}

func optionsFor(engine, url string) runtime.ClientOptions {
	const delay = 20 * time.Millisecond // before reconnecting
	o := runtime.ClientOptions{Logger: quiet(), ReconnectionDelay: delay}
	if engine != native {
		m := clients.DefaultManagerOptions()
		m.SetAutoConnect(false)
		m.SetParser(parserFor(engine))
		m.SetReconnectionDelay(float64(delay.Milliseconds()))
		o.Engine = zishang520.Client(clients.NewManager(url, m))
	}
	return o
}

// manager is one connection to h for several namespaces.
func (h *host) manager(p pairing) *runtime.Manager {
	return runtime.NewManager(h.url, h.clientOptions(p))
}

// connection is what every generated client has.
type connection interface {
	Connect(ctx context.Context) error
	Close() error
}

// connect connects a client until the test ends.
func connect(t *testing.T, c connection) {
	t.Helper()
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("closing the client: %v", err)
		}
	})
	if err := c.Connect(testContext(t)); err != nil {
		t.Fatalf("connecting: %v", err)
	}
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), waitLimit)
	t.Cleanup(stop)
	return ctx
}

// receive waits for a value.
func receive[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(waitLimit):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// asError is the error of type E in err's tree.
func asError[E error](t *testing.T, err error) E {
	t.Helper()
	e, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("got error %v (%T), want a %T", err, err, e)
	}
	return e
}
