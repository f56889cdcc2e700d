package measure

import (
	"slices"
	"testing"
	"time"
)

func TestParseBenchmarks(t *testing.T) {
	got, err := parseBenchmarks(`goos: linux
BenchmarkEmit-2                	    1000	      5528 ns/op	       1 B/op	       0 allocs/op
BenchmarkBroadcast/1000-2       	    1000	  15469174 ns/op	     403 B/op	       2 allocs/op
PASS
`)
	want := []Allocation{
		{BenchmarkEmit, 5528 * time.Nanosecond, 1, 0},
		{BenchmarkBroadcastMany, 15469174 * time.Nanosecond, 403, 2},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, bad := range []string{"PASS\n", "BenchmarkX-2 1000 5 ns/op\n", "BenchmarkX-2 1000 five ns/op 1 B/op 1 allocs/op\n"} {
		if _, err := parseBenchmarks(bad); err == nil {
			t.Errorf("parseBenchmarks(%q): no error", bad)
		}
	}
}
