package load

import (
	"math/bits"
	"time"
)

// subBuckets is how many buckets a power of two has: values are exact to 1/64.
const subBuckets = 64

// histogram counts latencies in buckets whose width grows with the value.
type histogram struct {
	counts [58 * subBuckets]uint32
	total  int
}

func bucket(v uint64) int {
	if v < 2*subBuckets {
		return int(v)
	}
	shift := bits.Len64(v) - 7
	return shift*subBuckets + int(v>>shift)
}

// floor is the smallest value of a bucket.
func floor(bucket int) uint64 {
	if bucket < 2*subBuckets {
		return uint64(bucket)
	}
	shift := bucket/subBuckets - 1
	return uint64(bucket-shift*subBuckets) << shift
}

func (h *histogram) add(d time.Duration) {
	h.counts[bucket(uint64(max(d, 0)))]++
	h.total++
}

func (h *histogram) reset() { *h = histogram{} }

// quantile returns the latency that the part q of all is not above.
func (h *histogram) quantile(q float64) time.Duration {
	rank := int(q * float64(h.total))
	for i, n := range h.counts {
		if rank -= int(n); rank < 0 {
			return time.Duration(floor(i))
		}
	}
	return 0
}
