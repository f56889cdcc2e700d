package testjs

import (
	"bufio"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Server starts a script, named from the repository's root, that listens on
// 127.0.0.1, prints its port and ends with its standard input. It is ended with the
// test. Server returns the address.
func Server(t testing.TB, script string, args ...string) (url string) {
	t.Helper()
	Modules(t)
	cmd := exec.Command(Node(t), append([]string{filepath.Join(Root(t), filepath.FromSlash(script))}, args...)...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	})
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the server's port: %v", err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}
