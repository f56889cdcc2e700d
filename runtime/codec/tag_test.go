package codec

import (
	"strings"
	"testing"
)

func TestTagIsFoundWhereverItStands(t *testing.T) {
	for _, text := range []string{
		`{"kind":"text","a":1}`,
		` { "a" : {"kind":"image"} , "b" : ["kind"] , "k\u0069nd" : "te\u0078t" } `,
		`{"a":[{}],"kind":"text","kind":"image"}`, // of a repeated tag the first counts
	} {
		d := NewDecoder([]byte(text), nil)
		for range 2 {
			if got := d.Tag("kind"); got != "text" {
				t.Errorf("%s: got %q, %v", text, got, d.Err())
			}
		}
		fields := 0
		for d.BeginObject(); d.NextField(); fields++ {
			d.Skip()
		}
		if err := d.End(); err != nil || fields < 2 {
			t.Errorf("%s: reading it after looking ahead: %d fields, %v", text, fields, err)
		}
		d.Free()
	}
}

func TestTagsStayTheirOwnWhenTheCacheIsReused(t *testing.T) {
	d := NewDecoder([]byte(`[{"k":"ab"},{"k":"ba"},{"k":"cab"},{"k":""},{"k":"`+strings.Repeat("x", 100)+`"},{"k":"ab"}]`), nil)
	defer d.Free()
	var got []string
	for d.BeginArray(); d.NextElem(); d.Skip() {
		got = append(got, d.Tag("k"))
	}
	want := "ab ba cab  " + strings.Repeat("x", 100) + " ab"
	if s := strings.Join(got, " "); s != want || d.End() != nil {
		t.Errorf("got %s, %v; want %s", s, d.Err(), want)
	}
}

func TestUnionsNestAsDeepAsTheLimit(t *testing.T) {
	// The tag stands behind the nested variant: every level looks ahead.
	type list struct{ next *list }
	var decode func(d *Decoder) list
	decode = func(d *Decoder) (v list) {
		if d.Tag("kind") != "list" {
			d.FailTag("kind", "List", "list")
			return v
		}
		for d.BeginObject(); d.NextField(); {
			if string(d.Key()) == "next" {
				v.next = Nullable(d, decode)
				continue
			}
			d.Skip()
		}
		return v
	}
	for depth, ok := range map[int]bool{DefaultMaxDepth: true, DefaultMaxDepth + 1: false} {
		text := strings.Repeat(`{"next":`, depth) + `null` + strings.Repeat(`,"kind":"list"}`, depth)
		d := NewDecoder([]byte(text), nil)
		decode(d)
		if err := d.End(); (err == nil) != ok {
			t.Errorf("%d levels: %v", depth, err)
		}
		d.Free()
	}
}
