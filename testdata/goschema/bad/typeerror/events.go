package typeerror

import (
	"fmt"

	"example.com/nowhere"
)

type ServerToClient interface {
	Foo(a Usr, b nowhere.Thing, c fmt.Strnger)
	Foo(a int)
}

func f() int {
	return "a"
}
