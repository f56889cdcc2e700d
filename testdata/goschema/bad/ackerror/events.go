package ackerror

type ClientToServer interface {
	Struct(ack func(err *StructError))
	Enum(ack func(err EnumError))
	Pointer(ack func(err PointerError))
	Number(ack func(err NumberError))
	List(ack func(err []string))
}

type StructError struct{}

type EnumError string

const EnumErrorA EnumError = "a"

type PointerError string

func (*PointerError) Error() string { return "" }

type NumberError int

func (NumberError) Error() string { return "" }
