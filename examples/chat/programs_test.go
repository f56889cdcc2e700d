package main

import (
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/testjs"
)

// program is a running command whose output can be waited for.
type program struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	done  chan error

	mu     sync.Mutex
	output bytes.Buffer
	more   chan struct{}
}

// start runs a command until the test ends.
func start(t *testing.T, name string, args ...string) *program {
	t.Helper()
	p := &program{cmd: exec.Command(name, args...), done: make(chan error, 1), more: make(chan struct{}, 1)}
	p.cmd.Stdout, p.cmd.Stderr = p, p
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.stdin.Close()
		<-p.done
		if t.Failed() {
			t.Logf("%s printed:\n%s", filepath.Base(name), p.text())
		}
	})
	return p
}

// Write takes what the command prints.
func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.more <- struct{}{}:
	default:
	}
	return p.output.Write(b)
}

func (p *program) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// expect waits until the output matches and returns the groups of the match.
func (p *program) expect(t *testing.T, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	limit := time.After(30 * time.Second)
	for {
		if m := re.FindStringSubmatch(p.text()); m != nil {
			return m
		}
		select {
		case <-p.more:
		case <-limit:
			t.Fatalf("no %q in:\n%s", pattern, p.text())
		}
	}
}

// say writes a line to the command's input.
func (p *program) say(t *testing.T, line string) {
	t.Helper()
	if _, err := io.WriteString(p.stdin, line+"\n"); err != nil {
		t.Fatal(err)
	}
}

// ended waits for the command to end by itself, without an error.
func (p *program) ended(t *testing.T) {
	t.Helper()
	select {
	case err := <-p.done:
		p.done <- err
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("does not end")
	}
}

// build compiles the programs of the example and returns their folder.
func build(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	out, err := exec.Command("go", "build", "-o", bin, ".", "./cli").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// The chat as the README starts it: server, Go client, Node client.
func TestPrograms(t *testing.T) {
	testjs.Modules(t)
	node := filepath.Join("examples", "chat", "node")
	if out, code := testjs.Tsc(t, testjs.TypeScript, "-p", filepath.Join(node, "tsconfig.json")); code != 0 {
		t.Fatalf("tsc:\n%s", out)
	}
	script := filepath.Join(testjs.Root(t), node, "dist", "client.js")
	bin := build(t)

	server := start(t, filepath.Join(bin, "chat"), "-addr", "127.0.0.1:0")
	url := server.expect(t, `listening on (\S+)\n`)[1]

	refused := start(t, filepath.Join(bin, "cli"), "-url", url, "-token", "wrong")
	refused.expect(t, `cli: connecting to \S+: wrong token`)
	refusedNode := start(t, testjs.Node(t), script, "--url", url, "--token", "wrong")
	refusedNode.expect(t, `refused: wrong token {"code":401}`)
	refusedNode.ended(t)

	ann := start(t, filepath.Join(bin, "cli"), "-url", url, "-name", "Ann")
	ann.expect(t, `in lobby: Ann\n`)
	ann.say(t, "/hello")
	ann.expect(t, `basicEmit 1 "welcome, Ann" 01 02 03\n`)
	ann.expect(t, `\[lobby\] \(info\) you said 42\n`)
	ann.say(t, "/join nowhere")
	ann.expect(t, `can't join nowhere: there is no room "nowhere" \(unknown_room\)\n`)

	bob := start(t, testjs.Node(t), script, "--url", url, "--name", "Bob", "--say", "hello, Ann", "--count", "2")
	bob.expect(t, `in lobby: Ann, Bob\n`)
	ann.expect(t, `\[lobby\] Bob enters\n`)
	ann.expect(t, `user \d+ has a new picture of 4 bytes\n`)
	ann.expect(t, `\[lobby\] Bob: hello, Ann\n`)
	bob.expect(t, `user \d+ has a new picture: 89504e47\n`)
	bob.expect(t, `message \d+ is sent\n`)
	ann.say(t, "hello, Bob")
	bob.expect(t, `\[lobby\] Ann: hello, Bob\n`)
	bob.ended(t)
	ann.expect(t, `\[lobby\] Bob leaves\n`)

	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	server.ended(t)
	ann.expect(t, `disconnected: `)
	if strings.Contains(server.text(), "secret") {
		t.Error("the server logged the token")
	}
}

// A server that is killed and started again is found by its clients, which enter
// their room again; what was typed meanwhile arrives.
func TestClientSurvivesTheServer(t *testing.T) {
	bin := build(t)
	server := start(t, filepath.Join(bin, "chat"), "-addr", "127.0.0.1:0")
	url := server.expect(t, `listening on (\S+)\n`)[1]
	ann := start(t, filepath.Join(bin, "cli"), "-url", url, "-name", "Ann")
	ann.expect(t, `in lobby: Ann\n`)

	if err := server.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ann.expect(t, `disconnected: transport (close|error); reconnecting\n`)
	ann.say(t, "/hello")
	ann.say(t, "are you still there?")
	start(t, filepath.Join(bin, "chat"), "-addr", strings.TrimPrefix(url, "http://")).expect(t, `listening`)
	ann.expect(t, `connected again, at attempt \d+\n`)
	ann.expect(t, `(?s)in lobby: Ann\n.*in lobby: Ann\n`)
	ann.expect(t, `\[lobby\] Ann: are you still there\?\n`)
	ann.expect(t, `basicEmit 1 "welcome, Ann" 01 02 03\n`)
	ann.say(t, "/quit")
	ann.ended(t)
	t.Logf("the client printed:\n%s", ann.text())
}

// When the input ends, the client leaves in order.
func TestClientEndsWithItsInput(t *testing.T) {
	bin := build(t)
	server := start(t, filepath.Join(bin, "chat"), "-addr", "127.0.0.1:0")
	url := server.expect(t, `listening on (\S+)\n`)[1]
	ann := start(t, filepath.Join(bin, "cli"), "-url", url)
	ann.expect(t, `in lobby: guest-1\n`)
	if err := ann.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	ann.ended(t)
	server.expect(t, `reason="client namespace disconnect"`)
}
