package codec

import "testing"

func TestHotPathsDoNotAllocate(t *testing.T) {
	if testing.CoverMode() != "" || raceEnabled {
		t.Skip("instrumented builds allocate")
	}
	msg := message{ID: 1, Name: "n", Room: "r", Text: "t", OK: true}
	scalars := []byte(`["e",1,-2,3.5,true,"admin",{"kind":"text","n":null},"123","2026-11-22T16:14:27.000Z",1e3]`)
	event := []byte(packet)
	binary := []byte(`["e",{"_placeholder":true,"num":0},{"x":{"_placeholder":true,"num":1}}]`)
	for name, f := range map[string]func(){
		"encoding an event": func() {
			e := NewEvent(`["chat message"`)
			encodeMessage(e.Elem(), msg)
			e.Elem().Float64(1.25)
			e.Elem().Float64(1e300)
			if _, _, err := e.Finish(); err != nil {
				t.Fatal(err)
			}
			e.Free()
		},
		"decoding scalars, enums and tags": func() {
			d := NewDecoder(scalars, nil)
			d.SkipName()
			d.Arg("a")
			d.Int()
			d.Arg("b")
			d.Int8()
			d.Arg("c")
			d.Float64()
			d.Arg("d")
			d.Bool()
			d.Arg("e")
			DecodeEnum(d, "Role", "admin", "member")
			d.Arg("f")
			if d.Tag("kind") != "text" {
				t.Fatal("wrong tag")
			}
			for d.BeginObject(); d.NextField(); {
				d.Skip()
			}
			d.Arg("g")
			d.IntString(32)
			d.Arg("h")
			d.Time()
			if err := d.End(); err != nil {
				t.Fatal(err)
			}
			d.Free()
		},
		"validating an event": func() {
			if _, err := ValidateEvent(event, 0, Limits{}); err != nil {
				t.Fatal(err)
			}
		},
		"validating a binary event": func() {
			if _, err := ValidateEvent(binary, 2, Limits{}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		if n := testing.AllocsPerRun(200, f); n >= 1 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}
