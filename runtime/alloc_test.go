//go:build !race

package runtime_test

import (
	"context"
	"testing"

	"github.com/siogen/siogen/runtime/codec"
)

// Without interceptors nothing is allocated between the engine and the handler of
// an event with scalar arguments, nor on the way back.
func TestEventsAllocateNothing(t *testing.T) {
	done := make(chan struct{}, 1)
	h, _, s := connectNull(t, func(s *socket) {
		s.On("scalar", onInts(func(context.Context, int, bool) error { done <- struct{}{}; return nil }))
	})
	tests := []struct {
		name string
		do   func()
	}{
		{"received", func() { h.Event(scalarEvent); <-done }},
		{"emitted", func() {
			enc := codec.NewEvent(`["scalar"`)
			enc.Elem().Int(12345)
			enc.Elem().Bool(true)
			if err := s.Send(enc); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, test := range tests {
		if n := testing.AllocsPerRun(5000, test.do); n >= 1 {
			t.Errorf("%s: %v allocations", test.name, n)
		}
	}
}
