package target

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the unit of times in /proc, which is the same on all
// platforms that Go supports.
const ticksPerSecond = 100

// CPU returns the time that the server has used so far, in user and in kernel
// mode, to the hundredth of a second.
func (p *Process) CPU() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, p.explain(fmt.Errorf("the server is gone: %w", err))
	}
	return cpuOf(string(stat))
}

// cpuOf reads utime and stime, the fields 14 and 15 of /proc/PID/stat (proc(5)).
func cpuOf(stat string) (time.Duration, error) {
	// The second field is a name in brackets, which may have any character in it.
	_, rest, ok := strings.Cut(stat[strings.LastIndexByte(stat, ')')+1:], " ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 13 {
		return 0, fmt.Errorf("no /proc/PID/stat: %q", stat)
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	kernel, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+kernel) * time.Second / ticksPerSecond, errors.Join(err, err2)
}

// Memory returns the server's resident memory in bytes.
func (p *Process) Memory() (int64, error) {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		return 0, p.explain(fmt.Errorf("the server is gone: %w", err))
	}
	return residentOf(string(statm))
}

// residentOf reads the second field of /proc/PID/statm: pages.
func residentOf(statm string) (int64, error) {
	fields := strings.Fields(statm)
	if len(fields) < 2 {
		return 0, fmt.Errorf("no /proc/PID/statm: %q", statm)
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}
