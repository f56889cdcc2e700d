package codec

import (
	"strings"
	"testing"
)

// TestStringsOfAShortTextShareMemory, which has nothing to do with the text's own.
func TestStringsOfAShortTextShareMemory(t *testing.T) {
	for _, test := range []struct {
		name   string
		text   string
		want   []string
		allocs float64
	}{
		{"ASCII", `["first",2,"third","",{"k":"fifth"}]`, []string{"first", "third", "", "fifth"}, 1},
		{"not ASCII", `["é","日本","𝄞"]`, []string{"é", "日本", "𝄞"}, 1},
		{"escapes", `["a\nb","plain","\u00e9"]`, []string{"a\nb", "plain", "é"}, 3},
		{"a long text", `["one","two","` + strings.Repeat("y", maxShared) + `"]`, []string{"one", "two", strings.Repeat("y", maxShared)}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := []byte(test.text)
			decode := func(each func(i int, s string)) {
				d := NewDecoder(data, nil)
				defer d.Free()
				i := 0
				for d.BeginArray(); d.NextElem(); {
					switch {
					case d.next() == '"':
						each(i, d.String())
						i++
					case d.next() == '{':
						for d.BeginObject(); d.NextField(); {
							each(i, d.String())
							i++
						}
					default:
						d.Skip()
					}
				}
				if err := d.End(); err != nil || i != len(test.want) {
					t.Fatalf("%d strings, error %v", i, err)
				}
			}
			got := make([]string, len(test.want))
			decode(func(i int, s string) { got[i] = s })
			for i := range data {
				data[i] = 'X'
			}
			for i, s := range got {
				if s != test.want[i] {
					t.Errorf("string %d is %q, want %q", i, s, test.want[i])
				}
			}
			copy(data, test.text)
			if allocs := testing.AllocsPerRun(100, func() { decode(func(int, string) {}) }); allocs != test.allocs {
				t.Errorf("%v allocations, want %v", allocs, test.allocs)
			}
		})
	}
}

func TestNoStringAfterAnError(t *testing.T) {
	d := NewDecoder([]byte(`["a",1,"b"]`), nil)
	defer d.Free()
	d.BeginArray()
	for _, want := range []string{"a", "", ""} {
		d.NextElem()
		if got := d.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if d.Err() == nil {
		t.Error("no error")
	}
}
