package target

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Machine describes what the servers run on.
func Machine() string {
	model := "unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel := "unknown"
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		kernel = unix.ByteSliceToString(u.Release[:])
	}
	return fmt.Sprintf("%d × %s, Linux %s, loopback.", runtime.NumCPU(), model, kernel)
}

// Versions lists what runs the servers.
func Versions(ctx context.Context, servers []Server) []string {
	versions := []string{strings.Replace(runtime.Version(), "go", "Go ", 1)}
	for _, s := range servers {
		if s.runtime == "" {
			continue
		}
		out, err := exec.CommandContext(ctx, s.command[0], "--version").Output()
		if err == nil {
			versions = append(versions, s.runtime+" "+strings.TrimPrefix(strings.TrimSpace(string(out)), "v"))
		}
	}
	return versions
}
