package docs_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
)

// The configuration on the page, in front of two servers: sessions on polling stay
// with theirs, WebSockets get through, and a page of the public host may connect.
func TestBehindNginx(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("needs nginx")
	}
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	public := runNginx(ctx, t, nginx, backend(t), backend(t))
	for _, transport := range []string{engineio.Polling, engineio.WebSocket} {
		client := chatio.NewClient("http://"+public, runtime.ClientOptions{
			NoReconnection: true,
			Dial: engineio.DialOptions{
				Transports: []string{transport},
				Header:     http.Header{"Origin": {"http://" + public}},
			},
		})
		client.SetAuth(chatio.HandshakeAuth{Token: "secret"})
		if err := client.Connect(ctx); err != nil {
			t.Fatalf("%s: %v", transport, err)
		}
		for range 20 {
			if _, err := client.EmitJoin(ctx, "lobby"); err != nil {
				t.Fatalf("%s: %v", transport, err)
			}
		}
		client.Close()
	}
}

// backend is one of the servers.
func backend(t *testing.T) string {
	t.Helper()
	server := runtime.NewServer(runtime.ServerOptions{})
	srv := chatio.NewServer(server)
	srv.OnConnection(func(ctx context.Context, s *chatio.ServerSocket) error {
		s.OnJoin(func(ctx context.Context, room chatio.Room) ([]chatio.User, error) { return nil, nil })
		return nil
	})
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		if err := server.Close(ctx); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	return web.Listener.Addr().String()
}

var nginxBlock = regexp.MustCompile("(?ms)^```nginx\n(.*?)^```$")

// runNginx runs the configuration of deployment.md until the test ends and returns
// the address that it listens on.
func runNginx(ctx context.Context, t *testing.T, nginx, first, second string) string {
	t.Helper()
	page, err := os.ReadFile("deployment.md")
	if err != nil {
		t.Fatal(err)
	}
	m := nginxBlock.FindSubmatch(page)
	if m == nil {
		t.Fatal("no configuration on the page")
	}
	addr := freeAddr(t)
	conf := string(m[1])
	for old, replacement := range map[string]string{
		"server 127.0.0.1:3001;": "server " + first + ";",
		"server 127.0.0.1:3002;": "server " + second + ";",
		"listen 8080;":           "listen " + addr + ";",
	} {
		if strings.Count(conf, old) != 1 {
			t.Fatalf("the page's configuration lacks %q", old)
		}
		conf = strings.Replace(conf, old, replacement, 1)
	}
	dir := t.TempDir()
	var temp strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temp, "%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	whole := fmt.Sprintf("daemon off;\nmaster_process off;\nerror_log stderr;\npid %s;\nevents {}\nhttp {\naccess_log off;\n%s%s}\n",
		filepath.Join(dir, "pid"), &temp, conf)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd := exec.Command(nginx, "-p", dir, "-c", file)
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	})
	for {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
			return addr
		}
		select {
		case <-ctx.Done():
			t.Fatal("nginx does not listen")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// freeAddr is an address that nobody listens on now: nginx can't tell which port it
// was given.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
