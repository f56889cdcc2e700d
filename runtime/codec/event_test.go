package codec

import "testing"

func TestSplitEvent(t *testing.T) {
	json := []byte(`["a \"b\"",1,{"x":{"_placeholder":true,"num":1}},{"_placeholder":true,"num":0}]`)
	if name := EventName(json); name != `a "b"` {
		t.Errorf("EventName = %q", name)
	}
	name, args := SplitEvent(json, [][]byte{[]byte("zero"), []byte("one")})
	if name != `a "b"` {
		t.Errorf("name = %q", name)
	}
	if got, want := string(args.Raw()), `[1,{"x":{"_placeholder":true,"num":0}},{"_placeholder":true,"num":1}]`; got != want {
		t.Errorf("args = %s, want %s", got, want)
	}
	if a := args.Attachments(); len(a) != 2 || string(a[0]) != "one" || string(a[1]) != "zero" {
		t.Errorf("attachments = %q", a)
	}
}

func TestSplitEventWithoutName(t *testing.T) {
	for _, json := range []string{``, `[`, `[]`, `{}`, `nonsense`} {
		if name := EventName([]byte(json)); name != "" {
			t.Errorf("EventName(%q) = %q", json, name)
		}
		if name, _ := SplitEvent([]byte(json), nil); name != "" {
			t.Errorf("SplitEvent(%q) = %q", json, name)
		}
	}
}

func TestParseAny(t *testing.T) {
	if got := string(ParseAny([]byte(`{"a":[1]}`)).Raw()); got != `{"a":[1]}` {
		t.Errorf("ParseAny = %s", got)
	}
	if got := string(ParseAny([]byte(`{"a`)).Raw()); got != "null" {
		t.Errorf("ParseAny of broken JSON = %s, want null", got)
	}
}
