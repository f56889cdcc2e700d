package testjs

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/testproc"
)

// Server starts a script, named from the repository's root, that listens on
// 127.0.0.1, prints its port and ends with its standard input. It is ended with the
// test. Server returns the address.
func Server(t testing.TB, script string, args ...string) (url string) {
	t.Helper()
	Modules(t)
	cmd := exec.Command(Node(t), append([]string{filepath.Join(Root(t), filepath.FromSlash(script))}, args...)...)
	_, stdout := testproc.Start(t, cmd, nil)
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the server's port: %v", err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}
