package codec

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestDecodeErrorsSayWhereAndWhat(t *testing.T) {
	str := func(d *Decoder) { _ = d.String() }
	deep := strings.Repeat("[", 200)
	word := regexp.MustCompile(`^[a-z]+$`)
	for _, c := range []struct {
		json string
		read func(d *Decoder)
		want string
	}{
		{`["e"]`, str, `e.arg: required argument is missing`},
		{`["e",5]`, str, `e.arg: expected a string, got a number`},
		{`["e",{}]`, str, `e.arg: expected a string, got an object`},
		{`["e",[]]`, func(d *Decoder) { d.Int() }, `e.arg: expected an int, got an array`},
		{`["e",true]`, func(d *Decoder) { d.Uint8() }, `e.arg: expected a uint8, got a boolean`},
		{`["e",null]`, func(d *Decoder) { d.Int() }, `e.arg: null is not an int`},
		{`["e",null]`, func(d *Decoder) { d.Bytes() }, `e.arg: null is not bytes`},
		{`["e","x"]`, func(d *Decoder) { d.Bytes() }, `e.arg: expected bytes, got a string`},
		{`["e",{"a":1}]`, func(d *Decoder) { d.Bytes() }, `e.arg: expected bytes, got an object`},
		{`["e",{"_placeholder":true,"num":3}]`, func(d *Decoder) { d.Bytes() }, `e.arg: the attachment does not exist`},
		{`["e",5]`, func(d *Decoder) { d.Null() }, `e.arg: expected null, got a number`},
		{`["e",1.5]`, func(d *Decoder) { d.Int() }, `e.arg: 1.5 is not an int`},
		{`["e",300]`, func(d *Decoder) { d.Int8() }, `e.arg: 300 is out of the range of int8`},
		{`["e",-1]`, func(d *Decoder) { d.Uint() }, `e.arg: -1 is out of the range of uint`},
		{`["e",9007199254740992]`, func(d *Decoder) { d.Int64() }, `e.arg: 9007199254740992 is out of the range of int64: it is outside ±(2^53-1), where JSON numbers are exact`},
		{`["e",1e999]`, func(d *Decoder) { d.Float64() }, `e.arg: 1e999 is out of the range of float64`},
		{`["e",1e39]`, func(d *Decoder) { d.Float32() }, `e.arg: 1e39 is out of the range of float32`},
		{`["e",` + strings.Repeat("9", 100) + `]`, func(d *Decoder) { d.Int32() }, `e.arg: ` + strings.Repeat("9", 64) + `… is out of the range of int32`},
		{`["e",01]`, func(d *Decoder) { d.Int() }, `e.arg: invalid JSON: unexpected '1'`},
		{`["e",+1]`, func(d *Decoder) { d.Int() }, `e.arg: invalid JSON: unexpected '+'`},
		{`["e","5"]`, func(d *Decoder) { d.Int() }, `e.arg: expected an int, got a string`},
		{`["e","05"]`, func(d *Decoder) { d.IntString(64) }, `e.arg: "05" is not an int64`},
		{`["e",5]`, func(d *Decoder) { d.IntString(64) }, `e.arg: expected a string, got a number`},
		{`["e","-129"]`, func(d *Decoder) { d.IntString(8) }, `e.arg: "-129" is out of the range of int8`},
		{`["e","-1"]`, func(d *Decoder) { d.UintString(32) }, `e.arg: "-1" is out of the range of uint32`},
		{`["e","18446744073709551616"]`, func(d *Decoder) { d.UintString(64) }, `e.arg: "18446744073709551616" is out of the range of uint64`},
		{`["e","yesterday"]`, func(d *Decoder) { d.Time() }, `e.arg: "yesterday" is not a time of RFC 3339`},
		{`["e","a` + "\n" + `b"]`, str, `e.arg: invalid JSON: unexpected '\n'`},
		{`["e","abc`, str, `e.arg: invalid JSON: unexpected end`},
		{`["e","\ud80x"]`, str, `e.arg: invalid JSON: unexpected 'x'`},
		{`["e",` + deep, func(d *Decoder) { d.Skip() }, `e.arg: nested deeper than 128 levels`},
		{`["e",tru]`, func(d *Decoder) { d.Bool() }, `e.arg: invalid JSON: unexpected ']'`},
		{`["e","x" "y"]`, str, `e[0]: invalid JSON: unexpected '"'`},
		{`["e","x"] y`, str, `e: invalid JSON: unexpected 'y'`},
		{`["e","x",[1,]]`, str, `e[1]: invalid JSON: unexpected ']'`},
		{`["chat message",1]`, str, `"chat message".arg: expected a string, got a number`},
		{`[7,1]`, str, `expected a string, got a number`},
		{`[]`, str, `the event has no name`},
		{`{}`, str, `expected an array, got an object`},
		{``, str, `invalid JSON: unexpected end`},
		{`["e",""]`, func(d *Decoder) { d.MinLength(d.String(), 1) }, `e.arg: must be at least 1 character long`},
		{`["e","жжж"]`, func(d *Decoder) { d.MaxLength(d.String(), 2) }, `e.arg: must be at most 2 characters long`},
		{`["e","A"]`, func(d *Decoder) { d.Pattern(d.String(), word) }, `e.arg: "A" does not match the pattern ^[a-z]+$`},
		{`["e",2]`, func(d *Decoder) { Minimum(d, d.Int(), 3) }, `e.arg: must be at least 3`},
		{`["e",2.5]`, func(d *Decoder) { Maximum(d, d.Float64(), 1.5) }, `e.arg: must be at most 1.5`},
		{`["e",[]]`, func(d *Decoder) { d.MinItems(len(DecodeList(d, (*Decoder).Int)), 1) }, `e.arg: must have at least 1 item`},
		{`["e",[1,2]]`, func(d *Decoder) { d.MaxItems(len(DecodeList(d, (*Decoder).Int)), 1) }, `e.arg: must have at most 1 item`},
		{`["e",[1,2,"x"]]`, func(d *Decoder) { DecodeList(d, (*Decoder).Int) }, `e.arg[2]: expected an int, got a string`},
		{`["e",{"a b":{"c":[[],[1]]}}]`, func(d *Decoder) {
			DecodeMap(d, func(d *Decoder) any {
				return DecodeMap(d, func(d *Decoder) any {
					return DecodeList(d, func(d *Decoder) any { return DecodeList(d, (*Decoder).String) })
				})
			})
		}, `e.arg["a b"].c[1][0]: expected a string, got a number`},
		{`["e","` + strings.Repeat("ж", 70) + `"]`, func(d *Decoder) { DecodeEnum(d, "Role", "a") }, `e.arg: "` + strings.Repeat("ж", 64) + `…" is not a Role`},
		{`["e","\u0007\""]`, func(d *Decoder) { DecodeEnum(d, "Element", "a") }, `e.arg: "\a\"" is not an Element`},
		{`["e",{"x":{"n":1}}]`, func(d *Decoder) {
			for d.BeginObject(); d.NextField(); {
				d.Skip()
			}
			d.Require(1, "x", "y")
		}, `e.arg.y: required field is missing`},
		{`["e",[{"kind":"video","x":1}]]`, func(d *Decoder) {
			d.BeginArray()
			d.NextElem()
			d.Tag("kind")
			d.FailTag("kind", "Message", "text", "image")
		}, `e.arg[0].kind: "video" is not a Message: expected "text" or "image"`},
		{`["e",{"x":1}]`, func(d *Decoder) { d.FailTag(d.Tag("kind"), "Message") }, `e.arg.kind: required field is missing`},
		{`["e",{"a":1,"kind":3}]`, func(d *Decoder) { d.Tag("kind") }, `e.arg.kind: expected a string, got a number`},
		{`["e",7]`, func(d *Decoder) { d.Tag("kind") }, `e.arg: expected an object, got a number`},
		{`["e",1]`, func(d *Decoder) { d.Int(); d.Fail("is %s", "bad") }, `e.arg: is bad`},
		{`["e",1]`, func(d *Decoder) { d.JSON(new(string)) }, `e.arg: json: cannot unmarshal number into Go value of type string`},
		{`["e",1]`, func(d *Decoder) { d.Text(failingText{}) }, `e.arg: expected a string, got a number`},
		{`["e","` + strings.Repeat("x", 1000) + `"]`, func(d *Decoder) { d.Text(failingText{}) }, `e.arg: no text: ` + strings.Repeat("x", 247) + `…`},
	} {
		t.Run(c.want, func(t *testing.T) {
			d := NewDecoder([]byte(c.json), nil)
			defer d.Free()
			d.SkipName()
			if d.Arg("arg") {
				c.read(d)
			}
			err := d.End()
			var de *DecodeError
			if !errors.As(err, &de) {
				t.Fatalf("got %v, want a DecodeError: %s", err, c.want)
			}
			if err.Error() != c.want {
				t.Errorf("\n got %s\nwant %s", err, c.want)
			}
		})
	}
}

