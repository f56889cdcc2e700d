package measure

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/siogen/siogen/bench/internal/target"
	"golang.org/x/sys/unix"
)

// others finds out how much of the machine was used by neither the server nor
// this process.
type others struct {
	server *target.Process
	begun  usage
	err    error
}

// usage is time used so far.
type usage struct{ busy, all, ours time.Duration }

func startOthers(p *target.Process) *others {
	o := &others{server: p}
	o.begun, o.err = o.usage()
	return o
}

// share returns the part of the machine's time since the start.
func (o *others) share() (float64, error) {
	now, err := o.usage()
	if err := errors.Join(o.err, err); err != nil {
		return 0, err
	}
	all := now.all - o.begun.all
	if all <= 0 {
		return 0, nil
	}
	other := (now.busy - o.begun.busy) - (now.ours - o.begun.ours)
	return max(0, float64(other)/float64(all)), nil
}

func (o *others) usage() (usage, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return usage{}, err
	}
	u, err := machineUsage(string(stat))
	if err != nil {
		return usage{}, err
	}
	server, err := o.server.CPU()
	if err != nil {
		return usage{}, err
	}
	var own unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &own); err != nil {
		return usage{}, err
	}
	u.ours = server + time.Duration(own.Utime.Nano()+own.Stime.Nano())
	return u, nil
}

// machineUsage reads the first line of /proc/stat: user, nice, system, idle,
// iowait, irq, softirq, steal (proc(5)).
func machineUsage(stat string) (usage, error) {
	line, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return usage{}, fmt.Errorf("no /proc/stat: %q", line)
	}
	var u usage
	for i, f := range fields[1:9] {
		ticks, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return usage{}, fmt.Errorf("/proc/stat: %w", err)
		}
		d := time.Duration(ticks) * 10 * time.Millisecond
		u.all += d
		if i != 3 && i != 4 { // idle and iowait
			u.busy += d
		}
	}
	return u, nil
}
