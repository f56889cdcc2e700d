package signature

type ServerToClient interface {
	Unnamed(string, []User)
	Blank(_ int)
	Result(a int) error
	Results(a int) (b string, err error)
	Callback(done func(), a int)
	small(a int)
	AckResult(ack func(a int) bool)
	AckUnnamed(ack func([]User))
	PlainError(ack func(err error))
	Fields
	interface{ Foo() }
}

type Fields struct{}

type User struct{}
