package elsewhere

import "github.com/siogen/siogen/testdata/goschema/bad/elsewhere/other"

type ServerToClient interface {
	Foo(a other.Thing)
}
