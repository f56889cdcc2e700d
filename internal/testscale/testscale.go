// Package testscale tells tests of many connections how many to make.
package testscale

import (
	"os"
	"strconv"
	"testing"
)

// Env is the environment variable that, if set, is how many connections the tests
// make, rather than a few.
const Env = "SIOGEN_SCALE"

// N returns how many connections to make: few, or what Env says.
func N(t testing.TB, few int) int {
	t.Helper()
	text := os.Getenv(Env)
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s: %q", Env, text)
	}
	return n
}
