package codec

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestAnyOfKeepsBinaryDataBinary(t *testing.T) {
	inner, err := AnyOf([]byte("in"))
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]any{
		"bytes": []byte("out"),
		"any":   []any{inner, inner, nil, true, int8(-1), uint16(2), 1.5, float32(0.5), "s"},
		"raw":   json.RawMessage(` {"x": [1]} `),
		"else":  struct{ B []byte }{[]byte("b64")},
	}
	a, err := AnyOf(in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Value()
	want := map[string]any{
		"bytes": []byte("out"),
		"any":   []any{[]byte("in"), []byte("in"), nil, true, -1.0, 2.0, 1.5, 0.5, "s"},
		"raw":   map[string]any{"x": []any{1.0}},
		"else":  map[string]any{"B": "YjY0"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v\nwant %v", got, err, want)
	}
	if n := len(a.Attachments()); n != 3 {
		t.Errorf("%d attachments, want 3: %s", n, a.Raw())
	}
	var decoded struct{ Bytes []byte }
	if err := a.Decode(&decoded); err != nil || string(decoded.Bytes) != "out" {
		t.Errorf("decoded %+v, %v", decoded, err)
	}
	text, err := json.Marshal(a)
	if err != nil || !strings.Contains(string(text), `"bytes":"b3V0"`) {
		t.Errorf("marshals as %s, %v", text, err)
	}
}

func TestAnyDropsAttachmentsThatItDoesNotUse(t *testing.T) {
	d := NewDecoder([]byte(`[{"_placeholder":true,"num":0},{"f":{"_placeholder":true,"num":2}}]`), [][]byte{{0}, {1}, {2}})
	defer d.Free()
	d.BeginArgs()
	d.Arg("a")
	d.Bytes()
	d.Arg("b")
	a := d.Any()
	if err := d.End(); err != nil {
		t.Fatal(err)
	}
	if got, want := string(a.Raw()), `{"f":{"_placeholder":true,"num":0}}`; got != want || !reflect.DeepEqual(a.Attachments(), [][]byte{{2}}) {
		t.Errorf("got %s %v, want %s", got, a.Attachments(), want)
	}
}

func TestDataThatLooksLikeAPlaceholder(t *testing.T) {
	lookalike := map[string]any{"_placeholder": true, "num": 7}
	a, err := AnyOf(lookalike)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("is data in a packet without attachments", func(t *testing.T) {
		v, err := a.Value()
		if want := map[string]any{"_placeholder": true, "num": 7.0}; err != nil || !reflect.DeepEqual(v, want) {
			t.Errorf("got %v, %v", v, err)
		}
		e := NewArgs()
		defer e.Free()
		e.Elem().Any(a)
		out, _, err := e.Finish()
		if err != nil || ValidateAck(out, 0, Limits{}) != nil {
			t.Errorf("%s: %v", out, err)
		}
	})
	t.Run("is refused beside attachments", func(t *testing.T) {
		if _, err := AnyOf([]any{lookalike, []byte{1}}); err == nil {
			t.Error("no error")
		}
		escaped, err := AnyOf(json.RawMessage(`{"\u005fplaceholder":true,"num":0}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := AnyOf([]any{escaped, []byte{1}}); err == nil {
			t.Error("escaped: no error")
		}
		if _, err := AnyOf([]any{"_placeholder", map[string]any{"_placeholder": false}, []byte{1}}); err != nil {
			t.Errorf("harmless data is refused: %v", err)
		}
	})
	t.Run("is refused by any() when received with attachments", func(t *testing.T) {
		d := NewDecoder(a.Raw(), [][]byte{{1}})
		defer d.Free()
		d.Any()
		if err := d.End(); err == nil || err.Error() != "the attachment does not exist" {
			t.Errorf("got %v", err)
		}
	})
}

func TestAnyOfRefusesWhatHasNoJSONForm(t *testing.T) {
	cycle := []any{nil}
	cycle[0] = cycle
	for name, v := range map[string]any{
		"cycle": cycle, "channel": make(chan int), "raw": json.RawMessage(`{"a":}`), "two values": json.RawMessage(`1 2`),
		"integer": int64(1 << 60), "deep raw": []any{json.RawMessage(strings.Repeat("[", 128) + strings.Repeat("]", 128))},
	} {
		if a, err := AnyOf(v); err == nil {
			t.Errorf("%s: got %s", name, a.Raw())
		}
	}
}

func TestTheZeroAnyIsNull(t *testing.T) {
	var a Any
	v, err := a.Value()
	if v != nil || err != nil || string(a.Raw()) != "null" {
		t.Errorf("got %v, %v, %s", v, err, a.Raw())
	}
	text, err := json.Marshal(a)
	if string(text) != "null" || err != nil {
		t.Errorf("marshals as %s, %v", text, err)
	}
	if err := json.Unmarshal([]byte(`{"a":[1]}`), &a); err != nil || string(a.Raw()) != `{"a":[1]}` {
		t.Errorf("got %s, %v", a.Raw(), err)
	}
}
