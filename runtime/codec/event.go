package codec

// EventName returns the name in the JSON of an event's arguments, as this
// package's Encoder or ValidateEvent's caller has it; "" when there is none.
func EventName(json []byte) string {
	d := NewDecoder(json, nil)
	defer d.Free()
	d.BeginArray()
	if !d.NextElem() {
		return ""
	}
	return d.String()
}

// SplitEvent returns the name of an event and its arguments as an array, both
// copied.
func SplitEvent(json []byte, attachments [][]byte) (name string, args Any) {
	d := NewDecoder(json, attachments)
	defer d.Free()
	var list []Any
	d.BeginArray()
	if d.NextElem() {
		name = d.String()
	}
	for d.NextElem() {
		list = append(list, d.Any())
	}
	e := NewArgs()
	defer e.Free()
	for _, a := range list {
		e.Elem().Any(a)
	}
	raw, own, err := e.Finish()
	if err != nil || d.Err() != nil {
		return name, Any{}
	}
	return name, Any{raw: append([]byte(nil), raw...), attachments: own}
}

// ParseAny returns the JSON text as an Any; null when it isn't JSON.
func ParseAny(text []byte) Any {
	var a Any
	if err := a.UnmarshalJSON(text); err != nil {
		return Any{}
	}
	return a
}
