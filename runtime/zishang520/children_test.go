package zishang520

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zishang520/socket.io/servers/socket/v3"
)

// TestClientsMayNotFillTheServerWithNamespaces: names are bounded in length and number,
// and those of children that were closed are forgotten.
func TestClientsMayNotFillTheServerWithNamespaces(t *testing.T) {
	io := socket.NewServer(nil, nil)
	defer io.Close(nil)
	c, err := newChildren(Server(io).(*server))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"/a": true, "a": false, "/a,b": false, "/a?b": false,
		"/" + strings.Repeat("x", maxNamespaceName-1): true,
		"/" + strings.Repeat("x", maxNamespaceName):   false,
	} {
		if c.mayOpen(name) != want {
			t.Errorf("%.20q may be opened: %t", name, !want)
		}
	}
	nsp := c.nsp.CreateChild("/child")
	for i := range MaxChildNamespaces {
		if !c.mayOpen("/a") {
			t.Fatalf("refused with %d open", i)
		}
		c.mu.Lock()
		c.open[socket.NewNamespace(io, fmt.Sprint("/", i))] = nil
		c.mu.Unlock()
	}
	if c.mayOpen("/a") {
		t.Error("one too many")
	}
	c.open = map[socket.Namespace]*child{}
	n := c.add(nsp)
	c.settle(n)
	if c.child("/child") != n {
		t.Error("forgotten while the library has it")
	}
	c.nsp.Children().Delete(nsp)
	c.settle(n)
	if c.child("/child") != nil || len(c.open) != 0 {
		t.Error("kept when the library has closed it")
	}
	for i := range 3 * closedNames {
		c.remember(fmt.Sprint("/", i))
	}
	if len(c.closed) != closedNames {
		t.Errorf("%d names are remembered", len(c.closed))
	}
}
