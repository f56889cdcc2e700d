package target

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestCPUOf(t *testing.T) {
	got, err := cpuOf("1234 (a name) with ) ) S 1 1 1 0 -1 4194304 100 0 0 0 150 75 0 0 20 0 5 0 100 1000 10\n")
	if err != nil || got != 2250*time.Millisecond {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"", "1 (x) S", "1 (x) S 1 1 1 0 -1 4194304 100 0 0 0 a b"} {
		if _, err := cpuOf(bad); err == nil {
			t.Errorf("cpuOf(%q): no error", bad)
		}
	}
}

func TestResidentOf(t *testing.T) {
	got, err := residentOf("500 20 3 4 0 5 0\n")
	if err != nil || got != 20*int64(os.Getpagesize()) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := residentOf("500"); err == nil {
		t.Error("no error")
	}
}

// script is a server that is a shell script.
func script(text string) Server { return Server{Name: "script", command: []string{"sh", "-c", text}} }

func TestStopEndsTheProcess(t *testing.T) {
	for _, text := range []string{
		"echo listening on 127.0.0.1:1; cat",                         // ends with stdin
		"echo listening on 127.0.0.1:1; exec sleep 60",               // ends with SIGTERM
		"echo listening on 127.0.0.1:1; trap '' TERM; exec sleep 60", // has to be killed
	} {
		p, err := script(text).Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.CPU(); err != nil {
			t.Error(err)
		}
		if memory, err := p.Memory(); err != nil || memory <= 0 {
			t.Errorf("memory %d, %v", memory, err)
		}
		p.Stop()
		if err := syscall.Kill(p.cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("%s: signalling it: %v", text, err)
		}
		if _, err := p.CPU(); err == nil {
			t.Error("CPU time of what is gone")
		}
	}
}

func TestStartSaysWhyAServerFails(t *testing.T) {
	_, err := script("echo it is broken >&2; exit 1").Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "it is broken") {
		t.Errorf("error %v", err)
	}
	if _, err := (Server{Name: "none", command: []string{"/nowhere/at/all"}}).Start(t.Context()); err == nil {
		t.Error("no error")
	}
}
