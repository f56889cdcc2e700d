package goldentest

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/testjs"
)

// nodeProgram is a script of testdata that is driven by lines of JSON, and answers
// with such.
type nodeProgram struct {
	stdin io.Writer
	lines chan string
}

func startNode(t *testing.T, script string, args ...string) *nodeProgram {
	t.Helper()
	testjs.Modules(t)
	cmd := exec.Command(testjs.Node(t), append([]string{filepath.Join("testdata", script)}, args...)...)
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
	p := &nodeProgram{stdin: stdin, lines: make(chan string, 1000)}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(stdout); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		_ = stdin.Close() // which ends it
		for range p.lines {
		}
		_ = cmd.Wait()
	})
	return p
}

// tell sends a command.
func (p *nodeProgram) tell(t *testing.T, command ...any) {
	t.Helper()
	line, err := json.Marshal(command)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.stdin.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
}

// next returns the next line, an array.
func (p *nodeProgram) next(t *testing.T) []any {
	t.Helper()
	line := receive(t, p.lines)
	var values []any
	if err := json.Unmarshal([]byte(line), &values); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return values
}

// withoutOffset is next for an event, without the offset at its end if it has one.
func (p *nodeProgram) withoutOffset(t *testing.T) []any {
	t.Helper()
	values := p.next(t)
	if last, ok := values[len(values)-1].(string); ok && len(values) > 1 && len(last) < 20 && strings.IndexByte(last, '.') == 8 {
		values = values[:len(values)-1]
	}
	return values
}
