// Package testproc starts processes that tests talk to, and that end with their
// standard input.
package testproc

import (
	"io"
	"os/exec"
	"testing"
	"time"
)

// EndTimeout is how long a process may take to end; then it is killed.
const EndTimeout = 30 * time.Second

// Start starts cmd and returns its pipes. At the end of the test its standard input
// is closed, and ended is called with what Wait returned, if it is not nil.
func Start(t testing.TB, cmd *exec.Cmd, ended func(error)) (stdin io.Writer, stdout io.Reader) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		kill := time.AfterFunc(EndTimeout, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); ended != nil {
			ended(err)
		}
	})
	return in, out
}
