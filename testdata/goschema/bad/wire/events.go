package wire

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

type ServerToClient interface {
	Arguments(a chan int, b complex128, c uintptr, d unsafe.Pointer, e map[int]string, f **int, g *any, h [0]int, i error)
	Types(a Struct, b Iface, c hidden, d Holder[chan int], é struct{ a int }, f []func())
}

type Struct struct {
	OK      string           `json:"ok"`
	Events  <-chan string    `json:"events"`
	Func    func()           `json:"func"`
	Skipped func()           `json:"-"`
	Complex []complex64      `json:"complex"`
	Nested  map[string]Inner `json:"nested"`
	Any     interface{ Foo() }
}

type Inner struct {
	*embedded
	unexported chan int
	Deep       struct {
		C chan int `json:"c"`
	} `json:"deep"`
}

type embedded struct {
	X int `json:"x"`
}

type Iface interface{ Foo() }

type hidden struct{}

type Holder[T any] struct {
	Value T `json:"value"`
}

// SocketData is copied.
type SocketData struct {
	mu sync.RWMutex
	n  struct{ count atomic.Int64 }
}

func (s *SocketData) add() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n.count.Add(1)
}
