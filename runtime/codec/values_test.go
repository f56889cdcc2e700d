package codec

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"
)

// encode returns what write writes as one value.
func encode(t *testing.T, write func(e *Encoder)) string {
	t.Helper()
	e := NewValue()
	defer e.Free()
	write(e)
	out, _, err := e.FinishValue()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestEncodedFormOfEveryType(t *testing.T) {
	zone := time.FixedZone("", 2*60*60)
	for _, c := range []struct {
		write func(e *Encoder)
		want  string
	}{
		{(*Encoder).Null, `null`},
		{func(e *Encoder) { e.Bool(true) }, `true`},
		{func(e *Encoder) { e.Int8(-128) }, `-128`},
		{func(e *Encoder) { e.Int16(-1) }, `-1`},
		{func(e *Encoder) { e.Int32(math.MaxInt32) }, `2147483647`},
		{func(e *Encoder) { e.Int64(maxSafeInteger) }, `9007199254740991`},
		{func(e *Encoder) { e.Uint8(255) }, `255`},
		{func(e *Encoder) { e.Uint16(65535) }, `65535`},
		{func(e *Encoder) { e.Uint32(math.MaxUint32) }, `4294967295`},
		{func(e *Encoder) { e.Uint(7) }, `7`},
		{func(e *Encoder) { e.Float32(0.1) }, `0.1`},
		{func(e *Encoder) { e.Float64(1e21) }, `1e+21`},
		{func(e *Encoder) { e.Float64(123456789e3) }, `123456789000`},
		{func(e *Encoder) { e.Float64(1.5e-7) }, `1.5e-7`},
		{func(e *Encoder) { e.Float64(math.Copysign(0, -1)) }, `0`},
		{func(e *Encoder) { e.IntString(math.MinInt64) }, `"-9223372036854775808"`},
		{func(e *Encoder) { e.UintString(math.MaxUint64) }, `"18446744073709551615"`},
		{func(e *Encoder) { e.String("a\"\\\n\x00\u2028ж</") }, `"a\"\\\n\u0000\u2028ж</"`},
		{func(e *Encoder) { e.String("a\xffb") }, `"a` + "\uFFFD" + `b"`},
		{func(e *Encoder) { e.Time(time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)) }, `"2026-01-02T03:04:05.000000006Z"`},
		{func(e *Encoder) { e.Time(time.Date(2026, 1, 2, 3, 4, 5, 0, zone)) }, `"2026-01-02T03:04:05+02:00"`},
		{func(e *Encoder) { e.Text(time.Unix(0, 0).UTC()) }, `"1970-01-01T00:00:00Z"`},
		{func(e *Encoder) { e.JSON(struct{ A []byte }{[]byte("x")}) }, `{"A":"eA=="}`},
		{func(e *Encoder) { e.JSON(json.RawMessage("\"\xff\"")) }, "\"\uFFFD\""},
		{func(e *Encoder) { e.Bytes([]byte{1}) }, `{"_placeholder":true,"num":0}`},
		{func(e *Encoder) { EncodeList(e, []string(nil), (*Encoder).String) }, `[]`},
		{func(e *Encoder) { EncodeList(e, []int{1, 2}, (*Encoder).Int) }, `[1,2]`},
		{func(e *Encoder) { EncodeMap(e, map[string]int(nil), (*Encoder).Int) }, `{}`},
		{func(e *Encoder) { EncodeMap(e, map[string]int{"b": 1, "a\"": 2}, (*Encoder).Int) }, `{"a\"":2,"b":1}`},
		{func(e *Encoder) { EncodeNullable(e, Ptr("x"), (*Encoder).String) }, `"x"`},
		{func(e *Encoder) { EncodeNullable(e, nil, (*Encoder).String) }, `null`},
		{func(e *Encoder) { EncodeOptional(e, Some(1), (*Encoder).Int) }, `1`},
		{func(e *Encoder) { EncodeOptional(e, Null[int](), (*Encoder).Int) }, `null`},
		{func(e *Encoder) { EncodeVariant(e, "kind", "msg", &message{Name: "n"}, encodeMessage) },
			`{"kind":"msg","id":0,"name":"n","room":"","text":"","ok":false}`},
		{func(e *Encoder) { e.Any(Any{}) }, `null`},
	} {
		if got := encode(t, c.write); got != c.want {
			t.Errorf("\n got %s\nwant %s", got, c.want)
		}
	}
}

func TestAbsentArgumentsAreNullOnlyBeforeOthers(t *testing.T) {
	for _, c := range []struct {
		write func(e *Encoder)
		want  string
	}{
		{func(e *Encoder) {}, `["e"]`},
		{func(e *Encoder) { e.Absent(); e.Absent() }, `["e"]`},
		{func(e *Encoder) { e.Elem().Int(1); e.Absent(); e.Absent(); e.Elem().Int(2) }, `["e",1,null,null,2]`},
		{func(e *Encoder) { e.Absent(); e.Elem().Int(2); e.Absent() }, `["e",null,2]`},
	} {
		e := NewEvent(`["e"`)
		c.write(e)
		if got, _, err := e.Finish(); string(got) != c.want || err != nil {
			t.Errorf("got %s, %v; want %s", got, err, c.want)
		}
		e.Free()
	}
}

