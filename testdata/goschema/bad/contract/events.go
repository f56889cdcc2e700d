package contract

type ServerToClient interface {
	Connect()
	//siogen:event twice
	One()
	//siogen:event twice
	Two()
	//siogen:optional a
	Three(a string, b int)
	//siogen:arg a minimum 3
	Four(a string)
	Five(a Loop)
	//siogen:variadic a
	Six(a int)
}

type Loop struct {
	Loop [2]Loop2 `json:"loop"`
}

type Loop2 struct{ Inner *Loop3 }

type Loop3 struct{ Inner *Loop3 }

type Auth struct{ Key []byte }
