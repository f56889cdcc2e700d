package none

type Events interface{ Foo() }
