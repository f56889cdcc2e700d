package target

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	// startTime bounds how long a server may take to listen, stopTime to end when it
	// is asked to.
	startTime = 20 * time.Second
	stopTime  = 3 * time.Second
	listening = "listening on "
)

// Process is a running server.
type Process struct {
	Addr netip.AddrPort
	cmd  *exec.Cmd
	// stdin is held open: a server ends with it, and so never outlives this program.
	stdin io.Closer
	// errors is the end of what it wrote to stderr; read when it has ended.
	errors *tail
	exited chan struct{}
}

// Start starts a server and waits until it listens. Extra arguments follow those
// of the server.
func (s Server) Start(ctx context.Context, extra ...string) (*Process, error) {
	cmd := exec.Command(s.command[0], append(s.command[1:len(s.command):len(s.command)], extra...)...)
	cmd.Dir = s.dir
	// Its own group: Ctrl-C reaches this program, which ends the server in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p := &Process{cmd: cmd, errors: &tail{}, exited: make(chan struct{})}
	cmd.Stderr = p.errors
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	p.stdin = stdin
	// Not StdoutPipe, which Wait would close while it is read.
	stdout, stdoutWriter, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	cmd.Stdout = stdoutWriter
	err = cmd.Start()
	_ = stdoutWriter.Close()
	if err != nil {
		_ = stdout.Close()
		return nil, fmt.Errorf("starting %s: %w", s.Name, err)
	}
	go func() {
		defer close(p.exited)
		_ = cmd.Wait() // how a server that is stopped exits, does not matter
	}()
	if err := p.awaitAddr(ctx, stdout); err != nil {
		p.Stop()
		return nil, fmt.Errorf("starting %s: %w", s.Name, p.explain(err))
	}
	return p, nil
}

// awaitAddr reads the address from the line that a server prints.
func (p *Process) awaitAddr(ctx context.Context, stdout *os.File) error {
	lines := make(chan string, 1)
	go func() { // until the server closes stdout
		defer stdout.Close()
		r := bufio.NewReader(stdout)
		line, _ := r.ReadString('\n')
		lines <- line
		_, _ = io.Copy(io.Discard, r)
	}()
	limit := time.NewTimer(startTime)
	defer limit.Stop()
	select {
	case line := <-lines:
		text, ok := strings.CutPrefix(strings.TrimSpace(line), listening)
		if !ok {
			return fmt.Errorf("printed %q", line)
		}
		addr, err := netip.ParseAddrPort(text)
		p.Addr = addr
		return err
	case <-limit.C:
		return errors.New("it does not listen")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// explain adds to an error what the server wrote to stderr, once it has ended.
func (p *Process) explain(err error) error {
	select {
	case <-p.exited:
		if text := p.errors.String(); text != "" {
			return fmt.Errorf("%w\n%s", err, text)
		}
	default:
	}
	return err
}

// Stop ends the server and waits for it.
func (p *Process) Stop() {
	_ = p.stdin.Close()
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		_ = p.cmd.Process.Signal(sig) // it may have ended
		select {
		case <-p.exited:
			return
		case <-time.After(stopTime):
		}
	}
}

// tail keeps the end of what is written to it. It is read when nobody writes.
type tail struct{ b []byte }

const maxTail = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.b = append(t.b, b...)
	if extra := len(t.b) - maxTail; extra > 0 {
		t.b = append(t.b[:0], t.b[extra:]...)
	}
	return len(b), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.b)) }
