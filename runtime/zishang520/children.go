package zishang520

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/zishang520/socket.io/servers/socket/v3"

	"github.com/siogen/siogen/runtime/driver"
)

// Bounds of dynamic namespaces: clients make up their names.
const (
	// MaxChildNamespaces is how many dynamic namespaces a server has open at once.
	// Beyond it clients that ask for another one are refused ("Invalid namespace").
	MaxChildNamespaces = 10_000
	// maxNamespaceName bounds, in bytes, a name that a client may have a child opened by.
	maxNamespaceName = 256
	// closedNames is how many names of children that were closed are remembered.
	closedNames = 1024
)

// children are the dynamic namespaces of a server. The library has one parent for all
// of them, which takes every name that nobody serves: it asks for a decision before
// there is a handshake, in the goroutine that reads the connection, and asks several
// parents in no order. What decides is the middleware of the child. A child that
// nobody wants is closed by the library, which closes those without sockets.
type children struct {
	server *server
	nsp    socket.ParentNamespace
	// creating lets one child at a time be made: the library makes two of the same
	// name for two clients that ask for it at once.
	creating sync.Mutex

	mu      sync.Mutex
	parents []*parent
	open    map[socket.Namespace]*child // those with a decision, and those without
	byName  map[string]*child
	// closed are names of children that were closed of late, used as a ring.
	closed []string
	next   int
}

// child is a dynamic namespace.
type child struct {
	*namespace
	// stays: the library does not close it.
	stays bool

	opening sync.Mutex
	parent  *parent // who opened it; nil: nobody yet
}

// newChildren has the library ask about names that nobody serves.
func newChildren(s *server) (*children, error) {
	c := &children{server: s, open: make(map[socket.Namespace]*child), byName: make(map[string]*child)}
	match := func(name string, _ map[string]any, next func(error, bool)) {
		c.creating.Lock()
		defer c.creating.Unlock()
		next(nil, c.mayOpen(name))
	}
	c.nsp = s.io.Of(socket.ParentNspNameMatchFn(&match), nil).(socket.ParentNamespace)
	c.nsp.Use(c.middleware)
	return c, s.io.On("new_namespace", c.created)
}

// mayOpen reports whether a client may ask for a child of that name.
func (c *children) mayOpen(name string) bool {
	if len(name) > maxNamespaceName || !strings.HasPrefix(name, "/") || strings.ContainsAny(name, ",?") {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open) < MaxChildNamespaces
}

// created is told of every namespace that the library makes. For a client that asks
// for a child while that is being closed it makes one that belongs to no parent, and
// that nobody would serve.
func (c *children) created(args ...any) {
	nsp, ok := args[0].(socket.Namespace)
	if !ok || c.nsp.Children().Has(nsp) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	name := nsp.Name()
	if c.byName[name] == nil && !slices.Contains(c.closed, name) {
		return // the application's
	}
	c.add(nsp).stays = true
	nsp.Use(c.middleware)
}

// add notes a namespace; c.mu is held.
func (c *children) add(nsp socket.Namespace) *child {
	n := &child{namespace: newNamespace(c.server, nsp)}
	n.ended = func() { c.settle(n) }
	c.open[nsp], c.byName[nsp.Name()] = n, n
	return n
}

// middleware decides about a client that asks to join. Until it has joined the library
// does not count its socket, and would close the namespace meanwhile.
func (c *children) middleware(io *socket.Socket, next func(*socket.ExtendedError)) {
	io.Nsp().Sockets().Store(io.Id(), io)
	c.mu.Lock()
	n := c.open[io.Nsp()]
	if n == nil {
		n = c.add(io.Nsp())
	}
	c.mu.Unlock()
	s := n.asking(io)
	c.server.running.Spawn(func() {
		next(s.refused(c.ask(n, s)))
		// After the library has removed a socket that does not join, which it does in
		// its queue; a queue that takes nothing any more is done with it.
		io.Enqueue(func() { c.settle(n) })
		c.settle(n)
	})
}

// errInvalidNamespace refuses what nobody serves.
var errInvalidNamespace = &driver.RefusedError{Message: "Invalid namespace"}

// ask asks whether the client may join: who serves the name, then its middleware.
func (c *children) ask(n *child, s *serverSocket) error {
	if err := s.tooMany(); err != nil {
		return err
	}
	for _, p := range c.candidates(n) {
		ok, err := p.d.Match(s.ctx, n.Name(), s.handshake)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := n.openBy(p); err != nil {
			return err
		}
		return n.ask(s)
	}
	if err := context.Cause(s.ctx); err != nil {
		return err
	}
	return errInvalidNamespace
}

// candidates are whom to ask about a name: of an open child, its parent alone.
func (c *children) candidates(n *child) []*parent {
	if p := n.openedBy(); p != nil {
		return []*parent{p}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.parents)
}

func (n *child) openedBy() *parent {
	n.opening.Lock()
	defer n.opening.Unlock()
	return n.parent
}

// openBy has p serve the child, unless it does already.
func (n *child) openBy(p *parent) error {
	n.opening.Lock()
	defer n.opening.Unlock()
	switch n.parent {
	case p:
		return nil
	case nil:
		n.parent = p
		return n.serve(p.d.Open(n))
	}
	return &NamespaceError{Name: n.Name(), Message: "served already"}
}

// settle notes whether the library has closed a child.
func (c *children) settle(n *child) {
	if n.stays || c.nsp.Children().Has(n.nsp) {
		return
	}
	name := n.Name()
	c.mu.Lock()
	known := c.open[n.nsp] == n
	delete(c.open, n.nsp)
	if c.byName[name] == n {
		delete(c.byName, name)
		c.server.parser.unserve(name)
	}
	if known {
		c.remember(name)
	}
	c.mu.Unlock()
	if p := n.openedBy(); known && p != nil {
		p.d.Closed(n)
	}
}

// remember notes the name of a child that was closed; c.mu is held.
func (c *children) remember(name string) {
	if len(c.closed) < closedNames {
		c.closed = append(c.closed, name)
		return
	}
	c.closed[c.next] = name
	c.next = (c.next + 1) % closedNames
}

// child returns the child of that name that is open; nil when there is none.
func (c *children) child(name string) *child {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byName[name]
}

// of returns the children that p has opened.
func (c *children) of(p *parent) []*child {
	c.mu.Lock()
	list := slices.Collect(maps.Values(c.open))
	c.mu.Unlock()
	return slices.DeleteFunc(list, func(n *child) bool { return n.openedBy() != p })
}

// close closes what the library does not know of. c may be nil.
func (c *children) close() {
	if c == nil {
		return
	}
	c.mu.Lock()
	parents := c.parents
	c.mu.Unlock()
	for _, p := range parents {
		p.nsp.Adapter().Close()
	}
}
