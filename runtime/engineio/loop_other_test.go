//go:build !linux

package engineio

import "testing"

func skipWithoutLoops(t *testing.T) { t.Skip("there are loops on Linux only") }