func TestOptionalArguments(t *testing.T) {
	for _, c := range []struct {
		json                 string
		plain, nullable      bool
		isNull               bool
		rest                 int
		plainFirst, restText string
	}{
		{json: `["e"]`},
		{json: `["e","a"]`, plain: true},
		{json: `["e",null]`},
		{json: `["e",null,null]`, nullable: true, isNull: true},
		{json: `["e",null,"b",1,2]`, nullable: true, rest: 2},
	} {
		d := NewDecoder([]byte(c.json), nil)
		d.SkipName()
		plain := d.OptArg("a")
		if plain {
			_ = d.String()
		}
		isNull := false
		nullable := d.OptArgNull("b")
		if nullable {
			isNull = DecodeOptional(d, (*Decoder).String).IsNull()
		}
		rest := 0
		for d.RestArg("r") {
			d.Int()
			rest++
		}
		if err := d.End(); err != nil || plain != c.plain || nullable != c.nullable || isNull != c.isNull || rest != c.rest {
			t.Errorf("%s: %v, optional %v, nullable %v (null %v), %d more", c.json, err, plain, nullable, isNull, rest)
		}
		d.Free()
	}
}

func TestSurplusArgumentsAndUnknownFieldsAreIgnored(t *testing.T) {
	got, err := decodePacket([]byte(`["m" , {"id":1e0,"new":[{}],"name":"n","room":"r","text":"t","ok":true,"id":2} , {"a":[1,"]"]}, 3 ] `))
	if want := (message{2, "n", "r", "t", true}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestTimesAreReadAsJavaScriptWritesThem(t *testing.T) {
	want := time.Date(2026, 11, 22, 16, 14, 27, 123e6, time.UTC)
	for _, text := range []string{`"2026-11-22T16:14:27.123Z"`, `"2026-11-22T18:14:27.123+02:00"`, `"2026-11-22T16:14:27.123\u005a"`} {
		d := NewDecoder([]byte(text), nil)
		if got := d.Time(); !got.Equal(want) || d.End() != nil {
			t.Errorf("%s: got %v, %v", text, got, d.Err())
		}
		d.Free()
	}
}

func TestInvalidUTF8BecomesWhatJavaScriptMakesOfIt(t *testing.T) {
	// What new TextDecoder().decode gives for these bytes.
	for _, c := range []struct{ in, want string }{
		{"a\xffb", "a\uFFFDb"},
		{"\xe2\x82", "\uFFFD"},
		{"\xe2\x82\xe2\x82\xac", "\uFFFD€"},
		{"\xf0\x9f\x98", "\uFFFD"},
		{"\xf0\x9f\x98x", "\uFFFDx"},
		{"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
		{"\xc0\x80", "\uFFFD\uFFFD"},
		{"\xf4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
		{"\xf1\x80\x80\xe1\x80", "\uFFFD\uFFFD"},
	} {
		d := NewDecoder([]byte(`"`+c.in+`"`), nil)
		if got := d.String(); got != c.want || d.End() != nil {
			t.Errorf("%q: got %q, want %q, %v", c.in, got, c.want, d.Err())
		}
		d.Free()
	}
}

func TestPlaceholdersMayBeWrittenInAnyWay(t *testing.T) {
	for _, text := range []string{
		`{"_placeholder":true,"num":1}`,
		` { "num" : 1 , "_placeholder" : true } `,
		`{"num":0,"\u005fplaceholder":true,"x":{"_placeholder":true,"num":0},"num":1}`,
	} {
		d := NewDecoder([]byte(text), [][]byte{{0}, {1}})
		if got := d.Bytes(); len(got) != 1 || got[0] != 1 || d.End() != nil {
			t.Errorf("%s: got %v, %v", text, got, d.Err())
		}
		d.Free()
	}
}

func TestNestedBytesTravelAsAttachmentsInOrder(t *testing.T) {
	e := NewEvent(`["files"`)
	defer e.Free()
	encodeFiles := func(e *Encoder, v [][]byte) { EncodeList(e, v, (*Encoder).Bytes) }
	EncodeMap(e.Elem(), map[string][][]byte{"b": {{3}}, "a": {{1}, nil}}, encodeFiles)
	out, attachments, err := e.Finish()
	want := `["files",{"a":[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}],"b":[{"_placeholder":true,"num":2}]}]`
	if string(out) != want || err != nil || !reflect.DeepEqual(attachments, [][]byte{{1}, {}, {3}}) {
		t.Errorf("got %s %v %v\nwant %s", out, attachments, err, want)
	}
}

func TestOptionalInEncodingJSON(t *testing.T) {
	type form struct {
		A Optional[int] `json:"a,omitzero"`
		B Optional[int] `json:"b,omitzero"`
		C Optional[int] `json:"c,omitzero"`
	}
	in := form{B: Null[int](), C: Some(3)}
	text, err := json.Marshal(in)
	if string(text) != `{"b":null,"c":3}` || err != nil {
		t.Errorf("got %s, %v", text, err)
	}
	var out form
	if err := json.Unmarshal(text, &out); err != nil || out != in {
		t.Errorf("came back as %+v, %v", out, err)
	}
	if v, ok := out.C.Get(); v != 3 || !ok || !out.A.IsAbsent() || !out.B.IsNull() || out.C.IsNull() {
		t.Errorf("states are wrong: %+v", out)
	}
	if err := json.Unmarshal([]byte(`{"a":"x"}`), &out); err == nil {
		t.Error("a string was taken for an int")
	}
}

func TestWhatTheDecoderReturnsOutlivesTheJSON(t *testing.T) {
	data := []byte(`{"a":["x\ny","plain",{"z":1}]}`)
	d := NewDecoder(data, nil)
	m := DecodeMap(d, func(d *Decoder) []Any { return DecodeList(d, (*Decoder).Any) })
	d.Free()
	clear(data)
	v, err := m["a"][0].Value()
	if v != "x\ny" || err != nil || string(m["a"][2].Raw()) != `{"z":1}` {
		t.Errorf("got %v, %v, %s", v, err, m["a"][2].Raw())
	}
}
