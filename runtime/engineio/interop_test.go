package engineio

import (
	"bytes"
	"path/filepath"
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
	return testjs.Server(t, "runtime/engineio/testdata/server.mjs", options)
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
