package codec_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/runtime/codec"
)

func encodeOne(t *testing.T, enc func(e *codec.Encoder)) (text string, attachments [][]byte, err error) {
	t.Helper()
	e := codec.NewValue()
	defer e.Free()
	enc(e)
	raw, attachments, err := e.FinishValue()
	return string(raw), attachments, err
}

func decodeOne[T any](t *testing.T, text string, attachments [][]byte, dec func(d *codec.Decoder) T) (T, error) {
	t.Helper()
	d := codec.NewDecoder([]byte("["+text+"]"), attachments)
	defer d.Free()
	d.BeginArgs()
	var v T
	if d.Arg("v") {
		v = dec(d)
	}
	return v, d.End()
}

func TestValuesOfAnyKeepAttachments(t *testing.T) {
	sent := map[string]any{"list": []any{1.5, "text", nil, true}, "bytes": []byte{1, 2}}
	text, attachments, err := encodeOne(t, func(e *codec.Encoder) { codec.EncodeValue(e, sent) })
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeOne(t, text, attachments, codec.DecodeValue)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(any(sent), got); d != "" {
		t.Errorf("differs (-sent +got):\n%s", d)
	}
}

func TestRawJSONTravelsAsItIs(t *testing.T) {
	for raw, want := range map[string]string{`{"a": [1]}`: `{"a":[1]}`, "": "null"} {
		text, _, err := encodeOne(t, func(e *codec.Encoder) { codec.EncodeRaw(e, json.RawMessage(raw)) })
		if raw == "" {
			text, _, err = encodeOne(t, func(e *codec.Encoder) { codec.EncodeRaw(e, nil) })
		}
		if err != nil || text != want {
			t.Errorf("%q: got %q, %v", raw, text, err)
		}
	}
	if _, _, err := encodeOne(t, func(e *codec.Encoder) { codec.EncodeRaw(e, json.RawMessage("{")) }); err == nil {
		t.Error("what is no JSON was encoded")
	}
	got, err := decodeOne(t, `{"b":{"_placeholder":true,"num":0}}`, [][]byte{{1}}, codec.DecodeRaw)
	if err != nil || string(got) != `{"b":"AQ=="}` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestMapsWithKeysOfATypeOfTheirOwn(t *testing.T) {
	type key string
	text, _, err := encodeOne(t, func(e *codec.Encoder) {
		codec.EncodeKeyedMap(e, map[key]int{"b": 2, "a": 1}, (*codec.Encoder).Int)
	})
	if err != nil || text != `{"a":1,"b":2}` {
		t.Errorf("got %q, %v", text, err)
	}
	got, err := decodeOne(t, text, nil, func(d *codec.Decoder) map[key]int {
		return codec.DecodeKeyedMap[key](d, (*codec.Decoder).Int)
	})
	if d := cmp.Diff(map[key]int{"a": 1, "b": 2}, got); d != "" || err != nil {
		t.Errorf("%v, differs (-want +got):\n%s", err, d)
	}
}

func TestArraysHaveTheirLength(t *testing.T) {
	for text, want := range map[string]string{
		"[1,2]":          "",
		"[]":             "v: must have exactly 2 items",
		"[1]":            "v: must have exactly 2 items",
		"[1,2,3]":        "v: must have exactly 2 items",
		`[1,2,{"a":[]}]`: "v: must have exactly 2 items",
		"[1.5,2]":        "v[0]: ",
		"{}":             "v: ",
	} {
		got, err := decodeOne(t, text, nil, func(d *codec.Decoder) [2]int {
			return [2]int(codec.DecodeArray(d, 2, (*codec.Decoder).Int))
		})
		switch {
		case want == "" && (err != nil || got != [2]int{1, 2}):
			t.Errorf("%s: got %v, %v", text, got, err)
		case want != "" && (err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want):
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
