package runtime_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/testjs"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
)

// serverEnv makes the test binary a server: its value is processOptions as JSON.
const serverEnv = "SIOGEN_TEST_SERVER"

// processOptions say what kind of server a process is. Times are milliseconds.
type processOptions struct {
	Port         int    `json:"port"`
	PingInterval int    `json:"pingInterval"`
	PingTimeout  int    `json:"pingTimeout"`
	Token        string `json:"token"`
	// Recovery turns connection state recovery on. It is for MaxDisconnection, if that
	// is not 0.
	Recovery         bool `json:"recovery"`
	MaxDisconnection int  `json:"maxDisconnection"`
	Msgpack          bool `json:"msgpack"`
	// TLS, of our server only, is for HTTP/2.
	TLS bool `json:"tls"`
}

func (o processOptions) parser() runtime.Parser {
	if o.Msgpack {
		return runtime.ParserMsgpack
	}
	return runtime.ParserDefault
}

// process is a server in a process of its own, which can be killed.
type process struct {
	url   string
	port  int
	cmd   *exec.Cmd
	stdin io.Closer
	ended chan struct{}
}

// told collects what servers say that they were told, also over restarts.
type told struct {
	mu    sync.Mutex
	lines []string
}

// since returns what began with prefix, without it.
func (l *told) with(prefix string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for _, line := range l.lines {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			found = append(found, rest)
		}
	}
	return found
}

// servers are the servers that the client is tested with.
var servers = []string{"npm", "ours"}

// startServer starts a server and waits until it listens.
func startServer(t *testing.T, kind string, o processOptions, to *told) *process {
	t.Helper()
	options, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{ended: make(chan struct{})}
	switch kind {
	case "npm":
		testjs.Modules(t)
		p.cmd = exec.Command(testjs.Node(t), filepath.Join("testdata", "server.mjs"), string(options))
	case "ours":
		p.cmd = exec.Command(os.Args[0])
		p.cmd.Env = append(os.Environ(), serverEnv+"="+string(options))
	}
	p.cmd.Stderr = os.Stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	listening := make(chan int, 1)
	go func() {
		defer close(p.ended)
		for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
			kind, rest, _ := strings.Cut(scanner.Text(), " ")
			if kind == "listening" {
				port, _ := strconv.Atoi(rest)
				listening <- port
				continue
			}
			to.mu.Lock()
			to.lines = append(to.lines, rest)
			to.mu.Unlock()
		}
		_ = p.cmd.Wait()
	}()
	p.port = wait(t, listening, "port of the server")
	p.url = fmt.Sprintf("http://127.0.0.1:%d", p.port)
	if o.TLS {
		p.url = fmt.Sprintf("https://127.0.0.1:%d", p.port)
	}
	return p
}

// kill ends the process without giving it a chance to say anything.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
	_ = p.stdin.Close()
}

// serveProcess is what the test binary does as a server. It is testdata/server.mjs
// again.
func serveProcess(options string) {
	var o processOptions
	if err := json.Unmarshal([]byte(options), &o); err != nil {
		panic(err)
	}
	so := runtime.ServerOptions{
		Logger:       slog.New(slog.DiscardHandler),
		Parser:       o.parser(),
		PingInterval: time.Duration(o.PingInterval) * time.Millisecond,
		PingTimeout:  time.Duration(o.PingTimeout) * time.Millisecond,
	}
	if o.Recovery {
		so.Recovery = &runtime.RecoveryOptions{MaxDisconnection: time.Duration(o.MaxDisconnection) * time.Millisecond}
	}
	base := runtime.NewServer(so)
	srv := runtime.NewNamespace(base, runtime.NamespaceType[socket]{
		Name: "/",
		New: func(base *runtime.Socket) *socket {
			return &socket{Socket: base, emitter: emitter{base.AsTarget()}}
		},
		Auth: func(s *socket, dec *codec.Decoder) { s.token = stringField("token")(dec) },
	})
	srv.Use(func(_ context.Context, s *socket) error {
		if o.Token != "" && s.token != o.Token {
			return runtime.Refuse("no", map[string]int{"code": 401})
		}
		return nil
	})
	all := runtime.NewBroadcast(srv, newBroadcast)
	var feeds feeds
	srv.OnConnection(func(_ context.Context, s *socket) error {
		on := s.AsListener()
		var name string
		s.OnDisconnect(func(context.Context, runtime.DisconnectReason) {
			if name != "" {
				fmt.Println("told " + name + "gone")
			}
		})
		on.On("name", onAsk(func(_ context.Context, text string) (string, error) { name = text; return "", nil }))
		on.On("feed", onAsk(func(_ context.Context, room string) (string, error) {
			s.Join(room)
			feeds.start(room, all.To(room))
			return "", nil
		}))
		on.On("stop", onAsk(func(_ context.Context, room string) (string, error) { return fmt.Sprint(feeds.stop(room)), nil }))
		tell := func(_ context.Context, text string) error { fmt.Println("told " + text); return nil }
		on.On("tell", onString(tell))
		on.On("tell bytes", func(ctx context.Context, call *runtime.Call) error {
			dec := call.Args()
			var data []byte
			if dec.Arg("data") {
				data = dec.Bytes()
			}
			if err := dec.End(); err != nil {
				return err
			}
			return tell(ctx, string(data))
		})
		on.On("say", onString(func(_ context.Context, text string) error { return s.emit("said", text) }))
		on.On("ask", onAsk(func(_ context.Context, text string) (string, error) { return "re: " + text, nil }))
		on.On("ask me", func(ctx context.Context, call *runtime.Call) error {
			answer, err := ask(ctx, s, "question", "why")
			if err != nil {
				return err
			}
			enc := codec.NewArgs()
			enc.Elem().String(answer)
			return call.Reply(enc)
		})
		on.On("go away", func(context.Context, *runtime.Call) error { s.Disconnect(false); return nil })
		return nil
	})
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", o.Port))
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening %d\n", l.Addr().(*net.TCPAddr).Port)
	web := httptest.Server{Listener: l, Config: &http.Server{Handler: base}, EnableHTTP2: o.TLS}
	if o.TLS {
		web.StartTLS()
	} else {
		web.Start()
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}
