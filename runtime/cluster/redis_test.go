package cluster_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/cluster"
	chat "github.com/siogen/siogen/testdata/golden/everything"
)

// redis is a PubSub over a Redis server, with as much of its protocol (RESP2) as that
// takes. An application would use its client library.
type redis struct{ network, addr, channel string }

func (r redis) dial(ctx context.Context) (net.Conn, *bufio.Reader, error) {
	c, err := new(net.Dialer).DialContext(ctx, r.network, r.addr)
	if err != nil {
		return nil, nil, err
	}
	return c, bufio.NewReader(c), nil
}

func command(args ...string) []byte {
	b := fmt.Appendf(nil, "*%d\r\n", len(args))
	for _, a := range args {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b
}

// Publish implements cluster.PubSub.
func (r redis) Publish(ctx context.Context, message []byte) error {
	c, answers, err := r.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = c.SetDeadline(deadline)
	}
	if _, err := c.Write(command("PUBLISH", r.channel, string(message))); err != nil {
		return err
	}
	answer, err := answers.ReadString('\n')
	if err == nil && !strings.HasPrefix(answer, ":") {
		err = fmt.Errorf("redis: %s", strings.TrimSpace(answer))
	}
	return err
}

// Subscribe implements cluster.PubSub.
func (r redis) Subscribe(ctx context.Context, receive func([]byte)) error {
	c, answers, err := r.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if _, err := c.Write(command("SUBSCRIBE", r.channel)); err != nil {
		return err
	}
	for {
		var push [3][]byte // kind, channel, message
		if _, err := answers.ReadString('\n'); err != nil {
			return err
		}
		for i := range push {
			var n int
			line, err := answers.ReadString('\n')
			if err != nil {
				return err
			}
			if _, err := fmt.Sscanf(line, "$%d", &n); err != nil {
				continue // the number of subscriptions
			}
			push[i] = make([]byte, n+len("\r\n"))
			if _, err := io.ReadFull(answers, push[i]); err != nil {
				return err
			}
			push[i] = push[i][:n]
		}
		if string(push[0]) == "message" {
			receive(push[2])
		}
	}
}

func startRedis(t *testing.T) redis {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed")
	}
	socket := filepath.Join(t.TempDir(), "redis")
	cmd := exec.Command(binary, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", filepath.Dir(socket))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	r := redis{network: "unix", addr: socket, channel: "socket.io"}
	eventually(t, "redis-server", func() bool { return r.Publish(testContext(t), nil) == nil })
	return r
}

func TestOverRedis(t *testing.T) {
	r := startRedis(t)
	var servers []*chat.Server
	start := func(_ int, s *runtime.Server) { servers = append(servers, chat.NewServer(s)) }
	all := nodesOver(t, 2, func() cluster.PubSub { return r }, cluster.Options{}, runtime.ServerOptions{}, start)
	got := make(chan string, 10)
	for i, nd := range all {
		c := chat.NewClient(nd.url, clientOptions)
		c.SetAuth(chat.HandshakeAuth{Token: "x"})
		c.OnBasicEmit(func(_ context.Context, _ int, b string, c []byte) error {
			got <- fmt.Sprint(i, b, c)
			return nil
		})
		c.OnWithAck(func(context.Context, string) (int, error) { return i, nil })
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
		ok(t, c.Connect(testContext(t)))
	}
	ok(t, servers[0].EmitBasicEmit(1, "binary", []byte("\r\n\x00\xff")))
	for range all {
		if e := receive(t, got, "the event"); e[1:] != "binary[13 10 0 255]" {
			t.Errorf("got %q", e)
		}
	}
	answers, err := servers[1].EmitWithAck(testContext(t), "?")
	if err != nil || len(answers) != 2 {
		t.Errorf("got %v, %v", answers, err)
	}
}
