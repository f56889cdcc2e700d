package goldentest

import (
	"context"
	"testing"

	"github.com/siogen/siogen/testdata/golden/cluster"
)

// TestAServerAloneHasNoOthers: without a cluster adapter there is nobody to send to.
func TestAServerAloneHasNoOthers(t *testing.T) {
	h := newHost(t)
	others := cluster.NewServer(h.Server).InterServer()
	others.OnReload(func(context.Context, string) error {
		t.Error("a server got its own event")
		return nil
	})
	ctx := testContext(t)
	if err := others.EmitReload(ctx, "test"); err != nil {
		t.Errorf("Reload: %v", err)
	}
	if loads, err := others.EmitLoad(ctx, nil); len(loads) > 0 || err != nil {
		t.Errorf("Load: %v, %v", loads, err)
	}
	if pairs, err := others.EmitPair(ctx); len(pairs) > 0 || err != nil {
		t.Errorf("Pair: %v, %v", pairs, err)
	}
	if err := others.EmitTry(ctx); err != nil {
		t.Errorf("Try: %v", err)
	}
}
