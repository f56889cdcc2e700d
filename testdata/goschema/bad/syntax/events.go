package syntax

type ServerToClient interface {
	Foo(a int
}
