package measure

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Allocation is what one Go benchmark reports.
type Allocation struct {
	// Name is that of the benchmark, without "Benchmark".
	Name string `json:"name"`
	// Time, Bytes and Allocations are for one operation.
	Time        time.Duration `json:"time"`
	Bytes       int64         `json:"bytes"`
	Allocations int64         `json:"allocations"`
}

// Names of benchmarks that goals refer to.
const (
	BenchmarkDispatch      = "Dispatch"
	BenchmarkEmit          = "Emit"
	BenchmarkBroadcastFew  = "Broadcast/10"
	BenchmarkBroadcastMany = "Broadcast/1000"
)

// Allocations runs the Go benchmarks of generated code. folder is that of the
// benchmark.
func Allocations(ctx context.Context, folder string) ([]Allocation, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", ".", "-benchtime", "1000x", "-timeout", "2m", "./internal/events")
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test -bench: %w\n%s", err, out)
	}
	return parseBenchmarks(string(out))
}

// parseBenchmarks reads lines of the format that benchstat reads, too.
func parseBenchmarks(out string) (all []Allocation, err error) {
	for line := range strings.Lines(out) {
		name, ok := strings.CutPrefix(line, "Benchmark")
		if !ok {
			continue
		}
		fields := strings.Fields(name)
		if len(fields) == 0 {
			continue
		}
		a := Allocation{Name: fields[0]}
		if i := strings.LastIndexByte(a.Name, '-'); i > 0 { // GOMAXPROCS
			a.Name = a.Name[:i]
		}
		values := make(map[string]float64)
		for i := 2; i+1 < len(fields); i += 2 {
			if values[fields[i+1]], err = strconv.ParseFloat(fields[i], 64); err != nil {
				return nil, fmt.Errorf("go test -bench: %q: %w", line, err)
			}
		}
		allocations, ok := values["allocs/op"]
		if !ok {
			return nil, fmt.Errorf("go test -bench: no allocations in %q", line)
		}
		a.Time, a.Bytes, a.Allocations = time.Duration(values["ns/op"]), int64(values["B/op"]), int64(allocations)
		all = append(all, a)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("go test -bench: no benchmark in %q", out)
	}
	return all, nil
}
