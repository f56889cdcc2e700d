package engineio

import (
	"bufio"
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/testjs"
)

// runScript runs a script of testdata, which fails the test by its exit code.
func runScript(t *testing.T, name string, args ...string) {
	t.Helper()
	testjs.Modules(t)
	script := filepath.Join("runtime", "engineio", "testdata", name)
	if out, code := testjs.Run(t, append([]string{script}, args...)...); code != 0 {
		t.Errorf("%s %v: exit code %d:\n%s", name, args, code, out)
	}
}

// officialServer runs npm's server, echoing, and returns its address.
func officialServer(t *testing.T, options string) string {
	t.Helper()
	testjs.Modules(t)
	cmd := exec.Command(testjs.Node(t), filepath.Join("testdata", "server.mjs"), options)
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

// socketIOEcho answers just enough of Socket.IO for its client to connect, and
// echoes events, also those with one binary attachment.
func socketIOEcho(r *recorder) {
	var header []byte
	r.onMessage = func(c *Conn, data []byte, binary bool) {
		switch {
		case binary:
			_ = c.Send(header, [][]byte{data}, Flags{})
		case bytes.HasPrefix(data, []byte("0")):
			_ = c.Send([]byte(`0{"sid":"id"}`), nil, Flags{})
		case bytes.HasPrefix(data, []byte("51-")):
			header = bytes.Clone(data)
		case bytes.HasPrefix(data, []byte("2")):
			_ = c.Send(data, nil, Flags{})
		}
	}
}