func TestVariadicArgumentsAreNumberedInPaths(t *testing.T) {
	d := NewDecoder([]byte(`["e",1,"a","b",3]`), nil)
	defer d.Free()
	d.SkipName()
	d.Arg("n")
	d.Int()
	for d.RestArg("names") {
		_ = d.String()
	}
	if got, want := d.End().Error(), "e.names[2]: expected a string, got a number"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAcksAndValuesHaveNoEventInTheirErrors(t *testing.T) {
	d := NewDecoder([]byte(`[null,{"n":"x"}]`), nil)
	d.BeginArgs()
	d.OptArg("err")
	d.Arg("result")
	DecodeMap(d, (*Decoder).Int)
	if got, want := d.End().Error(), "result.n: expected an int, got a string"; got != want {
		t.Errorf("ack: got %s, want %s", got, want)
	}
	d.Free()

	d = NewDecoder([]byte(`{"token":5}`), nil)
	DecodeMap(d, (*Decoder).String)
	if got, want := d.End().Error(), "token: expected a string, got a number"; got != want {
		t.Errorf("value: got %s, want %s", got, want)
	}
	d.Free()
}

func TestTheFirstErrorStaysAndEndsEveryLoop(t *testing.T) {
	d := NewDecoder([]byte(`["e",x,[1,2,3],{"a":1}]`), [][]byte{{1}})
	defer d.Free()
	d.SkipName()
	if d.Arg("a") {
		d.Int()
	}
	first := d.Err()
	if first == nil {
		t.Fatal("no error")
	}
	calls := 0
	for d.RestArg("b") || d.NextElem() || d.NextField() || d.Arg("c") || d.OptArg("o") || d.OptArgNull("p") {
		calls++
	}
	d.BeginObject()
	d.BeginArray()
	d.Skip()
	d.Null()
	zero := d.Bool() || d.String() != "" || d.Int() != 0 || d.Float64() != 0 || d.Float32() != 0 || d.Bytes() != nil ||
		!d.Time().IsZero() || d.IntString(64) != 0 || d.UintString(8) != 0 || d.Tag("k") != "" || d.Any().Attachments() != nil
	d.FailTag("k", "T", "a")
	d.Fail("another")
	d.Require(0, "x")
	if calls != 0 || zero {
		t.Errorf("a failed decoder went on: %d calls", calls)
	}
	if err := d.End(); err != first {
		t.Errorf("the error changed from %v to %v", first, err)
	}
}

func TestEncodeErrorsSayWhereAndWhat(t *testing.T) {
	type loop struct{ next *loop }
	cycle := &loop{}
	cycle.next = cycle
	var encodeLoop func(e *Encoder, v loop)
	encodeLoop = func(e *Encoder, v loop) {
		e.BeginObject()
		EncodeNullable(e.Field("n"), v.next, encodeLoop)
		e.EndObject()
	}
	nan := 0.0
	nan /= nan
	for _, c := range []struct {
		write func(e *Encoder)
		want  string
	}{
		{func(e *Encoder) { e.Elem().Float64(nan) }, `e[0]: NaN has no JSON form`},
		{func(e *Encoder) { e.Elem().Int(1); e.Elem().Float32(float32(1 / (nan - nan))) }, `e[1]: NaN has no JSON form`},
		{func(e *Encoder) { e.Elem().Int64(1 << 53) }, `e[0]: 9007199254740992 is outside ±(2^53-1), where JSON numbers are exact`},
		{func(e *Encoder) { e.Elem().Uint64(1 << 63) }, `e[0]: 9223372036854775808 is outside ±(2^53-1), where JSON numbers are exact`},
		{func(e *Encoder) {
			EncodeMap(e.Elem(), map[string][]float64{"a": {1}, "b c": {2, nan}}, func(e *Encoder, v []float64) { EncodeList(e, v, (*Encoder).Float64) })
		}, `e[0]["b c"][1]: NaN has no JSON form`},
		{func(e *Encoder) { EncodeEnum(e.Elem(), "oval", "ShapeKind", "circle") }, `e[0]: "oval" is not a ShapeKind`},
		{func(e *Encoder) { EncodeVariant(e.Elem(), "kind", "text", (*int)(nil), (*Encoder).Int) }, `e[0]: the "text" variant is nil`},
		{func(e *Encoder) { e.Elem().Time(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)) }, `e[0]: the time has no RFC 3339 form: Time.AppendText: year outside of range [0,9999]`},
		{func(e *Encoder) { e.Elem().JSON(make(chan int)) }, `e[0]: chan int has no JSON form: json: unsupported type: chan int`},
		{func(e *Encoder) { e.Elem().Text(failingText{}) }, `e[0]: no text`},
		{func(e *Encoder) { e.Fail("is bad") }, `e: is bad`},
		{func(e *Encoder) { encodeLoop(e.Elem(), *cycle) }, `e[0]` + strings.Repeat(".n", 127) + `: nested deeper than 128 levels`},
		{func(e *Encoder) {
			e.Elem().Bytes(nil)
			EncodeMap(e.Elem(), map[string]bool{"_placeholder": true}, (*Encoder).Bool)
		}, `e: data with "_placeholder": true cannot travel beside binary attachments`},
	} {
		t.Run(c.want, func(t *testing.T) {
			e := NewEvent(`["e"`)
			defer e.Free()
			c.write(e)
			_, _, err := e.Finish()
			var ee *EncodeError
			if !errors.As(err, &ee) {
				t.Fatalf("got %v, want an EncodeError: %s", err, c.want)
			}
			if err.Error() != c.want {
				t.Errorf("\n got %s\nwant %s", err, c.want)
			}
		})
	}
}

type failingText struct{}

var errNoText = errors.New("no text")

func (failingText) MarshalText() ([]byte, error) { return nil, errNoText }

func (failingText) UnmarshalText(text []byte) error { return fmt.Errorf("%w: %s", errNoText, text) }

func TestEncodeErrorWrapsTheApplicationsOwn(t *testing.T) {
	e := NewValue()
	defer e.Free()
	e.Text(failingText{})
	if _, _, err := e.FinishValue(); !errors.Is(err, errNoText) {
		t.Errorf("%v does not wrap %v", err, errNoText)
	}
}
