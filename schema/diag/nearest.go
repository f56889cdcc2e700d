package diag

import "strings"

// Nearest returns the known name that was most likely meant by name, or the
// empty string when none is near. Ties go to the first in known.
func Nearest(name string, known []string) string {
	best, bestDistance := "", 0
	folded := fold(name)
	for _, k := range known {
		limit := tolerance(name, k)
		if best != "" {
			limit = min(limit, bestDistance-1)
		}
		if d, ok := distance(folded, fold(k), limit); ok {
			best, bestDistance = k, d
		}
	}
	return best
}

// tolerance is how many typing errors two names of these lengths may differ by.
func tolerance(a, b string) int {
	switch shorter := min(len(a), len(b)); {
	case shorter <= 2:
		return 0
	case shorter <= 4:
		return 1
	case shorter <= 8:
		return 2
	default:
		return 3
	}
}

// fold makes names that differ only in case, dashes or underscores equal.
func fold(s string) []rune {
	s = strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return r
	}, s)
	return []rune(strings.ToLower(s))
}

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours that make b of a; ok is false when there are more than limit.
func distance(a, b []rune, limit int) (d int, ok bool) {
	if limit < 0 || len(a)-len(b) > limit || len(b)-len(a) > limit {
		return 0, false
	}
	before, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		nearest := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
			nearest = min(nearest, current[j])
		}
		if nearest > limit {
			return 0, false
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)], previous[len(b)] <= limit
}
