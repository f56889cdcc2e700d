package union

type ServerToClient interface {
	Event(a Shape, b Nothing, c Everything, d NoKey, e Tagged)
}

// Shape names a variant that is none.
//
//siogen:union kind
//siogen:variant circle Cirle
//siogen:variantdoc square Square.
type Shape interface{ isShape() }

type Circle struct{}

func (*Circle) isShape() {}

//siogen:union kind
type Nothing interface{ isNothing() }

//siogen:union kind
type Everything interface{}

//siogen:union
type NoKey interface{ isNoKey() }

type One struct{}

func (One) isNoKey() {}

//siogen:union kind
type Tagged interface{ isTagged() }

type First struct {
	Kind string `json:"kind"`
}

//siogen:variant second
type Second struct{}

func (First) isTagged()   {}
func (*Second) isTagged() {}
