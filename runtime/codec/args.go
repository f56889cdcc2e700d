package codec

// SkipName begins the arguments of an event: it reads over the event's name.
func (d *Decoder) SkipName() {
	d.BeginArgs()
	d.event = true
	if !d.NextElem() {
		d.Fail("the event has no name")
		return
	}
	if d.next() != '"' {
		d.failType("string")
		return
	}
	end, _ := scanString(d.data, d.pos+1)
	if end < 0 {
		d.failSyntax(^end)
		return
	}
	d.pos = end
}

// BeginArgs begins the arguments of an acknowledgement.
func (d *Decoder) BeginArgs() {
	d.args = true
	d.BeginArray()
}

// Arg moves to the next required argument. It returns false, with an error, when
// there is none.
func (d *Decoder) Arg(name string) bool {
	if d.nextArg(name) {
		return true
	}
	if d.err == nil {
		d.fail("required argument is missing", "")
	}
	return false
}

// OptArg moves to the next optional argument. It returns false when that is
// absent: left out, or null because another one follows.
func (d *Decoder) OptArg(name string) bool {
	if !d.nextArg(name) {
		return false
	}
	if d.IsNull() {
		d.Null()
		return false
	}
	return true
}

// OptArgNull moves to the next optional argument that may also be null. It
// returns false only when it was left out.
func (d *Decoder) OptArgNull(name string) bool { return d.nextArg(name) }

// RestArg moves to the next value of a variadic argument; false when there is no
// other.
func (d *Decoder) RestArg(name string) bool {
	i := 0
	if d.rest >= 0 {
		i = d.rest + 1
	}
	more := d.nextArg(name)
	d.rest = i
	return more
}

func (d *Decoder) nextArg(name string) bool {
	if d.ended || d.err != nil {
		d.setArg(name)
		return false
	}
	// A missing comma is no fault of the next argument's.
	more := d.NextElem()
	d.ended = !more
	d.setArg(name)
	return more
}

func (d *Decoder) setArg(name string) {
	d.argName = name
	d.rest = -1
}

// End reads over surplus arguments, checks that nothing follows, and returns the
// first error of all, a *DecodeError.
func (d *Decoder) End() error {
	if d.args && !d.ended {
		d.setArg("")
		for d.NextElem() {
			d.Skip()
		}
		d.ended = true
	}
	if d.next() != 0 || d.pos < len(d.data) {
		d.failSyntax(d.pos)
	}
	return d.Err()
}
