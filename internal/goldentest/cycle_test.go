package goldentest

import (
	"errors"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/recursion"
)

// A value that contains itself can't be sent; it is an error and no endless
// recursion.
func TestCyclicValuesAreErrors(t *testing.T) {
	left, next := new(recursion.Tree), new(recursion.Tree)
	left.Left = left
	next.Next = runtime.Some(next)
	byName := recursion.Tree{ByName: map[string]recursion.Tree{}}
	byName.ByName["x"] = byName
	b := new(recursion.B)
	b.A = &recursion.A{}
	b.A.B.A = b.A
	neg := &recursion.Neg{}
	neg.Of = neg

	c := recursion.NewClient("http://127.0.0.1:1", runtime.ClientOptions{})
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	emits := map[string]func() error{
		"optional":  func() error { _, err := c.EmitTree(t.Context(), *left); return err },
		"three":     func() error { _, err := c.EmitTree(t.Context(), *next); return err },
		"map":       func() error { _, err := c.EmitTree(t.Context(), byName); return err },
		"two types": func() error { _, err := c.EmitAb(t.Context(), recursion.A{B: *b}); return err },
		"union":     func() error { _, err := c.EmitEval(t.Context(), neg); return err },
	}
	for name, emit := range emits {
		if _, ok := errors.AsType[*runtime.EncodeError](emit()); !ok {
			t.Errorf("%s: no EncodeError", name)
		}
	}
}
