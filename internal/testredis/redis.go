// Package testredis runs a Redis server for a test, and publishes and subscribes to it
// with as much of its protocol (RESP2) as that takes. An application would use its
// client library.
package testredis

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
	"time"
)

// patience bounds the start of the server; it is no measure of speed.
const patience = 20 * time.Second

// Channel is a channel of a Redis server. It is a cluster.PubSub.
type Channel struct {
	Socket string // the server's Unix socket
	Name   string
}

// Start runs a server until the test ends, and skips the test where redis-server is not
// installed.
func Start(t testing.TB) Channel {
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
	c := Channel{Socket: socket, Name: "socket.io"}
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		err := c.Publish(t.Context(), nil)
		if err == nil {
			return c
		}
		if time.Now().After(deadline) {
			t.Fatalf("redis-server: %v", err)
		}
	}
}

func (c Channel) dial(ctx context.Context) (net.Conn, *bufio.Reader, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", c.Socket)
	if err != nil {
		return nil, nil, err
	}
	return conn, bufio.NewReader(conn), nil
}

func command(args ...string) []byte {
	b := fmt.Appendf(nil, "*%d\r\n", len(args))
	for _, a := range args {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b
}

// Publish sends a message to all who are subscribed.
func (c Channel) Publish(ctx context.Context, message []byte) error {
	conn, answers, err := c.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	if _, err := conn.Write(command("PUBLISH", c.Name, string(message))); err != nil {
		return err
	}
	answer, err := answers.ReadString('\n')
	if err == nil && !strings.HasPrefix(answer, ":") {
		err = fmt.Errorf("redis: %s", strings.TrimSpace(answer))
	}
	return err
}

// Subscribe calls receive with every message, one at a time, until ctx ends or the
// connection does.
func (c Channel) Subscribe(ctx context.Context, receive func([]byte)) error {
	conn, answers, err := c.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if _, err := conn.Write(command("SUBSCRIBE", c.Name)); err != nil {
		return err
	}
	for {
		kind, message, err := push(answers)
		if err != nil {
			return err
		}
		if kind == "message" {
			receive(message)
		}
	}
}

// push reads what the server sends of itself: a kind, a channel, and a message, or for
// a subscription their number.
func push(answers *bufio.Reader) (kind string, message []byte, err error) {
	if _, err := answers.ReadString('\n'); err != nil {
		return "", nil, err
	}
	var parts [3][]byte
	for i := range parts {
		line, err := answers.ReadString('\n')
		if err != nil {
			return "", nil, err
		}
		var n int
		if _, err := fmt.Sscanf(line, "$%d", &n); err != nil {
			continue // a number
		}
		parts[i] = make([]byte, n+len("\r\n"))
		if _, err := io.ReadFull(answers, parts[i]); err != nil {
			return "", nil, err
		}
		parts[i] = parts[i][:n]
	}
	return string(parts[0]), parts[2], nil
}
