package runtime_test

import (
	"errors"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/socketio"
)

// TestPanicsOfServingWrapTheEnginesError: whoever recovers one finds out why.
func TestPanicsOfServingWrapTheEnginesError(t *testing.T) {
	recovered := func(serve func()) (err error) {
		defer func() { err, _ = recover().(error) }()
		serve()
		return nil
	}
	typ := runtime.NamespaceType[socket]{Name: "/twice"}
	twice := newServer(t, runtime.ServerOptions{}).base
	runtime.NewNamespace(twice, typ)
	err := recovered(func() { runtime.NewNamespace(twice, typ) })
	if served, ok := errors.AsType[*socketio.NamespaceError](err); !ok || served.Name != "/twice" {
		t.Errorf("a namespace served twice: %v", err)
	}
	none := runtime.NewServer(runtime.ServerOptions{Engine: &nullEngine{}})
	err = recovered(func() { runtime.NewDynamicNamespace(none, typ, nil) })
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("an engine without dynamic namespaces: %v", err)
	}
}
